/**
 * Identity tokens: signed statements of who somebody is, for whoever trusts the account's issuer.
 * Nobody signs in for them, and no client is needed: a role says what they claim.
 */
import type { JWK } from 'jose';
import type { AccountState } from '../../accounts/account-state.ts';
import type { AccountView } from '../../accounts/authority.ts';
import { actorView } from '../../actor-view.ts';
import { audited } from '../../audited.ts';
import { occurrence } from '../../occurrence.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { sign } from '../engine/sign.ts';
import { ensureIdentifiers, identifiersIn } from '../identifiers.ts';
import { entityOf, type Entity } from '../identity/entities.ts';
import { signsIn } from '../identity/subject.ts';
import { keyAllows, keyNamed, publishedJwks } from '../keys/ring.ts';
import { ensurePairs, signingPair } from '../keys/signing.ts';
import { requireRegistryPrivilege } from '../registry/access.ts';
import { signingAlgorithms, type IdentityTokenRoleRecord } from '../registry/records.ts';
import { claimsOf } from '../templates/claims.ts';
import { fieldInvalid } from './fields.ts';

type TokenServices = Pick<
  Services,
  'authority' | 'keyring' | 'audit' | 'clock' | 'settings' | 'publicOrigin'
>;

/** Below the issuer's origin. */
const issuerPath = '/v1/identity/oidc';
const msPerSecond = 1_000;

export interface IdentityToken {
  readonly token: string;
  /** Its audience. */
  readonly clientId: string;
  readonly ttlSeconds: number;
}

/** The issuer of identity tokens, in full, as of a view. */
export function identityTokenIssuer(
  { publicOrigin }: Pick<Services, 'publicOrigin'>,
  view: Pick<AccountView, 'state'>,
): string {
  const origin = identifiersIn(view)?.identityTokenIssuer ?? '';
  return `${origin === '' ? publicOrigin() : origin}${issuerPath}`;
}

/**
 * Signs a token that says who the acting role is. The attempt is audited (`sign-identity-token`).
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `read` on `conjur/oidc/tokens/{role}`
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: no such role, its key is gone or does not list the
 *   role's client id, or whoever asks is neither user nor host
 * @throws LatchkeyError `STORE_BUSY`, `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 * @see Vault: GET identity/oidc/token/:name
 */
export async function issueIdentityToken(
  services: TokenServices,
  request: ActorRequest,
  roleName: string,
): Promise<IdentityToken> {
  const { actor } = request;
  let client = '';
  let issuer = '';
  return audited(
    services.audit,
    (failure) => ({
      type: 'oidc-provider',
      operation: 'sign-identity-token',
      ...occurrence(services, request, failure),
      role: actor.role,
      client,
      issuer,
    }),
    async () => {
      const { account } = services.settings;
      const identifiers = await ensureIdentifiers(services, account);
      const view = await actorView(services, actor, account, []);
      requireRegistryPrivilege(view, actor, 'read', 'tokens', roleName);
      const { role, verificationTtlSeconds } = usableRole(view.state, roleName);
      client = role.clientId;
      issuer = identityTokenIssuer(services, view);
      const row = signsIn(actor.role) ? view.state.graph.role(actor.role) : undefined;
      if (row === undefined) throw fieldInvalid("no entity associated with the request's token");
      const entity = entityOf(view.state, row, identifiers);
      const ttlSeconds = Math.min(role.ttlSeconds, verificationTtlSeconds);
      const token = await signed(services, { issuer, role, entity, ttlSeconds });
      return { token, clientId: role.clientId, ttlSeconds };
    },
  );
}

interface Usable {
  readonly role: IdentityTokenRoleRecord;
  readonly verificationTtlSeconds: number;
}

function usableRole(state: AccountState, roleName: string): Usable {
  const role = state.registry.get('oidc-role', roleName);
  if (role === undefined) throw fieldInvalid(`role "${roleName}" not found`);
  const key = keyNamed(state, role.key);
  if (key === undefined) throw fieldInvalid(`key "${role.key}" not found`);
  if (!keyAllows(key, role.clientId)) {
    throw fieldInvalid(
      `the key "${key.name}" does not list the client ID of the role "${roleName}" as an allowed client ID`,
    );
  }
  return { role, verificationTtlSeconds: key.verificationTtlSeconds };
}

interface Statement {
  readonly issuer: string;
  readonly role: IdentityTokenRoleRecord;
  readonly entity: Entity;
  readonly ttlSeconds: number;
}

async function signed(
  services: TokenServices,
  { issuer, role, entity, ttlSeconds }: Statement,
): Promise<string> {
  const nowSeconds = Math.floor(services.clock.now() / msPerSecond);
  const pair = await signingPair(services, services.settings.account, role.key);
  const claims = {
    ...claimsOf([role], { entity, nowSeconds }),
    iss: issuer,
    namespace: 'root',
    sub: entity.id,
    aud: role.clientId,
    iat: nowSeconds,
    exp: nowSeconds + ttlSeconds,
  };
  return sign(pair, { header: {}, claims });
}

/**
 * What relying parties of identity tokens configure themselves with (OpenID Connect Discovery 1.0,
 * section 3). Public, and so not audited.
 * @see Vault: GET identity/oidc/.well-known/openid-configuration
 */
export async function identityTokenDiscovery(
  services: TokenServices,
): Promise<Readonly<Record<string, unknown>>> {
  const issuer = identityTokenIssuer(services, await services.authority.read(services.settings.account, []));
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/keys`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: signingAlgorithms,
  };
}

/**
 * The public keys that verify identity tokens now: those of the named keys that a role uses.
 * @see Vault: GET identity/oidc/.well-known/keys
 */
export async function identityTokenKeys(services: TokenServices): Promise<readonly JWK[]> {
  const { account } = services.settings;
  const { state } = await services.authority.read(account, []);
  const names = usedKeys(state);
  const unmade = names.filter((name) => keyNamed(state, name)?.pairs.length === 0);
  if (unmade.length === 0) return jwksOf(state, services.clock.now());
  // A role was stored by a process that died before it made the pairs of its key.
  for (const name of unmade) await ensurePairs(services, account, name);
  return jwksOf((await services.authority.read(account, [])).state, services.clock.now());
}

function usedKeys({ registry }: AccountState): readonly string[] {
  return [...new Set(registry.all('oidc-role').map(({ key }) => key))];
}

/** Each key once, however many roles use it. */
function jwksOf(state: AccountState, now: number): readonly JWK[] {
  return usedKeys(state).flatMap((name) => {
    const key = keyNamed(state, name);
    return key === undefined ? [] : publishedJwks(key, now);
  });
}
