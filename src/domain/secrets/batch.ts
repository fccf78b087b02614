import { inAccount } from '../accounts/in-account.ts';
import { actorView } from '../actor-view.ts';
import { auditedEach } from '../audited.ts';
import type { AuditEvent } from '../audit/events.ts';
import { LatchkeyError } from '../errors.ts';
import { isIdText, partsOf, splitId, storedAccount, toResourceId, type ResourceId } from '../ids.ts';
import { dynamicUnavailable, isDynamic } from '../issuers/dynamic-variables.ts';
import { occurrence } from '../occurrence.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { decide } from '../rbac/check.ts';
import { secretKey } from '../records/keys.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { openNewest } from './open-recorded.ts';

export interface BatchedSecret {
  readonly variable: ResourceId;
  readonly value: Uint8Array;
}

/** What is known of one requested id. */
interface Requested {
  readonly id: string;
  readonly standing: 'allowed' | 'refused' | 'missing';
  readonly record: StoredRecord | undefined;
  /** Why a dynamic variable has no value; absent for others. */
  readonly dynamic?: LatchkeyError;
}

const maxDynamic = 10;

/**
 * Reads the newest values of several variables: all of them, or none. Each has an audit record
 * (`fetch`), whatever the outcome.
 *
 * @param ids full ids; one that is named twice counts once
 * @returns sorted by id
 * @throws LatchkeyError `PRIVILEGE_MISSING`: one exists on which the role lacks `execute`, be it visible
 *   or not; this goes before what is missing
 * @throws LatchkeyError `DYNAMIC_SECRET_UNAVAILABLE`: the value of one is for an issuer to make, or there
 *   are more than ten such
 * @throws LatchkeyError `SECRET_NOT_FOUND`: one is missing, malformed, or has no value
 * @see Conjur: GET /secrets?variable_ids=
 */
export async function fetchSecrets(
  services: Pick<Services, 'authority' | 'keyring' | 'clock' | 'audit' | 'settings'>,
  request: ActorRequest,
  ids: readonly string[],
): Promise<readonly BatchedSecret[]> {
  const { role } = request.actor;
  const unique = [...new Set(ids)];
  const events = (failure: unknown): readonly AuditEvent[] =>
    unique.map((id) => ({ type: 'fetch', ...occurrence(services, request, failure), role, resource: id }));
  return auditedEach(services.audit, events, async () => {
    const requested = await lookUp(services, request, unique);
    const refused = requested.find(({ standing }) => standing === 'refused');
    if (refused !== undefined) throw new LatchkeyError('PRIVILEGE_MISSING', { subject: refused.id });
    requireFewDynamic(requested);
    const missing = requested.find(({ standing }) => standing === 'missing');
    if (missing !== undefined) throw notFound(missing.id);
    const found: BatchedSecret[] = [];
    for (const { id, record, dynamic } of requested) {
      if (dynamic !== undefined) throw dynamic;
      if (record === undefined) throw notFound(id);
      const { account, kind, identifier } = splitId(id) ?? { account: '', kind: '', identifier: '' };
      const variable = toResourceId(account, kind, identifier);
      found.push({ variable, value: await openNewest(services, request, role, variable, record) });
    }
    return found.sort((one, other) => (one.variable < other.variable ? -1 : 1));
  });
}

/** One round trip for each account that is named; in the order of the ids. */
async function lookUp(
  services: Pick<Services, 'authority' | 'settings'>,
  request: ActorRequest,
  ids: readonly string[],
): Promise<readonly Requested[]> {
  const known = new Map<string, Requested>();
  for (const [account, here] of byAccount(ids)) {
    const keys = here.map(secretKey);
    const reading = actorView(services, request.actor, storedAccount(account), keys);
    const view = await inAccount(reading, () => undefined);
    if (view === undefined) continue;
    for (const [index, variable] of here.entries()) {
      const decision = decide(view.state.graph, request.actor.role, 'execute', variable);
      const exists = view.state.graph.hasResource(variable);
      const standing = decision.allowed ? 'allowed' : exists ? 'refused' : 'missing';
      const dynamic =
        standing === 'allowed' && isDynamic(variable, services.settings)
          ? { dynamic: dynamicUnavailable(view.state, variable) }
          : {};
      known.set(variable, { id: variable, standing, record: view.records[index], ...dynamic });
    }
  }
  return ids.map((id) => known.get(id) ?? { id, standing: 'missing', record: undefined });
}

/** @throws LatchkeyError `DYNAMIC_SECRET_UNAVAILABLE`: too many at once */
function requireFewDynamic(requested: readonly Requested[]): void {
  if (requested.filter(({ dynamic }) => dynamic !== undefined).length <= maxDynamic) return;
  throw new LatchkeyError('DYNAMIC_SECRET_UNAVAILABLE', {
    detail:
      'Number of dynamic secrets requested exceeds the maximum allowed in a single request ' +
      `(${maxDynamic})`,
  });
}

/** The ids that something can have. */
function byAccount(ids: readonly string[]): ReadonlyMap<string, readonly ResourceId[]> {
  const found = new Map<string, ResourceId[]>();
  for (const id of ids) {
    const variable = toVariable(id);
    if (variable === undefined) continue;
    const { account } = partsOf(variable);
    const here = found.get(account);
    if (here === undefined) found.set(account, [variable]);
    else here.push(variable);
  }
  return found;
}

function toVariable(id: string): ResourceId | undefined {
  const parts = splitId(id);
  if (parts === undefined || !isIdText(parts.account, parts.kind, parts.identifier)) return undefined;
  return toResourceId(parts.account, parts.kind, parts.identifier);
}

function notFound(id: string): LatchkeyError {
  return new LatchkeyError('SECRET_NOT_FOUND', {
    subject: id,
    detail: `Variable ${id} is empty or not found.`,
  });
}
