/** What a role may do at a path of Vault's dialect. */
import type { AccountView } from '../../accounts/authority.ts';
import { actorView } from '../../actor-view.ts';
import { isFailure } from '../../errors.ts';
import type { Actor, ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { requireRegistryPrivilege, type ManagedKind, type RegistryPrivilege } from '../registry/access.ts';

export type Capability = 'create' | 'delete' | 'deny' | 'list' | 'read' | 'update';

/**
 * The capabilities of the caller at some paths, each sorted; `deny` alone where it has none, or there is no
 * such path.
 * @see Vault: POST sys/capabilities-self
 */
export async function capabilitiesAt(
  services: Pick<Services, 'authority' | 'settings'>,
  { actor }: ActorRequest,
  paths: readonly string[],
): Promise<ReadonlyMap<string, readonly Capability[]>> {
  const view = await actorView(services, actor, services.settings.account, []);
  return new Map(paths.map((path) => [path, capabilitiesOf(view, actor, path)]));
}

/** What everybody may do who has a token. */
const forAll: readonly (readonly [path: RegExp, capabilities: readonly Capability[]])[] = [
  [/^identity\/oidc\/provider\/[^/]+\/authorize$/, ['read', 'update']],
  [/^identity\/oidc\/provider\/[^/]+\/(?:token|userinfo)$/, ['update']],
  [/^identity\/oidc\/(?:provider\/[^/]+\/)?\.well-known\/[^/]+$/, ['read']],
  [/^auth\/token\/lookup-self$/, ['read', 'update']],
  [/^auth\/token\/(?:create|lookup|renew|renew-self|revoke|revoke-self)$/, ['update']],
  [/^sys\/(?:auth|health|leader|seal-status)$/, ['read']],
  [/^sys\/capabilities-self$/, ['update']],
];

const objects =
  /^identity\/oidc\/(key|provider|scope|client|assignment|role)(?:\/([^/]+))?(?:\/(rotate))?\/?$/;
const kindOf: Readonly<Record<string, ManagedKind>> = {
  key: 'keys',
  provider: 'providers',
  scope: 'scopes',
  client: 'clients',
  assignment: 'assignments',
  role: 'roles',
};

function capabilitiesOf(view: AccountView, actor: Actor, path: string): readonly Capability[] {
  const found = new Set(
    forAll.filter(([form]) => form.test(path)).flatMap(([, capabilities]) => capabilities),
  );
  for (const capability of managing(view, actor, path)) found.add(capability);
  return found.size === 0 ? ['deny'] : [...found].sort();
}

function managing(view: AccountView, actor: Actor, path: string): readonly Capability[] {
  const may = (privilege: RegistryPrivilege, kind: ManagedKind, name?: string): boolean =>
    isPrivileged(view, actor, privilege, kind, name);
  const reads = (kind: ManagedKind, capability: Capability): readonly Capability[] =>
    may('read', kind) ? [capability] : [];
  if (path === 'identity/oidc/config') {
    return (['read', 'update'] as const).filter((privilege) => may(privilege, 'config'));
  }
  if (/^identity\/(?:entity|group)\/(?:id|name)\/?$/.test(path)) return reads('identities', 'list');
  if (/^identity\/(?:entity|group)\/(?:id|name)\/./.test(path)) return reads('identities', 'read');
  if (/^identity\/lookup\/(?:entity|group)$/.test(path)) return reads('identities', 'update');
  if (path === 'identity/oidc/introspect') return reads('introspection', 'update');
  const [, tokenOf] = /^identity\/oidc\/token\/([^/]+)$/.exec(path) ?? [];
  if (tokenOf !== undefined) return may('read', 'tokens', tokenOf) ? ['read'] : [];
  const [, object, name, rotate] = objects.exec(path) ?? [];
  const kind = object === undefined ? undefined : kindOf[object];
  if (kind === undefined) return [];
  if (name === undefined) return reads(kind, 'list');
  if (rotate !== undefined) return may('update', kind, name) ? ['update'] : [];
  return (['create', 'delete', 'read', 'update'] as const).filter((privilege) => may(privilege, kind, name));
}

function isPrivileged(
  view: AccountView,
  actor: Actor,
  privilege: RegistryPrivilege,
  kind: ManagedKind,
  name: string | undefined,
): boolean {
  try {
    requireRegistryPrivilege(view, actor, privilege, kind, name);
    return true;
  } catch (error) {
    if (isFailure(error, 'REGISTRY_PRIVILEGE_MISSING')) return false;
    throw error;
  }
}
