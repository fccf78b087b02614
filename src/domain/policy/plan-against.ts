/** What statements come to in an account as it is: for a load as for a dry run. */
import type { AccountState } from '../accounts/account-state.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import type { ResourceId, RoleId } from '../ids.ts';
import { requireDynamicVariables } from '../issuers/dynamic-variables.ts';
import { recordMissing } from '../record-missing.ts';
import type { DomainSettings } from '../services.ts';
import { problemOf } from './invalid.ts';
import { planLoad, type Plan, type PlanMode } from './plan.ts';
import { PlannedGraph } from './planned-graph.ts';
import { resolvePolicy } from './resolve.ts';
import { requireSiteRules } from './site-rules.ts';
import type { ResolvedPolicy, Statement } from './statements.ts';
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

/**
 * Resolves and plans. Reads and writes nothing.
 * @param now becomes `createdAt` of new rows, in milliseconds since the epoch
 * @throws LatchkeyError `POLICY_UNRESOLVED`: well formed, but it means nothing here, or is not allowed
 *   by the settings; `at` is the place
 * @throws LatchkeyError `POLICY_TEXT_DELETES`, `POLICY_TOO_LARGE`, `PASSWORD_WEAK`
 */
export function planAgainst(
  { account, graph }: AccountState,
  load: {
    readonly policy: ResourceId;
    readonly statements: readonly Statement[];
    readonly mode: PlanMode;
    /** Who loads. */
    readonly role: RoleId;
  },
  now: number,
  settings: DomainSettings,
): Planned {
  const branch = graph.resource(load.policy);
  if (branch === undefined) throw recordMissing(load.policy);
  try {
    const resolved = resolvePolicy(load.statements, {
      account,
      branch: load.policy,
      branchOwner: branch.owner,
    });
    requireSiteRules(resolved, settings);
    if (settings.dynamicSecretsEnabled) requireDynamicVariables(resolved, { account, graph }, load.role);
    const plan = planLoad(graph, resolved, load.mode, now);
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
