/** Committing a change of policy that comes without a text: a verb of the API is a small policy. */
import { actorView } from '../actor-view.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { encodeEnabled } from '../accounts/account-state.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import type { Account, ResourceId } from '../ids.ts';
import type { Change } from '../../ports/store.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { encodeIssuer, type IssuerRecord } from '../records/issuers.ts';
import { authenticatorKey, issuerKey } from '../records/keys.ts';
import { changesToAdd, secretSealName } from '../records/secrets.ts';
import type { ActorRequest } from '../request.ts';
import { applyPlan } from './apply-plan.ts';
import { planChanges } from './load-changes.ts';
import type { LoadServices } from './load-request.ts';
import type { Plan } from './plan.ts';

/** What is to be committed, worked out against the account as it is. */
export interface SmallPolicy<Result> {
  readonly plan: Plan;
  /** First values of variables that the plan makes. */
  readonly values?: ReadonlyMap<ResourceId, Uint8Array>;
  /** Whether authenticators are enabled, by their webservices. */
  readonly enabled?: ReadonlyMap<ResourceId, boolean>;
  /** Issuers of dynamic secrets that are made or changed. */
  readonly issuers?: readonly IssuerRecord[];
  /** For the caller. */
  readonly result: Result;
}

/**
 * Plans a change against the account and commits it, whole or not at all, on condition that the
 * account is still the same; one that lost a race is planned again, a few times. A plan that
 * changes nothing is not committed. Nothing is audited here.
 *
 * @param planAgainst refuses, or says what is to change; called once for each attempt
 * @throws LatchkeyError `STORE_BUSY`: the account kept changing
 * @throws LatchkeyError those of `actorView`, and what `planAgainst` throws
 */
export async function commitSmallPolicy<Result>(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  planAgainst: (state: AccountState) => SmallPolicy<Result>,
): Promise<Result> {
  const { result } = await untilCommitted(async () => {
    const { state, epoch } = await actorView(services, request.actor, account, []);
    const small = planAgainst(state);
    const { changes, expectRevisions } = await planChanges(services, state, small.plan);
    const further = furtherChanges(services, small);
    if (changes.length + further.length === 0) return small;
    const { committed } = await services.authority.commit(
      account,
      { changes: [...changes, ...further], authority: true, expectEpoch: epoch, expectRevisions },
      (graph) => {
        applySmallPolicy(graph, small);
      },
    );
    return committed ? small : undefined;
  });
  return result;
}

function furtherChanges(
  { keyring, settings }: LoadServices,
  { values, enabled, issuers = [] }: SmallPolicy<unknown>,
): readonly Change[] {
  const changes: Change[] = [];
  for (const [variable, value] of values ?? []) {
    const sealed = keyring.seal(value, secretSealName(variable, 1));
    changes.push(...changesToAdd(variable, undefined, sealed, settings.secretVersions));
  }
  for (const [webservice, isEnabled] of enabled ?? []) {
    changes.push({ key: authenticatorKey(webservice), value: encodeEnabled(isEnabled) });
  }
  for (const issuer of issuers) changes.push({ key: issuerKey(issuer.policy), value: encodeIssuer(issuer) });
  return changes;
}

function applySmallPolicy(graph: AccessGraph, { plan, enabled, issuers = [] }: SmallPolicy<unknown>): void {
  applyPlan(graph, plan);
  for (const [webservice, isEnabled] of enabled ?? []) graph.setEnabled(webservice, isEnabled);
  for (const issuer of issuers) graph.issuers.put(issuer);
}
