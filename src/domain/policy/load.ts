/** Loading a policy: from text to one commit. */
import { createHash, webcrypto } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { newLine } from '../accounts/line.ts';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { deflated, deflatedApart } from '../records/policy-versions.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { inSlices } from '../slices.ts';
import { applyPlan, editsOf } from './apply-plan.ts';
import { viewForLoad } from './branch-access.ts';
import { recordChanges } from './load-changes.ts';
import { recordPlan } from './load-events.ts';
import type { CreatedRole, LoadRequest, LoadServices } from './load-request.ts';
import { branchOf, planAgainst } from './plan-against.ts';
import type { PlanMode } from './plan.ts';
import { readText, type Meaning, type ReadText } from './reading.ts';
import type { Branch } from './resolve.ts';
import { passwordHash } from './user-passwords.ts';

/** What a load did. */
export interface LoadedPolicy {
  /** The users and hosts that it made, each with its API key: shown this once. */
  readonly createdRoles: readonly CreatedRole[];
  /** Of the policy, counted from 1. */
  readonly version: number;
  readonly warnings: readonly string[];
}

/** A load that lost this many races is given up, earlier if that has taken long: to plan again costs time, too. */
const maxAttempts = 20;
const maxAttemptsMs = 10_000;
/** Of all accounts, as loads that meet another one are few. */
const losers = newLine();

/**
 * Loads a policy text: all of it in one commit, or nothing.
 *
 * The load is planned against the account as it is and committed on condition that it still is;
 * a load that lost such a race is planned again, a few times. Every row that it adds, changes or
 * removes is audited before this settles; so is a load that failed.
 *
 * @param mode `create` only adds; `update` also changes and deletes what is named; `replace` also
 *   removes what the policy defined before and no longer does
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the policy is missing, or invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `create` (or, for the other modes, `update`) on it;
 *   for `replace` also no `update` on something below it
 * @throws LatchkeyError `POLICY_TEXT_MISSING`, `POLICY_TEXT_DELETES`, `POLICY_TOO_LARGE`
 * @throws LatchkeyError `POLICY_INVALID`, `POLICY_UNRESOLVED`: the text cannot be read, or it means nothing
 *   here or is not allowed by the settings; with line and column
 * @throws LatchkeyError `PASSWORD_WEAK`: the one that the settings give to a user
 * @throws LatchkeyError `POLICY_CONFLICT`: other changes kept coming in between
 * @see Conjur: POST, PATCH and PUT /policies/{account}/policy/{identifier}
 */
export async function loadPolicy(
  services: LoadServices & Pick<Services, 'passwords'>,
  request: ActorRequest,
  policy: ResourceId,
  mode: PlanMode,
  text: Uint8Array,
): Promise<LoadedPolicy> {
  return auditedFailure(services, request, policy, mode, async () => {
    const { state } = await viewForLoad(services, request, policy, mode);
    const read = readText(text, { maxBytes: services.settings.maxPolicyBytes });
    const [meaning, kept] = await Promise.all([meaningFor(read, branchOf(state, policy)), keptText(text)]);
    const load = { policy, mode, text, ...kept };
    const giveUpAt = services.clock.now() + maxAttemptsMs;
    const first = await tryToLoad(services, request, load, meaning);
    if ('version' in first) return first;
    return losers(async () => {
      let lost: LostRace = first;
      let reading = meaning;
      for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
        // Whoever was faster may have more to do in this turn.
        await nextTurn();
        if (lost.branch !== undefined) reading = await meaningFor(read, lost.branch);
        const attempted = await tryToLoad(services, request, load, reading);
        if ('version' in attempted) return attempted;
        if (services.clock.now() > giveUpAt) break;
        lost = attempted;
      }
      throw new LatchkeyError('POLICY_CONFLICT');
    });
  });
}

/** What a text means, and where it means that. */
interface Reading {
  readonly branch: Branch;
  readonly meaning: Meaning;
}

async function meaningFor(read: ReadText, branch: Branch): Promise<Reading> {
  return { branch, meaning: await read.meaningIn(branch) };
}

/** Beyond this a text is hashed and deflated by other threads. */
const maxBytesAtOnce = 128 * 1024;

async function keptText(text: Uint8Array): Promise<Pick<LoadRequest, 'sha256' | 'deflated'>> {
  if (text.byteLength <= maxBytesAtOnce) {
    return { sha256: createHash('sha256').update(text).digest('hex'), deflated: deflated(text) };
  }
  const [digest, apart] = await Promise.all([webcrypto.subtle.digest('SHA-256', text), deflatedApart(text)]);
  return { sha256: Buffer.from(digest).toString('hex'), deflated: apart };
}

/** A load that did not come about: the state changed, perhaps so that the text has to be read anew. */
interface LostRace {
  readonly branch: Branch | undefined;
}

/** Plans against the present state and commits. */
async function tryToLoad(
  services: LoadServices & Pick<Services, 'passwords'>,
  request: ActorRequest,
  load: LoadRequest,
  { branch, meaning }: Reading,
): Promise<LoadedPolicy | LostRace> {
  const lost: LostRace = { branch: undefined };
  // INVARIANT: the epoch of the read, not of the state, which may have moved on since the decision.
  const { state, epoch } = await viewForLoad(services, request, load.policy, load.mode);
  const present = branchOf(state, load.policy);
  if (present.branchOwner !== branch.branchOwner) return { branch: present };
  const plannedAt = state.epoch;
  const planning = planAgainst(
    state,
    { ...load, role: request.actor.role },
    meaning,
    services.clock.now(),
    services.settings,
  );
  const planned = await inSlices(planning, () => state.epoch === plannedAt);
  if (planned === undefined) return lost;
  const { plan, passwords, warnings } = planned;
  const recorded = await recordChanges(services, request, state, plan, load, {
    roles: [...passwords.keys()],
    hash: (role, present) => passwordHash(services.passwords, passwords.get(role) ?? '', present),
  });
  const { changes, expectRevisions } = recorded;
  // What the graph needs is made ready before, so that the load counts in one instant and not in slices.
  const prepared = await inSlices(state.graph.prepare(editsOf(plan)));
  try {
    const result = await services.authority.commit(
      state.account,
      { changes, authority: true, expectEpoch: epoch, expectRevisions },
      (graph) => {
        applyPlan(graph, plan, prepared);
      },
    );
    if (!result.committed) return lost;
  } finally {
    if (prepared !== undefined) await inSlices(prepared.release());
  }
  await recordPlan(services, request, load.policy, recorded.version, plan);
  return { createdRoles: recorded.createdRoles, version: recorded.version, warnings };
}

/** Records a load that failed; one that succeeded is recorded row by row. */
async function auditedFailure(
  services: LoadServices,
  request: ActorRequest,
  policy: ResourceId,
  mode: PlanMode,
  act: () => Promise<LoadedPolicy>,
): Promise<LoadedPolicy> {
  return audited(
    services.audit,
    (failure) =>
      failure === undefined
        ? undefined
        : {
            type: 'policy',
            ...occurrence(services, request, failure),
            role: request.actor.role,
            policy,
            operation: mode === 'create' ? 'create' : 'update',
          },
    act,
  );
}
