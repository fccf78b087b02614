/** Showing apps, authentication methods and groups. */
import type { AccountView } from '../../accounts/authority.ts';
import { actorView } from '../../actor-view.ts';
import { isFailure } from '../../errors.ts';
import { loginOf, partsOf, roleOf, type Account, type RoleId } from '../../ids.ts';
import type { Actor, ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { groupOf, isGroup, rolesKnownAs } from '../identity/entities.ts';
import { signsIn } from '../identity/subject.ts';
import { requireRegistryPrivilege } from '../registry/access.ts';
import type { ClientRecord } from '../registry/records.ts';
import { auditedRegistry } from '../registry/audited-registry.ts';
import { appNamed } from './app.ts';
import { ownAuthenticator } from './caller.ts';
import { authenticatorsIn } from './directory.ts';
import { folderOf } from './fields.ts';
import { groupIdOf, methodAccessId, roleAccessId } from './ids.ts';

type ReadingServices = Pick<Services, 'authority' | 'audit' | 'clock'>;

/** Which apps a list is about. */
export interface AppFilter {
  /** A folder: those in it, and in the folders below it. */
  readonly folder?: string;
  /** A part of the name; upper and lower case are the same. */
  readonly part?: string;
  readonly tag?: string;
  /** Milliseconds since the epoch: only those changed since. */
  readonly changedAfter?: number;
}

export interface AppList {
  /** In ascending order of their names. */
  readonly apps: readonly ClientRecord[];
  /** The folders right below the one that was asked for, each as a whole path. */
  readonly folders: readonly string[];
}

/**
 * Lists apps.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `read` on `conjur/oidc/clients`
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`, `ACCESS_TOKEN_ROLE_GONE`
 * @see Akeyless: list-items
 */
export async function listApps(
  services: ReadingServices,
  request: ActorRequest,
  account: Account,
  { folder = '', part = '', tag, changedAfter = 0 }: AppFilter,
): Promise<AppList> {
  return auditedRegistry(services, request, { operation: 'list', kind: 'clients' }, async () => {
    const view = await actorView(services, request.actor, account, []);
    requireRegistryPrivilege(view, request.actor, 'read', 'clients');
    const prefix = folder === '' ? '' : `${folder}/`;
    const below = view.state.registry.clientsOf('akeyless').filter(({ name }) => name.startsWith(prefix));
    const sought = part.toLowerCase();
    const apps = below.filter(
      ({ name, tags = [], updatedAt }) =>
        name.toLowerCase().includes(sought) &&
        (tag === undefined || tags.includes(tag)) &&
        updatedAt > changedAfter,
    );
    return { apps, folders: foldersBelow(prefix, below) };
  });
}

function foldersBelow(prefix: string, apps: readonly ClientRecord[]): readonly string[] {
  const folders = apps.flatMap(({ name }) => {
    const [first = ''] = folderOf(name).slice(prefix.length).split('/', 1);
    return first === '' ? [] : [`${prefix}${first}`];
  });
  return [...new Set(folders)];
}

/**
 * Shows an app. Its secret is not kept, so it cannot be shown.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `read` on `conjur/oidc/clients`, nor on the app's own webservice
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`, `AUDIT_UNAVAILABLE`, `ACCESS_TOKEN_ROLE_GONE`
 * @see Akeyless: describe-item
 */
export async function describeApp(
  services: ReadingServices,
  request: ActorRequest,
  account: Account,
  name: string,
): Promise<ClientRecord> {
  return auditedRegistry(services, request, { operation: 'read', kind: 'clients', name }, async () => {
    const view = await actorView(services, request.actor, account, []);
    requireRegistryPrivilege(view, request.actor, 'read', 'clients', name);
    return appNamed(view, name);
  });
}

/** Something that an `access_id` names. */
export interface AuthMethod {
  readonly accessId: string;
  /** The authenticator, as lists name it; `authn/` and a login where it is one role's own secret. */
  readonly name: string;
  /** The kind of authenticator, such as `authn-oidc`. */
  readonly kind: string;
  /** When the role was made; absent of authenticators. */
  readonly createdAt?: number;
}

/**
 * Lists what an `access_id` can name: the authenticators in policy, which anybody may know, and the users
 * and hosts that the actor may see, itself included: all with `read` on `conjur/oidc/identities`.
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`, `ACCESS_TOKEN_ROLE_GONE`
 * @see Akeyless: list-auth-methods
 */
export async function listAuthMethods(
  services: ReadingServices,
  request: ActorRequest,
  account: Account,
  part = '',
): Promise<readonly AuthMethod[]> {
  return auditedRegistry(services, request, { operation: 'list', kind: 'identities' }, async () => {
    const view = await actorView(services, request.actor, account, []);
    const authenticators = authenticatorsIn(view.state).map((name) => ({
      accessId: methodAccessId(account, name),
      name,
      kind: name.split('/', 1)[0] ?? name,
    }));
    return matching([...authenticators, ...roleMethods(view, request)], part);
  });
}

/** The roles that an actor may see: all for who may read identities, otherwise those whose resource is visible, and itself. */
function rolesFor(
  view: AccountView,
  { actor }: ActorRequest,
  known: 'entities' | 'groups',
): readonly RoleId[] {
  const { graph, account } = view.state;
  if (mayReadIdentities(view, actor)) return rolesKnownAs(graph, known, account);
  const fits = known === 'entities' ? signsIn : isGroup;
  const visible = new Set([actor.role, ...graph.visibleTo(actor.role).map(roleOf)]);
  return [...visible].filter((role) => partsOf(role).account === account && fits(role));
}

function mayReadIdentities(view: AccountView, actor: Actor): boolean {
  try {
    requireRegistryPrivilege(view, actor, 'read', 'identities');
    return true;
  } catch (error) {
    if (isFailure(error, 'REGISTRY_PRIVILEGE_MISSING')) return false;
    throw error;
  }
}

function roleMethods(view: AccountView, request: ActorRequest): readonly AuthMethod[] {
  const { graph } = view.state;
  const methods = rolesFor(view, request, 'entities').flatMap((role) => {
    const row = graph.role(role);
    if (row === undefined) return [];
    const name = `${ownAuthenticator}/${loginOf(role)}`;
    return [{ accessId: roleAccessId(row), name, kind: ownAuthenticator, createdAt: row.createdAt }];
  });
  return methods.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Something that a `group_id` names. */
export interface ListedGroup {
  readonly groupId: string;
  readonly name: string;
  readonly description?: string;
  readonly createdAt: number;
}

/**
 * Lists the groups and layers that the actor may see: all with `read` on `conjur/oidc/identities`.
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`, `ACCESS_TOKEN_ROLE_GONE`
 * @see Akeyless: list-group
 */
export async function listGroups(
  services: ReadingServices,
  request: ActorRequest,
  account: Account,
  part = '',
): Promise<readonly ListedGroup[]> {
  return auditedRegistry(services, request, { operation: 'list', kind: 'identities' }, async () => {
    const view = await actorView(services, request.actor, account, []);
    const groups = rolesFor(view, request, 'groups').flatMap((role) => {
      const row = view.state.graph.role(role);
      const group = row && groupOf(view.state, row);
      if (group === undefined) return [];
      const { name, metadata, createdAt } = group;
      const description = metadata['description'];
      return [
        { groupId: groupIdOf(group), name, createdAt, ...(description === undefined ? {} : { description }) },
      ];
    });
    return matching(groups, part).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  });
}

function matching<T extends { readonly name: string }>(all: readonly T[], part: string): readonly T[] {
  const sought = part.toLowerCase();
  return all.filter(({ name }) => name.toLowerCase().includes(sought));
}
