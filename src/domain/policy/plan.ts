/**
 * From a resolved policy to what a load of it changes. Pure: the graph stays as it is, nothing is
 * read or written, no key is made. The cost follows the change and not the graph, but for two
 * things that look at every row: replacing a policy, and removing one.
 */
import type { PolicySubject } from '../audit/events.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, storedRoleId, type RecordKey, type ResourceId, type RoleId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { keyOfRow, type GraphRow } from '../records/rows.ts';
import { atOnce, stepping, type Steps } from '../slices.ts';
import { removingWithDependents, removingWithOwned } from './cascade.ts';
import { Draft, sameRow } from './draft.ts';
import { mergeSteps } from './plan-merge.ts';
import { plannedRestrictions, type Restriction } from './plan-restrictions.ts';
import { requireOwnUsers, requireReferences } from './plan-references.ts';
import { declaredRows, publicKeysOf, type DeclaredRows } from './plan-rows.ts';
import { subjectOf } from './plan-subjects.ts';
import type { ResolvedPolicy } from './statements.ts';

/**
 * `create` only adds; `update` also changes what the policy defined earlier and deletes what is
 * named; `replace` also removes what the policy defined earlier and no longer does.
 * @see Conjur: POST, PATCH, PUT
 */
export type PlanMode = 'create' | 'update' | 'replace';

/** A row to write; `previous` is what it replaces. */
export interface RowPut {
  readonly row: GraphRow;
  readonly previous: GraphRow | undefined;
}

export interface RowRemoval {
  readonly row: GraphRow;
}

/** A public key as its line in the policy, and the resource that keeps it as a secret. */
export interface PublicKey {
  readonly resource: ResourceId;
  readonly value: string;
}

/**
 * What a load changes. Removals come first: a role or a resource may be removed, with all that
 * hangs on it, and made anew by the same load; it then is in `rolesRemoved` or `resourcesRemoved`
 * and among the rows put.
 */
export interface Plan {
  readonly puts: readonly RowPut[];
  /** No key is among those of `puts` too. */
  readonly removals: readonly RowRemoval[];
  /** The new users and hosts: each gets a credential with an API key. */
  readonly rolesCreated: readonly RoleId[];
  /** Where roles may authenticate from, for those where it changes. */
  readonly restrictions: readonly Restriction[];
  /** Every key that is declared: a new version of the secret, unless the newest is the same. */
  readonly publicKeys: readonly PublicKey[];
  /** Their secrets, public keys included, and authenticator records go. */
  readonly resourcesRemoved: readonly ResourceId[];
  /** Their credentials go. */
  readonly rolesRemoved: readonly RoleId[];
  /** Their versions go. */
  readonly policiesRemoved: readonly ResourceId[];
  /** What to audit. */
  readonly subjects: {
    readonly added: readonly PolicySubject[];
    readonly changed: readonly PolicySubject[];
    readonly removed: readonly PolicySubject[];
  };
}

/**
 * Plans a load.
 *
 * @param now becomes `createdAt` of new rows, in milliseconds since the epoch
 * @throws LatchkeyError `POLICY_TEXT_DELETES`: revoke, deny or delete, where only adding is asked for
 * @throws LatchkeyError `POLICY_INVALID`: something that the policy refers to is missing, or is removed
 *   by the same load, or a user belongs to another policy; `at` is the place of the reference
 */
export function planLoad(graph: AccessGraph, policy: ResolvedPolicy, mode: PlanMode, now: number): Plan {
  return atOnce(planSteps(graph, policy, mode, now));
}

/** {@link planLoad} in steps, between which the graph must stay as it is. */
export function* planSteps(
  graph: AccessGraph,
  policy: ResolvedPolicy,
  mode: PlanMode,
  now: number,
): Steps<Plan> {
  const deletion = policy.revokes[0] ?? policy.denies[0] ?? policy.deletes[0];
  if (mode === 'create' && deletion !== undefined) {
    throw new LatchkeyError('POLICY_TEXT_DELETES', { at: deletion.at });
  }
  yield* requireOwnUsers(graph, policy);
  const draft = new Draft(graph);
  const declared = yield* declaredRows(policy, now);
  if (mode === 'replace') yield* removeUndeclared(draft, graph, policy.branch, declared);
  yield* mergeSteps(draft, declared, mode !== 'create');
  yield* requireReferences(draft, policy);
  yield* removeNamed(draft, policy);
  const restrictions = yield* plannedRestrictions(draft, graph, policy, mode === 'create');
  return planOf(yield* outcomeOf(draft), restrictions, yield* keptKeys(draft, policy));
}

/**
 * Plans a change that no text of a policy can say, for example to remove everything below a policy.
 * @param edit makes the change to a draft of the graph
 */
export function planEdit(graph: AccessGraph, edit: (draft: Draft) => void): Plan {
  const draft = new Draft(graph);
  edit(draft);
  return planOf(atOnce(outcomeOf(draft)), [], []);
}

function planOf(
  outcome: Outcome,
  restrictions: readonly Restriction[],
  publicKeys: readonly PublicKey[],
): Plan {
  return {
    ...outcome,
    restrictions,
    publicKeys,
    get subjects() {
      return subjects(outcome);
    },
  };
}

/** Ownership edges are not looked at: they go with what they are there for. */
function* removeUndeclared(
  draft: Draft,
  graph: AccessGraph,
  branch: ResourceId,
  declared: DeclaredRows,
): Steps<void> {
  const present = yield* graph.definedBy([branch]);
  if (present.length === 0) return;
  const keys = new Set<RecordKey>();
  for (const rows of Object.values<readonly GraphRow[]>({ ...declared })) {
    yield* stepping(rows, (row) => keys.add(keyOfRow(row)));
  }
  const undeclared: GraphRow[] = [];
  yield* stepping(present, (row) => {
    if (row.table === 'membership' && row.ownership) return;
    if (!keys.has(keyOfRow(row))) undeclared.push(row);
  });
  yield* removingWithDependents(draft, undeclared);
}

/**
 * What is revoked, denied and deleted by name, after all else: deletion prevails. Revoking and
 * denying reach only what the same policy defined, and never an ownership edge.
 */
function* removeNamed(draft: Draft, policy: ResolvedPolicy): Steps<void> {
  const remove = (named: GraphRow): void => {
    const found = draft.look(named);
    if (found.after?.policy === policy.branch) draft.remove(found);
  };
  yield* stepping(policy.denies, ({ resource, role, privilege }) => {
    remove({ table: 'permission', resource, role, privilege });
  });
  yield* stepping(policy.revokes, ({ role, member }) => {
    remove({ table: 'membership', role, member, ownership: false, admin: false });
  });
  for (const { id } of policy.deletes) yield* removingWithOwned(draft, storedRoleId(id));
}

/** The keys whose resources are there in the end, and are this policy's. */
function* keptKeys(draft: Draft, policy: ResolvedPolicy): Steps<readonly PublicKey[]> {
  const kept: PublicKey[] = [];
  yield* stepping(policy.definitions, (definition) => {
    for (const key of publicKeysOf(definition)) {
      const { resource } = key;
      const { after } = draft.look({ table: 'resource', resource, owner: definition.owner, createdAt: 0 });
      if (after?.policy === policy.branch) kept.push(key);
    }
  });
  return kept;
}

type Outcome = Omit<Plan, 'restrictions' | 'publicKeys' | 'subjects'>;

function* outcomeOf(draft: Draft): Steps<Outcome> {
  const puts: RowPut[] = [];
  const removals: RowRemoval[] = [];
  const rolesCreated: RoleId[] = [];
  const rolesRemoved: RoleId[] = [];
  const resourcesRemoved: ResourceId[] = [];
  yield* stepping(draft.touched(), ({ before, after, removed }) => {
    if (removed && before?.table === 'role') rolesRemoved.push(before.role);
    if (removed && before?.table === 'resource') resourcesRemoved.push(before.resource);
    if (after === undefined) {
      if (before !== undefined) removals.push({ row: before });
      return;
    }
    if (before === undefined || !sameRow(before, after)) puts.push({ row: after, previous: before });
    const fresh = before === undefined || removed;
    if (fresh && after.table === 'role' && hasCredential(after.role)) rolesCreated.push(after.role);
  });
  const policiesRemoved = resourcesRemoved.filter((resource) => partsOf(resource).kind === 'policy');
  return { puts, removals, rolesCreated, rolesRemoved, resourcesRemoved, policiesRemoved };
}

function hasCredential(role: RoleId): boolean {
  const kindAt = role.indexOf(':') + 1;
  return role.startsWith('user:', kindAt) || role.startsWith('host:', kindAt);
}

function subjects({ puts, removals }: Outcome): Plan['subjects'] {
  return {
    added: puts.filter(({ previous }) => previous === undefined).map(({ row }) => subjectOf(row)),
    changed: puts.filter(({ previous }) => previous !== undefined).map(({ row }) => subjectOf(row)),
    removed: removals.map(({ row }) => subjectOf(row)),
  };
}
