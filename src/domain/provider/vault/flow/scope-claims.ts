/** The claims of the scopes that a client was granted at a provider. */
import type { AccountView } from '../../../accounts/authority.ts';
import { EpochMemo } from '../../../accounts/epoch-memo.ts';
import type { RoleRow } from '../../../records/rows.ts';
import { identifiersIn } from '../../identifiers.ts';
import { entityOf, type Entity } from '../../identity/entities.ts';
import type { ProviderRecord, ScopeRecord } from '../../registry/records.ts';
import { claimsOf, conflictingClaims, tellsOfEntity } from '../../templates/claims.ts';
import type { Claims } from '../../templates/render.ts';
import { supportedScopes } from './scopes.ts';

type View = Pick<AccountView, 'state'>;
type Scopes = Pick<ProviderRecord, 'scopesSupported'>;

const maxEntities = 2_000;
/** By their roles: an issue of tokens asks several times. */
const entities = new EpochMemo<Entity>(maxEntities);

/** The user or host that a role is. Its aliases have a mount once there is anything that could name it. */
export function entityIn(view: View, row: RoleRow): Entity {
  return entities.of(view.state, row.role, () =>
    entityOf(view.state, row, identifiersIn(view) ?? { mountAccessor: '' }),
  );
}

/** Whether scopes that a client asks for claim the same, which Vault finds out only when it makes the claims. */
export function claimsConflict(view: View, provider: Scopes, scopes: readonly string[]): boolean {
  const records = recordsOf(view, provider, scopes);
  return records.length > 1 && conflictingClaims(records).length > 0;
}

/** What the templates of scopes say of a role at this moment; those that the provider no longer supports, nothing. */
export function claimsOfRole(
  view: View,
  provider: Scopes,
  scopes: readonly string[],
  { role, nowSeconds }: { readonly role: RoleRow; readonly nowSeconds: number },
): Claims {
  return claimsOf(recordsOf(view, provider, scopes), { entity: entityIn(view, role), nowSeconds });
}

/** What they say of a client by itself: only those that tell of nobody. */
export function claimsOfClient(
  view: View,
  provider: Scopes,
  scopes: readonly string[],
  nowSeconds: number,
): Claims {
  const records = recordsOf(view, provider, scopes).filter(({ template }) => !tellsOfEntity(template));
  return claimsOf(records, { entity: undefined, nowSeconds });
}

function recordsOf({ state }: View, provider: Scopes, scopes: readonly string[]): readonly ScopeRecord[] {
  return supportedScopes(scopes, provider).flatMap((name) => state.registry.get('oidc-scope', name) ?? []);
}
