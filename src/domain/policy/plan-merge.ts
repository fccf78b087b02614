/** Declared rows meet those that are there: each is new, a change, or left alone. */
import { roleOf } from '../ids.ts';
import { ownershipOf, type GraphRow, type ResourceRow } from '../records/rows.ts';
import { atOnce, stepping, type Steps } from '../slices.ts';
import type { Draft } from './draft.ts';
import type { DeclaredRows } from './plan-rows.ts';

/**
 * Puts declared rows into a draft. A row that is there under the same key stays with the policy
 * that defined it, so one that another policy defined, or none, is left alone without a word.
 * @param change whether rows that the same policy defined earlier take the declared owner, admin
 *   option or value; otherwise they keep theirs
 */
export function mergeRows(draft: Draft, declared: DeclaredRows, change: boolean): void {
  atOnce(mergeSteps(draft, declared, change));
}

/** {@link mergeRows} in steps. */
export function* mergeSteps(draft: Draft, declared: DeclaredRows, change: boolean): Steps<void> {
  const put = (row: GraphRow): void => {
    putNew(draft, row);
  };
  const merge = (row: GraphRow): void => {
    mergeRow(draft, row, change);
  };
  yield* stepping(declared.roles, put);
  yield* stepping(declared.resources, (row) => {
    mergeResource(draft, row, change);
  });
  yield* stepping(declared.memberships, merge);
  yield* stepping(declared.permissions, put);
  yield* stepping(declared.annotations, merge);
}

function putNew(draft: Draft, row: GraphRow): void {
  const found = draft.look(row);
  if (found.after === undefined) draft.put(found, row);
}

/** Of two declarations in one text the last counts, in every mode. */
function mergeRow(draft: Draft, row: GraphRow, change: boolean): void {
  const found = draft.look(row);
  const fresh = found.before === undefined || found.after === undefined;
  if (fresh || (change && found.after.policy === row.policy)) draft.put(found, row);
}

/**
 * A resource that comes to be makes its owner hold the role of the same name, and one that changes
 * hands passes that on.
 * @see Conjur: a trigger on the table of resources
 */
function mergeResource(draft: Draft, row: ResourceRow, change: boolean): void {
  const found = draft.look(row);
  const present = found.after;
  if (present?.table === 'resource') {
    if (!change || present.policy !== row.policy || present.owner === row.owner) return;
    draft.remove(draft.look(ownershipOf(present)));
    draft.put(found, { ...row, createdAt: present.createdAt });
  } else draft.put(found, row);
  if (!draft.hasRole(roleOf(row.resource))) return;
  const ownership = ownershipOf(row);
  draft.put(draft.look(ownership), ownership);
}
