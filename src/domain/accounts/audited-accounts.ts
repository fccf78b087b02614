import { audited } from '../audited.ts';
import type { AccountEvent } from '../audit/events.ts';
import type { RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { RequestContext } from '../request.ts';
import type { Services } from '../services.ts';

/**
 * Runs an act on accounts and records it.
 * @param nameOf the name that it is about, as far as it is known when it ends
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`, and what the act throws
 */
export async function auditedAccounts<Result>(
  services: Pick<Services, 'audit' | 'clock'>,
  request: RequestContext,
  role: RoleId,
  operation: AccountEvent['operation'],
  nameOf: () => string | undefined,
  act: () => Promise<Result>,
): Promise<Result> {
  const describe = (failure: unknown): AccountEvent => {
    const name = nameOf();
    const about = name === undefined ? {} : { account: name };
    return { type: 'account', operation, ...occurrence(services, request, failure), role, ...about };
  };
  return audited(services.audit, describe, act);
}
