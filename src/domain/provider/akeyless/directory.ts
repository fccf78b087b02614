/** What the ids of Akeyless' dialect stand for: authentication methods, roles and groups. */
import type { AccountState } from '../../accounts/account-state.ts';
import { Derived } from '../../accounts/derived.ts';
import { configuredIn } from '../../authn/authenticators.ts';
import { isInstalled } from '../../authn/kinds.ts';
import type { RoleId } from '../../ids.ts';
import { groupOf, rolesKnownAs } from '../identity/entities.ts';
import { ownAuthenticator } from './caller.ts';
import { groupIdOf, methodAccessId, roleAccessId } from './ids.ts';

/** What an access id is: an authenticator, as lists name it, or a user or host by its own secret. */
export type AccessMethod = { readonly authenticator: string } | { readonly role: RoleId };

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

/** What an access id stands for now; undefined: nothing. */
export function methodOf(state: AccountState, accessId: string): AccessMethod | undefined {
  return directoryOf(state).methods.get(accessId);
}

/** The group or layer of an id; undefined: there is none. */
export function groupOfId(state: AccountState, groupId: string): RoleId | undefined {
  return directoryOf(state).groups.get(groupId);
}

const kept = new Derived<'all', Directory>();

/** Kept until the account changes: an access id does not say which role it is. */
function directoryOf(state: AccountState): Directory {
  const known = kept.of(state, 'all');
  if (known !== undefined) return known;
  const { epoch } = state;
  const directory = { methods: methodsIn(state), groups: groupsIn(state) };
  kept.keep(state, 'all', directory, epoch);
  return directory;
}

function methodsIn(state: AccountState): ReadonlyMap<string, AccessMethod> {
  const methods = new Map<string, AccessMethod>();
  for (const role of rolesKnownAs(state.graph, 'entities', state.account)) {
    const row = state.graph.role(role);
    if (row !== undefined) methods.set(roleAccessId(row), { role });
  }
  for (const authenticator of authenticatorsIn(state)) {
    methods.set(methodAccessId(state.account, authenticator), { authenticator });
  }
  return methods;
}

function groupsIn(state: AccountState): ReadonlyMap<string, RoleId> {
  const groups = new Map<string, RoleId>();
  for (const role of rolesKnownAs(state.graph, 'groups', state.account)) {
    const row = state.graph.role(role);
    const group = row && groupOf(state, row);
    if (group !== undefined) groups.set(groupIdOf(group), role);
  }
  return groups;
}
