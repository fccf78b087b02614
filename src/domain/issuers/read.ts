import { LatchkeyError } from '../errors.ts';
import type { Account } from '../ids.ts';
import { decide } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { auditedIssuers } from './audited-issuers.ts';
import {
  forbidden,
  issuerMissing,
  issuerPolicyOf,
  requireIssuer,
  requireOnBase,
  showIssuer,
  stateFor,
  type Issuer,
} from './issuer.ts';

type ReadServices = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock'>;

/**
 * Shows one issuer. The attempt is audited.
 *
 * @param projection `minimal` asks for no more than the longest TTL, and is audited as that
 * @throws LatchkeyError `ISSUER_NOT_FOUND`: missing, or its policy is invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `read` on its policy
 * @throws LatchkeyError `ISSUER_DATA_INVALID`: another projection
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such account
 * @see Conjur: GET /issuers/{account}/{identifier}
 */
export async function showOneIssuer(
  services: ReadServices,
  request: ActorRequest,
  account: Account,
  id: string,
  projection: string | undefined,
): Promise<Issuer> {
  const operation = projection === 'minimal' ? 'fetch minimum' : 'fetch';
  return auditedIssuers(services, request, account, { operation, issuer: id }, async () => {
    const state = await stateFor(services, request, account);
    const policy = issuerPolicyOf(account, id);
    if (policy === undefined) throw issuerMissing(id);
    const decision = decide(state.graph, request.actor.role, 'read', policy);
    if (!decision.allowed) {
      throw decision.reason === 'privilege_missing'
        ? new LatchkeyError('PRIVILEGE_MISSING', { subject: policy })
        : issuerMissing(id);
    }
    const record = requireIssuer(state, id);
    if (projection !== undefined && projection !== 'minimal') {
      throw new LatchkeyError('ISSUER_DATA_INVALID', {
        detail: 'Value provided for projection query param is invalid',
      });
    }
    return showIssuer(services, request, account, record);
  });
}

/** What a list of issuers can be sorted by. */
const sortKeys = {
  id: ({ id }: Issuer) => id,
  account: ({ account }: Issuer) => account,
  max_ttl: ({ maxTtlSeconds }: Issuer) => maxTtlSeconds,
  type: ({ type }: Issuer) => type,
  created_at: ({ createdAt }: Issuer) => createdAt,
  modified_at: ({ modifiedAt }: Issuer) => modifiedAt,
} as const;

/**
 * The issuers of an account, all of them, by their ids. The attempt is audited.
 *
 * @param sort `id`, `account`, `max_ttl`, `type`, `created_at` or `modified_at`, ascending
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `update` on `conjur/issuers`, be it visible or not
 * @throws LatchkeyError `ISSUER_FIELD_INVALID`: something else to sort by
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such account
 * @see Conjur: GET /issuers/{account}
 */
export async function listIssuers(
  services: ReadServices,
  request: ActorRequest,
  account: Account,
  sort: string | undefined,
): Promise<readonly Issuer[]> {
  return auditedIssuers(services, request, account, { operation: 'list', issuer: '*' }, async () => {
    const state = await stateFor(services, request, account);
    requireOnBase(state, request, 'update', forbidden);
    const issuers: Issuer[] = [];
    for (const record of state.graph.issuers.all()) {
      issuers.push(await showIssuer(services, request, account, record));
    }
    return sort === undefined || issuers.length === 0 ? issuers : sortedBy(issuers, sort);
  });
}

function sortedBy(issuers: readonly Issuer[], sort: string): readonly Issuer[] {
  const keyOf = isSortKey(sort) ? sortKeys[sort] : undefined;
  if (keyOf === undefined) {
    throw new LatchkeyError('ISSUER_FIELD_INVALID', {
      detail: `the sort key ${sort} is not a valid field of the issuer object`,
    });
  }
  return [...issuers].sort((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)];
    return a === b ? 0 : a < b ? -1 : 1;
  });
}

function isSortKey(text: string): text is keyof typeof sortKeys {
  return Object.hasOwn(sortKeys, text);
}
