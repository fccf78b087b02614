import { viewAround } from '../actor-view.ts';
import { audited } from '../audited.ts';
import type { AccountView } from '../accounts/authority.ts';
import { LatchkeyError } from '../errors.ts';
import { isIdText, partsOf, toResourceId, type Account, type RecordKey, type ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { StoredRecord } from '../../ports/store.ts';
import type { AuthorityCredentials, IssuedCertificate } from '../../ports/certificate-issuer.ts';
import { decide } from '../rbac/check.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { recordMissing } from '../record-missing.ts';
import { secretKey } from '../records/keys.ts';
import type { ActorRequest } from '../request.ts';
import { openNewest } from '../secrets/open-recorded.ts';
import type { Services } from '../services.ts';
import { textOf } from '../utf8.ts';
import { authoritySettings, type AuthoritySettings } from './authority-settings.ts';
import { durationSeconds } from './durations.ts';
import { certificateSubject } from './subject.ts';

type SignServices = Pick<Services, 'authority' | 'keyring' | 'clock' | 'audit' | 'certificates'>;

/** What a client sends, as far as it sent it. */
export interface SigningOrder {
  /** A PKCS #10 request in PEM. */
  readonly csr: string | undefined;
  /** How long the certificate is to be valid, in ISO 8601 (`P6M`); it may be cut. */
  readonly ttl: string | undefined;
}

const maxAttempts = 5;

/**
 * Issues a certificate for the acting host, from the certificate authority that a webservice
 * `conjur/<service>/ca` stands for. It says who the host is, whatever the request would like it to
 * say, and is valid for `ttl`, at most as long as the annotation `ca/max_ttl` allows and as the
 * authority itself is. The attempt is audited, whatever the outcome.
 *
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such authority
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `sign` on it, be it visible or not
 * @throws LatchkeyError `CERTIFICATE_REQUESTER_NOT_HOST`
 * @throws LatchkeyError `PARAMETER_MISSING`, `PARAMETER_INVALID`, `CSR_INVALID`, `CSR_SIGNATURE_INVALID`
 * @throws LatchkeyError `CA_MISCONFIGURED`: an annotation or a value is missing, or cannot be used
 * @see Conjur: POST /ca/{account}/{service}/sign
 */
export async function signCertificate(
  services: SignServices,
  request: ActorRequest,
  account: Account,
  service: string,
  order: SigningOrder,
): Promise<IssuedCertificate> {
  const { role } = request.actor;
  const webservice = webserviceOf(account, service);
  let issued: IssuedCertificate | undefined;
  return audited(
    services.audit,
    (failure) => ({
      type: 'certificate',
      ...occurrence(services, request, failure),
      role,
      service: webservice,
      ...(issued === undefined ? {} : { serial: issued.serial }),
    }),
    async () => {
      const { settings, records } = await readAuthority(services, request, webservice);
      const { csr, ttlSeconds } = readOrder(order);
      const subject = certificateSubject(role, service);
      const authority = await openAuthority(services, request, webservice, settings, records);
      const notBefore = services.clock.now();
      const notAfter = notBefore + Math.min(ttlSeconds, settings.maxTtlSeconds) * 1_000;
      issued = await services.certificates.issue({ csr, authority, subject, notBefore, notAfter });
      return issued;
    },
  );
}

/** A name that nothing can have is answered as one that nothing has. */
function webserviceOf(account: Account, service: string): ResourceId {
  const identifier = `conjur/${service}/ca`;
  if (isIdText(account, 'webservice', identifier)) return toResourceId(account, 'webservice', identifier);
  throw recordMissing(`${account}:webservice:${identifier}`);
}

interface ReadAuthority {
  readonly settings: AuthoritySettings;
  /** In the order of {@link keysOf}. */
  readonly records: readonly (StoredRecord | undefined)[];
}

/**
 * Decides, and reads the authority's values, at one epoch. Which values these are is known only
 * from the annotations, so that the first look is followed by one that reads them.
 */
async function readAuthority(
  services: SignServices,
  request: ActorRequest,
  webservice: ResourceId,
): Promise<ReadAuthority> {
  let keys: readonly RecordKey[] = [];
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const view = await viewAround(services, request.actor, webservice, keys);
    requireSign(view, request, webservice);
    const settings = authoritySettings(view.state.graph, webservice);
    requireOwnerMayUse(view.state.graph, webservice, settings);
    const wanted = keysOf(settings);
    if (wanted.join('\n') === keys.join('\n')) return { settings, records: view.records };
    keys = wanted;
  }
  throw new LatchkeyError('STORE_BUSY');
}

function keysOf({ chain, privateKey, password }: AuthoritySettings): readonly RecordKey[] {
  return [chain, privateKey, ...(password === undefined ? [] : [password])].map(secretKey);
}

/** In Conjur's order. An authority that is there but invisible is forbidden, not missing, as there. */
function requireSign({ state }: AccountView, { actor }: ActorRequest, webservice: ResourceId): void {
  if (!state.graph.hasResource(webservice)) throw recordMissing(webservice);
  if (!decide(state.graph, actor.role, 'sign', webservice).allowed) {
    throw new LatchkeyError('PRIVILEGE_MISSING', { subject: webservice });
  }
  if (partsOf(actor.role).kind !== 'host') throw new LatchkeyError('CERTIFICATE_REQUESTER_NOT_HOST');
}

/**
 * An authority is what its owner makes of what its owner may use. Whoever may only write the policy
 * of one service would otherwise sign with the key of another, by naming it in an annotation.
 */
function requireOwnerMayUse(
  graph: AccessGraph,
  webservice: ResourceId,
  { chain, privateKey, password }: AuthoritySettings,
): void {
  const owner = graph.resource(webservice)?.owner;
  for (const variable of [chain, privateKey, password]) {
    if (owner === undefined || variable === undefined || !graph.hasResource(variable)) continue;
    if (decide(graph, owner, 'execute', variable).allowed) continue;
    throw new LatchkeyError('CA_MISCONFIGURED', {
      detail: `${owner}, who owns ${webservice}, lacks 'execute' on ${variable}`,
    });
  }
}

function readOrder({ csr, ttl }: SigningOrder): { readonly csr: string; readonly ttlSeconds: number } {
  if (csr === undefined || csr === '') throw new LatchkeyError('PARAMETER_MISSING', { detail: 'csr' });
  if (ttl === undefined || ttl === '') throw new LatchkeyError('PARAMETER_MISSING', { detail: 'ttl' });
  const ttlSeconds = durationSeconds(ttl);
  if (ttlSeconds !== undefined) return { csr, ttlSeconds };
  throw new LatchkeyError('PARAMETER_INVALID', {
    detail: `Input is invalid ISO8601 duration string: ${ttl.slice(0, 80)}`,
  });
}

async function openAuthority(
  services: SignServices,
  request: ActorRequest,
  webservice: ResourceId,
  { chain, privateKey, password }: AuthoritySettings,
  [chainRecord, keyRecord, passwordRecord]: readonly (StoredRecord | undefined)[],
): Promise<AuthorityCredentials> {
  const valueOf = async (variable: ResourceId, record: StoredRecord | undefined): Promise<string> => {
    if (record === undefined) {
      throw new LatchkeyError('CA_MISCONFIGURED', { detail: `${variable} is empty or not found` });
    }
    return textOf(await openNewest(services, request, webservice, variable, record));
  };
  return {
    chain: await valueOf(chain, chainRecord),
    privateKey: await valueOf(privateKey, keyRecord),
    // Conjur takes a password without a value for none.
    password:
      password === undefined || passwordRecord === undefined
        ? undefined
        : await valueOf(password, passwordRecord),
  };
}
