/** Reading a policy back, as it is in effect. */
import type { RecordedParameters } from '../audit/parameters.ts';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, type ResourceId, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { visibleView } from '../rbac/visible-view.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import type { Entry } from './entries.ts';
import { scopeOf } from './scope.ts';
import { statementsOf } from './tree.ts';

/** What a caller asks for, as text; each may be left out. */
export interface EffectivePolicyQuery {
  readonly depth?: string;
  readonly limit?: string;
}

const maxDepth = 64;
const maxLimit = 100_000;

/**
 * The statements that make up a policy as it is now, whoever loaded them, as far as the caller may
 * see what they are about. The caller must hold the role that owns the policy. Audited as `read`.
 *
 * @param query `depth`: how many more slashes than the policy's own an identifier may have, 0 to 64;
 *   `limit`: how many resources (but for users), annotations and permissions there may be, 0 to
 *   100,000; by default the most of each
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the policy is missing, or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: the role does not hold the owner
 * @throws LatchkeyError `EFFECTIVE_POLICY_PARAMETER_INVALID`, `EFFECTIVE_POLICY_TOO_LARGE`
 * @see Conjur: GET /policies/{account}/policy/{identifier}
 */
export async function fetchEffectivePolicy(
  services: Pick<Services, 'authority' | 'clock' | 'audit'>,
  request: ActorRequest,
  policy: ResourceId,
  query: EffectivePolicyQuery,
): Promise<readonly Entry[]> {
  const { role } = request.actor;
  return audited(
    services.audit,
    (failure) => ({
      type: 'policy',
      ...occurrence(services, request, failure),
      role,
      policy,
      operation: 'read',
      ...(failure === undefined ? { parameters: recorded(policy, role, query) } : {}),
    }),
    async () => {
      const { graph } = (await visibleView(services, request.actor, policy)).state;
      const owner = graph.resource(policy)?.owner;
      if (owner === undefined) throw recordMissing(policy);
      if (!graph.holds(role, owner)) throw new LatchkeyError('PRIVILEGE_MISSING', { subject: policy });
      const depth = numberOf('depth', query.depth, maxDepth);
      const limit = numberOf('limit', query.limit, maxLimit);
      const scope = scopeOf(graph, role, policy, depth);
      if (scope.size > limit) throw tooLarge(policy, limit, scope.size);
      return statementsOf(graph, scope);
    },
  );
}

/** What was asked for, by the names and in the order of Conjur's records. */
function recorded(policy: ResourceId, role: RoleId, query: EffectivePolicyQuery): RecordedParameters {
  const { account, identifier } = partsOf(policy);
  const { depth, limit } = query;
  return [
    ['account', account],
    ['identifier', identifier],
    ...(depth === undefined ? [] : [['depth', depth] as const]),
    ...(limit === undefined ? [] : [['limit', limit] as const]),
    ['role_id', role],
  ];
}

function numberOf(name: string, text: string | undefined, most: number): number {
  if (text === undefined) return most;
  const number = /^\+?\d{1,10}$/.test(text) ? Number(text) : -1;
  if (number >= 0 && number <= most) return number;
  throw new LatchkeyError('EFFECTIVE_POLICY_PARAMETER_INVALID', {
    detail: `Param '${name}' should be a number from 0 up to ${most}`,
  });
}

function tooLarge(policy: ResourceId, limit: number, size: number): LatchkeyError {
  return new LatchkeyError('EFFECTIVE_POLICY_TOO_LARGE', {
    subject: policy,
    detail: `Policy max allowed 'limit' = ${limit} exceeded. Value for policy is: ${size}`,
  });
}
