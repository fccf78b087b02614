/** What the ids of Akeyless' dialect stand for: authentication methods, roles and groups. */
import type { AccountState } from '../../accounts/account-state.ts';
import { Derived } from '../../accounts/derived.ts';
import { configuredIn } from '../../authn/authenticators.ts';
import { isInstalled } from '../../authn/kinds.ts';
import { storedResourceId, type RoleId } from '../../ids.ts';
import { rolesKnownAs } from '../identity/entities.ts';
import { identifierOf } from '../identity/subject.ts';
import { ownAuthenticator } from './caller.ts';
import { groupIdOf, methodAccessId, roleAccessId } from './ids.ts';

/** What an access id is: an authenticator, as lists name it, or a user or host by its own secret. */
export type AccessMethod = { readonly authenticator: string } | { readonly role: RoleId };

/** What the ids of roles were worked out as: hashes take most of the time, and few roles change at once. */
type RoleIds = ReadonlyMap<RoleId, { readonly createdAt: number; readonly accessId: string }>;

interface Directory {
  readonly methods: ReadonlyMap<string, AccessMethod>;
  readonly groups: ReadonlyMap<string, RoleId>;
}

/** The authenticators that policy defines, `authn` first: each is an authentication method. */
export function authenticatorsIn(state: AccountState): readonly string[] {
  const named = [...configuredIn(state).keys()].filter((name) => {
    const [kind = '', service] = name.split('/');
    return isInstalled(kind) && kind !== ownAuthenticator && (service !== undefined || kind === 'authn-gcp');
  });
  return [ownAuthenticator, ...named.sort()];
}

/** Whether policy has an authenticator still that somebody proved himself at: cheap, as every use of an app asks it. */
export function hasAuthenticator({ graph, account }: AccountState, name: string): boolean {
  return (
    name === ownAuthenticator || graph.hasResource(storedResourceId(`${account}:webservice:conjur/${name}`))
  );
}

/** What an access id stands for now; undefined: nothing. */
export function methodOf(state: AccountState, accessId: string): AccessMethod | undefined {
  return directoryOf(state).methods.get(accessId);
}

/** The group or layer of an id; undefined: there is none. */
export function groupOfId(state: AccountState, groupId: string): RoleId | undefined {
  return directoryOf(state).groups.get(groupId);
}

const kept = new Derived<'all', Directory>();
const idsBefore = new WeakMap<AccountState, RoleIds>();

/** Kept until the account changes: an access id does not say which role it is. */
function directoryOf(state: AccountState): Directory {
  const known = kept.of(state, 'all');
  if (known !== undefined) return known;
  const { epoch } = state;
  const ids = roleIdsIn(state, idsBefore.get(state));
  const directory = { methods: methodsIn(state, ids), groups: groupsIn(state) };
  kept.keep(state, 'all', directory, epoch);
  idsBefore.set(state, ids);
  return directory;
}

function roleIdsIn({ graph, account }: AccountState, before: RoleIds | undefined): RoleIds {
  const ids = new Map<RoleId, { readonly createdAt: number; readonly accessId: string }>();
  for (const role of rolesKnownAs(graph, 'entities', account)) {
    const row = graph.role(role);
    if (row === undefined) continue;
    const known = before?.get(role);
    const { createdAt } = row;
    ids.set(role, known?.createdAt === createdAt ? known : { createdAt, accessId: roleAccessId(row) });
  }
  return ids;
}

function methodsIn(state: AccountState, ids: RoleIds): ReadonlyMap<string, AccessMethod> {
  const methods = new Map<string, AccessMethod>();
  for (const [role, { accessId }] of ids) methods.set(accessId, { role });
  for (const authenticator of authenticatorsIn(state)) {
    methods.set(methodAccessId(state.account, authenticator), { authenticator });
  }
  return methods;
}

function groupsIn(state: AccountState): ReadonlyMap<string, RoleId> {
  const groups = new Map<string, RoleId>();
  for (const role of rolesKnownAs(state.graph, 'groups', state.account)) {
    const row = state.graph.role(role);
    if (row !== undefined) groups.set(groupIdOf({ id: identifierOf(row) }), role);
  }
  return groups;
}
