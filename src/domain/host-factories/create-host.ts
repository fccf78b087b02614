import { audited } from '../audited.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { rowChanges } from '../accounts/row-changes.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import { newApiKey, sealApiKey } from '../authn/api-key.ts';
import { originAllowed } from '../cidr.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, resourceOf, roleOf, type ResourceId, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { apiKeyAnnotation, usesApiKey } from '../policy/site-rules.ts';
import type { Change } from '../../ports/store.ts';
import { decodeCredential, encodeCredential, type Credential } from '../records/credentials.ts';
import { hashOfToken } from '../records/host-factory-tokens.ts';
import { credentialKey } from '../records/keys.ts';
import type { RequestContext } from '../request.ts';
import { describeResources, type ResourceDetails } from '../resources/details.ts';
import type { Services } from '../services.ts';
import { findToken, type FoundToken } from './find-token.ts';
import { hostOf, type HostOrder } from './host-order.ts';
import { rowsOfHost } from './host-rows.ts';
import { layersOf } from './layers.ts';

/** A host that was made, or whose API key was replaced. */
export interface CreatedHost {
  /** Shown this once. */
  readonly apiKey: string;
  readonly details: ResourceDetails;
}

type HostServices = Pick<Services, 'authority' | 'keyring' | 'clock' | 'audit' | 'settings' | 'attempts'>;

/** What is known of an attempt by the time that it ends. */
interface Attempt {
  hostFactory?: ResourceId;
  host?: RoleId;
  rotates: boolean;
}

/**
 * Makes a host with a host-factory token: owned by the factory, and a member of the factory's layers.
 * A host that is there and owned by this very factory gets a new API key and stays as it is otherwise.
 * The attempt is audited, whatever the outcome.
 *
 * @param token as the client presented it; undefined where it presented none
 * @throws LatchkeyError `HOST_FACTORY_TOKEN_INVALID`: missing, unknown, expired, or used from an address
 *   that it is not for; a caller cannot tell which
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, instead of that, where too many failed of late
 * @throws LatchkeyError `HOST_ID_MISSING`, `PARAMETER_INVALID`
 * @throws LatchkeyError `POLICY_INVALID`: by the settings, hosts have to say that they use an API key
 * @throws LatchkeyError `HOST_NOT_OWNED`: a host, or only its role, is there and is not this factory's
 * @throws LatchkeyError `STORE_BUSY`: the account kept changing
 * @see Conjur: POST /host_factories/hosts
 */
export async function createHostByFactory(
  services: HostServices,
  request: RequestContext,
  token: string | undefined,
  order: HostOrder,
): Promise<CreatedHost> {
  // Whose it is meant to be is not known before it is found.
  const attempted = { request, account: services.settings.account, name: 'host_factories' };
  return services.attempts.byToken(attempted, () => createAudited(services, request, token, order));
}

async function createAudited(
  services: HostServices,
  request: RequestContext,
  token: string | undefined,
  order: HostOrder,
): Promise<CreatedHost> {
  const known: Attempt = { rotates: false };
  return audited(
    services.audit,
    (failure) => ({
      type: 'host-factory',
      operation: known.rotates ? 'rotate-host' : 'create-host',
      ...occurrence(services, request, failure),
      role: known.hostFactory ?? 'not-found',
      hostFactory: known.hostFactory ?? 'not-found',
      ...(known.host === undefined ? {} : { subjectRole: known.host }),
    }),
    () =>
      untilCommitted(async () => {
        const found = await usableToken(services, request, token, known);
        return tryToCreate(services, found, order, known);
      }),
  );
}

async function usableToken(
  services: HostServices,
  request: RequestContext,
  text: string | undefined,
  known: Attempt,
): Promise<FoundToken> {
  const found = text === undefined ? undefined : await findToken(services, hashOfToken(text));
  if (found === undefined) {
    throw new LatchkeyError('HOST_FACTORY_TOKEN_INVALID', { detail: 'no such host factory token' });
  }
  const { hostFactory, expiresAt, cidr } = found.token;
  known.hostFactory = hostFactory;
  if (expiresAt <= services.clock.now()) {
    throw new LatchkeyError('HOST_FACTORY_TOKEN_INVALID', { detail: 'the host factory token has expired' });
  }
  if (!originAllowed(cidr, request.clientIp)) {
    const detail = 'the host factory token is not for this address';
    throw new LatchkeyError('HOST_FACTORY_TOKEN_INVALID', { detail });
  }
  return found;
}

/** @returns undefined when the account changed in between */
async function tryToCreate(
  services: HostServices,
  { token, view }: FoundToken,
  order: HostOrder,
  known: Attempt,
): Promise<CreatedHost | undefined> {
  const { state, epoch } = view;
  const { account } = state;
  const host = hostOf(account, order);
  known.host = host;
  known.rotates = state.graph.hasRole(host) || state.graph.hasResource(resourceOf(host));
  const apiKey = newApiKey();
  let changes: readonly Change[];
  if (known.rotates) {
    requireOwned(state, host, token.hostFactory);
    changes = [await credentialChange(services, state, host, apiKey)];
  } else {
    requireApiKeySaid(services, host, order);
    const now = services.clock.now();
    const layers = layersOf(state.graph, token.hostFactory);
    const rows = rowsOfHost(host, token.hostFactory, layers, order.annotations, now);
    const edits = rows.map((row) => ({ row, there: true }));
    changes = [
      ...(await rowChanges(services, state, edits, edits.length)),
      await credentialChange(services, state, host, apiKey),
    ];
  }
  const result = await services.authority.commit(account, { changes, authority: true, expectEpoch: epoch });
  if (!result.committed) return undefined;
  const [details] = await describeResources(services, state, [resourceOf(host)]);
  // It is gone again already.
  if (details === undefined) throw new LatchkeyError('STORE_BUSY');
  return { apiKey, details };
}

/** The rule that holds for hosts in policies, too. */
function requireApiKeySaid({ settings }: HostServices, host: RoleId, { annotations }: HostOrder): void {
  if (settings.apiKeyByDefault || usesApiKey(annotations.get(apiKeyAnnotation))) return;
  throw new LatchkeyError('POLICY_INVALID', {
    detail: `Host '${partsOf(host).identifier}' needs the annotation '${apiKeyAnnotation}' with the value true here`,
  });
}

function requireOwned({ graph }: AccountState, host: RoleId, hostFactory: ResourceId): void {
  const owned = graph.resource(resourceOf(host))?.owner === roleOf(hostFactory);
  if (!owned || !graph.hasRole(host)) throw new LatchkeyError('HOST_NOT_OWNED');
}

/** The host's credential with this API key; where it may authenticate from stays as it was. */
async function credentialChange(
  services: HostServices,
  state: AccountState,
  host: RoleId,
  apiKey: string,
): Promise<Change> {
  const key = credentialKey(host);
  const { records } = await services.authority.records(state.account, [key]);
  const present: Partial<Credential> =
    records[0] === undefined || !state.graph.hasRole(host) ? {} : decodeCredential(records[0].value);
  const value = encodeCredential({
    sealedApiKey: sealApiKey(services.keyring, host, apiKey),
    passwordHash: present.passwordHash,
    restrictedTo: present.restrictedTo ?? [],
    updatedAt: services.clock.now(),
  });
  return { key, value };
}
