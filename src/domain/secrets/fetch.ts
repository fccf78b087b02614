import { inAccount } from '../accounts/in-account.ts';
import { actorView } from '../actor-view.ts';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, storedAccount, type ResourceId, type SecretVersion } from '../ids.ts';
import { dynamicUnavailable, isDynamic } from '../issuers/dynamic-variables.ts';
import { occurrence } from '../occurrence.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { decide } from '../rbac/check.ts';
import { secretKey, secretVersionKey } from '../records/keys.ts';
import { decodeSecretHead, newestOf, secretSealName } from '../records/secrets.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { openRecorded } from './open-recorded.ts';

/** A value as it was stored, and what its variable's annotations say of its type. */
export interface FetchedSecret {
  readonly value: Uint8Array;
  readonly mimeType: string | undefined;
}

/**
 * Reads one version of a variable's value for the acting role.
 *
 * The value is opaque bytes, exactly as stored. The attempt is audited (`fetch`) before this
 * settles, whatever the outcome.
 *
 * @param version counts from 1; the newest when omitted; by default 20 are kept
 * @throws LatchkeyError `SECRET_NOT_FOUND`: missing, empty, no such version, or invisible to the
 *   role; a caller cannot tell which
 * @throws LatchkeyError `PRIVILEGE_MISSING`: visible, but the role lacks `execute`
 * @throws LatchkeyError `DYNAMIC_SECRET_UNAVAILABLE`: its values are for an issuer to make
 * @throws LatchkeyError `SEALED_VALUE_INVALID`: the stored value was altered or moved
 * @see Conjur: GET /secrets/{account}/variable/{identifier}
 */
export async function fetchSecret(
  services: Pick<Services, 'authority' | 'keyring' | 'clock' | 'audit' | 'settings'>,
  request: ActorRequest,
  variable: ResourceId,
  version?: SecretVersion,
): Promise<FetchedSecret> {
  const { role } = request.actor;
  return audited(
    services.audit,
    (failure) => ({
      type: 'fetch',
      ...occurrence(services, request, failure),
      role,
      resource: variable,
      ...(version === undefined ? {} : { version }),
    }),
    async () => {
      const account = storedAccount(partsOf(variable).account);
      const keys = [secretKey(variable)];
      if (version !== undefined) keys.push(secretVersionKey(variable, version));
      const view = await inAccount(actorView(services, request.actor, account, keys), () => {
        throw notFound(variable);
      });
      const { graph } = view.state;
      const decision = decide(graph, role, 'execute', variable);
      if (!decision.allowed) {
        throw decision.reason === 'privilege_missing'
          ? new LatchkeyError('PRIVILEGE_MISSING', { subject: variable })
          : notFound(variable, decision.reason === 'invisible');
      }
      if (isDynamic(variable, services.settings)) throw dynamicUnavailable(view.state, variable);
      const found = sealedValue(view.records, version);
      if (found === undefined) throw notFound(variable);
      const value = await openRecorded(
        services,
        request,
        role,
        found.sealed,
        secretSealName(variable, found.version),
      );
      return { value, mimeType: graph.annotation(variable, 'conjur/mime_type')?.value };
    },
  );
}

/** The newest value, or the one asked for, among the head and the record of that version. */
function sealedValue(
  [head, older]: readonly (StoredRecord | undefined)[],
  version: number | undefined,
): { readonly version: number; readonly sealed: Uint8Array } | undefined {
  if (head === undefined) return undefined;
  const newest = newestOf(head.value);
  if (version === undefined || version === newest.version) return newest;
  const kept = decodeSecretHead(head.value).versions.some((entry) => entry.version === version);
  return kept && older !== undefined ? { version, sealed: older.value } : undefined;
}

/** @param hidden it is there, but the role may not know of it */
function notFound(variable: ResourceId, hidden = false): LatchkeyError {
  return new LatchkeyError('SECRET_NOT_FOUND', {
    subject: variable,
    ...(hidden ? { cause: new LatchkeyError('PRIVILEGE_MISSING', { subject: variable }) } : {}),
    detail: `Variable ${variable} is empty or not found.`,
  });
}
