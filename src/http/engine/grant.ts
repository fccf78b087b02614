/** What a signed-in role grants a client: decided anew at each authorization. */
import { errors, type Grant, type KoaContextWithOIDC } from 'oidc-provider';
import { exchangeOf, clientIn, type Exchange, type Issuer } from './exchange.ts';
import { asLibraryError } from './failures.ts';
import { lifetimesOf } from './lifetimes.ts';
import { mayRedirect } from './redirect.ts';
import type { Authorization } from './types.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import type { RoleRow } from '../../domain/records/rows.ts';
import { LatchkeyError } from '../../domain/errors.ts';

/** Tokens of a grant begin to live a little after it. */
const marginSeconds = 120;

/**
 * The grant that an authorization is made under: the one of this session at this client, with what is
 * asked for now, or a new one. Where people are asked first, it holds what they agreed to.
 * @throws OIDCProviderError `access_denied`: the role may not use the client; `invalid_scope`; `invalid_redirect_uri`
 */
export async function loadGrant(issuer: Issuer, ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const exchange = exchangeOf(ctx);
  const { oidc } = ctx;
  const record = exchange && clientIn(issuer, exchange.view, oidc.client?.clientId ?? '');
  if (exchange?.role === undefined || record === undefined || oidc.account === undefined) return undefined;
  // Registered when the sign-in began; it may not be any more.
  if (!mayRedirect(issuer.spec, record, String(oidc.params?.['redirect_uri'])))
    throw new errors.InvalidRedirectUri();
  const scopes = grantedScopes(issuer, exchange, record, oidc);
  requireUse(issuer, exchange, record, exchange.role, scopes);
  const known = await knownGrant(ctx, record.clientId);
  if (issuer.spec.consent && known === undefined) return undefined;
  const grant =
    known ?? new oidc.provider.Grant({ accountId: oidc.account.accountId, clientId: record.clientId });
  if (!issuer.spec.consent) {
    delete grant.openid;
    grant.addOIDCScope(scopes);
  }
  await prolong(grant, issuer, exchange, record);
  return grant;
}

/** The grant that this session's last authorization at the client was made under, or that was just agreed to. */
async function knownGrant({ oidc }: KoaContextWithOIDC, clientId: string): Promise<Grant | undefined> {
  const grantId = oidc.result?.consent?.grantId ?? oidc.session?.grantIdFor(clientId);
  if (grantId === undefined) return undefined;
  const grant = await oidc.provider.Grant.find(grantId);
  const mine = grant?.accountId === oidc.account?.accountId && grant?.clientId === clientId;
  return mine ? grant : undefined;
}

function grantedScopes(
  { spec }: Issuer,
  { view }: Exchange,
  client: ClientRecord,
  { requestParamOIDCScopes, requestParamScopes }: KoaContextWithOIDC['oidc'],
): string[] {
  const requested = [...requestParamOIDCScopes];
  if (spec.openidRequired === true && !requested.includes('openid'))
    throw new errors.InvalidRequest('the scope must contain openid');
  try {
    // The dialect is asked about all words: what the issuer does not know is dropped only where it says so.
    const allowed = spec.scopesAllowed?.(view, client, [...requestParamScopes]) ?? requested;
    return requested.filter((scope) => scope === 'openid' || allowed.includes(scope));
  } catch (error) {
    throw asLibraryError(error);
  }
}

function requireUse(
  { spec }: Issuer,
  exchange: Exchange,
  client: ClientRecord,
  role: RoleRow,
  scopes: readonly string[],
): void {
  const attributes = exchange.attributes ?? {};
  const authorization: Authorization = { role, client, scopes, audiences: [], attributes };
  const decision = spec.mayUse(exchange.view, authorization);
  exchange.scopes = scopes;
  if (decision.allowed) return;
  exchange.failure = new LatchkeyError('OAUTH_ACCESS_DENIED', { detail: decision.reason });
  throw new errors.AccessDenied('access is denied');
}

/** A grant outlives whatever is issued under it. */
async function prolong(
  grant: Grant,
  issuer: Issuer,
  { view }: Exchange,
  client: ClientRecord,
): Promise<void> {
  const { accessTokenSeconds, refreshTokenSeconds } = lifetimesOf(issuer.spec, view, client);
  const refreshes = client.grants.includes('refresh_token') ? refreshTokenSeconds : 0;
  Object.assign(grant, {
    exp: undefined,
    expiresIn: Math.max(accessTokenSeconds, refreshes) + marginSeconds,
  });
  await grant.save();
}
