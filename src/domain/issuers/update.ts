import { LatchkeyError } from '../errors.ts';
import type { Account } from '../ids.ts';
import { commitSmallPolicy } from '../policy/commit-plan.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planEdit } from '../policy/plan.ts';
import type { IssuerRecord } from '../records/issuers.ts';
import type { ActorRequest } from '../request.ts';
import { auditedIssuers } from './audited-issuers.ts';
import {
  withAdministrator,
  requireIssuer,
  requireOnBase,
  sealData,
  showIssuer,
  type Issuer,
} from './issuer.ts';
import { readIssuerChange, type IssuerBody, type IssuerChange } from './request.ts';

/**
 * Gives an issuer other data, a longer TTL for its secrets, or both. The attempt is audited.
 *
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: `conjur/issuers`, or the account, is missing or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `update` on `conjur/issuers`
 * @throws LatchkeyError `ISSUER_NOT_FOUND`
 * @throws LatchkeyError `ISSUER_FIELD_INVALID`: also a TTL that is shorter than the present one
 * @throws LatchkeyError `ISSUER_DATA_INVALID`
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: PATCH /issuers/{account}/{identifier}
 */
export async function updateIssuer(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  id: string,
  body: IssuerBody,
): Promise<Issuer> {
  return auditedIssuers(services, request, account, { operation: 'update', issuer: id }, async () => {
    const commit = commitSmallPolicy(services, request, account, (state) => {
      requireOnBase(state, request, 'update', (missing) => missing);
      const present = requireIssuer(state, id);
      const changed = changedIssuer(services, account, id, present, readIssuerChange(body));
      const plan = planEdit(state.graph, () => undefined);
      return { plan, issuers: changed === present ? [] : [changed], result: changed };
    });
    return showIssuer(services, request, account, await withAdministrator(account, commit));
  });
}

function changedIssuer(
  services: LoadServices,
  account: Account,
  id: string,
  present: IssuerRecord,
  { maxTtlSeconds, data }: IssuerChange,
): IssuerRecord {
  if (maxTtlSeconds === undefined && data === undefined) return present;
  if (maxTtlSeconds !== undefined && maxTtlSeconds < present.maxTtlSeconds) {
    throw new LatchkeyError('ISSUER_FIELD_INVALID', {
      detail: 'The new max_ttl must be equal or higher than the current max_ttl',
    });
  }
  return {
    ...present,
    maxTtlSeconds: maxTtlSeconds ?? present.maxTtlSeconds,
    sealedData: data === undefined ? present.sealedData : sealData(services, account, id, data),
    modifiedAt: services.clock.now(),
  };
}
