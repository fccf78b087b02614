/** What statements come to in an account as it is: for a load as for a dry run. */
import type { AccountState } from '../accounts/account-state.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import type { ResourceId, RoleId } from '../ids.ts';
import { requireDynamicVariables } from '../issuers/dynamic-variables.ts';
import { recordMissing } from '../record-missing.ts';
import type { DomainSettings } from '../services.ts';
import type { Steps } from '../slices.ts';
import { problemOf } from './invalid.ts';
import { planSteps, type Plan, type PlanMode } from './plan.ts';
import { PlannedGraph } from './planned-graph.ts';
import type { Meaning } from './reading.ts';
import type { Branch } from './resolve.ts';
import { requireSiteRules } from './site-rules.ts';
import type { ResolvedPolicy } from './statements.ts';
import { takenHostWarnings } from './taken-hosts.ts';
import { passwordsFor } from './user-passwords.ts';

export interface Planned {
  readonly resolved: ResolvedPolicy;
  readonly plan: Plan;
  /** What the settings give to users that the policy defines. */
  readonly passwords: ReadonlyMap<RoleId, string>;
  /** Of the text, and of what it meets in the account. */
  readonly warnings: readonly string[];
}

/** What is loaded, and by whom. */
export interface PlannedLoad {
  readonly policy: ResourceId;
  readonly mode: PlanMode;
  /** Who loads. */
  readonly role: RoleId;
}

/** Where a text is loaded to, as an account is. */
export function branchOf({ account, graph }: AccountState, policy: ResourceId): Branch {
  const branch = graph.resource(policy);
  if (branch === undefined) throw recordMissing(policy);
  return { account, branch: policy, branchOwner: branch.owner };
}

/**
 * Resolves and plans, in steps between which the state must stay as it is. Reads and writes nothing.
 * @param meaning of the text in {@link branchOf}
 * @param now becomes `createdAt` of new rows, in milliseconds since the epoch
 * @throws LatchkeyError `POLICY_UNRESOLVED`: well formed, but it means nothing here, or is not allowed
 *   by the settings; `at` is the place
 * @throws LatchkeyError `POLICY_TEXT_DELETES`, `POLICY_TOO_LARGE`, `PASSWORD_WEAK`
 */
export function* planAgainst(
  { account, graph }: AccountState,
  load: PlannedLoad,
  meaning: Meaning,
  now: number,
  settings: DomainSettings,
): Steps<Planned> {
  try {
    const resolved = meaning();
    requireSiteRules(resolved, settings);
    yield;
    if (settings.dynamicSecretsEnabled) requireDynamicVariables(resolved, { account, graph }, load.role);
    yield;
    const plan = yield* planSteps(graph, resolved, load.mode, now);
    const passwords = passwordsFor(resolved, () => new PlannedGraph(graph, plan), settings);
    const warnings = [...resolved.warnings, ...takenHostWarnings(graph, resolved)];
    return { resolved, plan, passwords, warnings };
  } catch (error) {
    if (!isFailure(error, 'POLICY_INVALID')) throw error;
    const { at, advice } = error;
    throw new LatchkeyError('POLICY_UNRESOLVED', {
      detail: problemOf(error),
      ...(at === undefined ? {} : { at }),
      ...(advice === undefined ? {} : { advice }),
    });
  }
}
