/** Finding entities and groups by the ids and names that Vault's dialect gives them. */
import type { AccountState } from '../../accounts/account-state.ts';
import { Derived } from '../../accounts/derived.ts';
import { isFailure } from '../../errors.ts';
import { loginOf, roleOfLogin, toRoleId, type RoleId } from '../../ids.ts';
import type { RoleRow } from '../../records/rows.ts';
import { groupNameOf, isGroup, rolesKnownAs } from './entities.ts';
import { identifierOf, signsIn } from './subject.ts';

/** The user or host with this id. */
export function entityRoleById(state: AccountState, id: string): RoleRow | undefined {
  return roleById(state, id, signsIn);
}

/** The group or layer with this id. */
export function groupRoleById(state: AccountState, id: string): RoleRow | undefined {
  return roleById(state, id, isGroup);
}

/**
 * The user or host with this login. Upper and lower case are the same, as in Vault, except where
 * several logins differ by nothing else: then only the exact one is found.
 */
export function entityRoleByName(state: AccountState, name: string): RoleRow | undefined {
  const exact = asRole(() => roleOfLogin(state.account, name));
  const row = exact === undefined || !signsIn(exact) ? undefined : state.graph.role(exact);
  return row ?? byFoldedName(state, 'entities', name);
}

/** The group or layer of this name, upper and lower case as with {@link entityRoleByName}. */
export function groupRoleByName(state: AccountState, name: string): RoleRow | undefined {
  for (const candidate of groupCandidates(name)) {
    const role = asRole(() => toRoleId(state.account, ...candidate));
    if (role === undefined || groupNameOf(state.graph, role) !== name) continue;
    const row = state.graph.role(role);
    if (row !== undefined) return row;
  }
  return byFoldedName(state, 'groups', name);
}

function groupCandidates(name: string): readonly (readonly [kind: string, identifier: string])[] {
  const prefixed = /^(group|layer)\/(.+)$/s.exec(name);
  const [, kind, identifier] = prefixed ?? [];
  const plain = [['group', name] as const, ['layer', name] as const];
  return kind === undefined || identifier === undefined ? plain : [...plain, [kind, identifier]];
}

function asRole(read: () => RoleId): RoleId | undefined {
  try {
    return read();
  } catch (error) {
    if (isFailure(error, 'ID_INVALID')) return undefined;
    throw error;
  }
}

const byName = new Derived<'entities' | 'groups', ReadonlyMap<string, RoleId | 'ambiguous'>>();

function byFoldedName(state: AccountState, known: 'entities' | 'groups', name: string): RoleRow | undefined {
  let index = byName.of(state, known);
  if (index === undefined) {
    const { epoch } = state;
    byName.keep(state, known, (index = foldedNames(state, known)), epoch);
  }
  const role = index.get(name.toLowerCase());
  return role === undefined || role === 'ambiguous' ? undefined : state.graph.role(role);
}

function foldedNames(
  state: AccountState,
  known: 'entities' | 'groups',
): ReadonlyMap<string, RoleId | 'ambiguous'> {
  const index = new Map<string, RoleId | 'ambiguous'>();
  for (const role of rolesKnownAs(state.graph, known, state.account)) {
    const name = known === 'entities' ? loginOf(role) : groupNameOf(state.graph, role);
    const folded = name.toLowerCase();
    index.set(folded, index.has(folded) ? 'ambiguous' : role);
  }
  return index;
}

/**
 * Which role has which id, as far as it was worked out for a state. An entry is checked when it is
 * used, so it may outlive the epoch that it was made at: only what is not found makes the index anew.
 */
const byId = new WeakMap<
  AccountState,
  { epoch: AccountState['epoch']; roles: ReadonlyMap<string, RoleId> }
>();
const idForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function roleById(state: AccountState, id: string, fits: (role: RoleId) => boolean): RoleRow | undefined {
  const folded = id.toLowerCase();
  if (!idForm.test(folded)) return undefined;
  const known = byId.get(state);
  const row = known === undefined ? undefined : rowWithId(state, known.roles.get(folded), folded);
  if (row !== undefined) return fits(row.role) ? row : undefined;
  if (known !== undefined && sameEpoch(known.epoch, state.epoch)) return undefined;
  const roles = identifiers(state);
  byId.set(state, { epoch: state.epoch, roles });
  const found = rowWithId(state, roles.get(folded), folded);
  return found !== undefined && fits(found.role) ? found : undefined;
}

function rowWithId(state: AccountState, role: RoleId | undefined, id: string): RoleRow | undefined {
  const row = role === undefined ? undefined : state.graph.role(role);
  return row !== undefined && identifierOf(row) === id ? row : undefined;
}

function sameEpoch(one: AccountState['epoch'], other: AccountState['epoch']): boolean {
  return one.counter === other.counter && one.lineage === other.lineage;
}

function identifiers(state: AccountState): ReadonlyMap<string, RoleId> {
  const roles = new Map<string, RoleId>();
  for (const role of state.graph.roles()) {
    const row = signsIn(role) || isGroup(role) ? state.graph.role(role) : undefined;
    if (row !== undefined) roles.set(identifierOf(row), role);
  }
  return roles;
}
