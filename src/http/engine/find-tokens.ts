/** Tokens that were issued, found by their values. */
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { Artifact } from '../../domain/provider/engine/artifacts.ts';
import { credentialStands } from '../../domain/provider/identity/credential-revision.ts';
import { authorizationOf, isOfClient, scopesOf } from './authorization.ts';
import { clientIn, type Issuer } from './exchange.ts';
import type { FoundAccessToken } from './types.ts';

const maxTokenLength = 16 * 1_024;

/** An access token that is neither expired nor revoked: not it, nor what it was issued under. */
export async function findAccessToken(
  issuer: Issuer,
  view: AccountView,
  value: string,
): Promise<FoundAccessToken | undefined> {
  if (value === '' || value.length > maxTokenLength) return undefined;
  const { artifacts, services } = issuer;
  const [ofRole, ofClient] = await artifacts.find(['AccessToken', value], ['ClientCredentials', value]);
  const token = ofRole ?? ofClient;
  const nowSeconds = services.clock.now() / 1_000;
  if (token === undefined || (token.exp ?? 0) <= nowSeconds) return undefined;
  if (!(await grantStands(issuer, token))) return undefined;
  const client = clientIn(issuer, view, token.clientId ?? '');
  if (client !== undefined && !isOfClient(token, client)) return undefined;
  const familyId = token.grantId ?? token.familyId;
  return {
    clientId: token.clientId ?? '',
    scopes: scopesOf(token),
    issuedAtSeconds: token.iat ?? 0,
    expiresAtSeconds: token.exp ?? 0,
    authorization: authorizationOf(issuer, view, token),
    ...(token.accountId === undefined ? {} : { subjectKey: token.accountId }),
    ...(familyId === undefined ? {} : { familyId }),
  };
}

/**
 * Whether what a token was issued under has not been revoked. A token that was written just after its
 * family was removed is not found out otherwise.
 */
export async function grantStands(
  { artifacts }: Issuer,
  { grantId, clientId, accountId }: Artifact,
): Promise<boolean> {
  if (grantId === undefined) return true;
  const [grant] = await artifacts.find(['Grant', grantId]);
  return grant?.clientId === clientId && grant?.accountId === accountId;
}

/**
 * Whether what is to give new tokens may: what it was issued under was not revoked, and the credential of its role is
 * still that of the sign-in.
 */
export async function allStands(issuer: Issuer, view: AccountView, artifact: Artifact): Promise<boolean> {
  const all = await Promise.all([
    grantStands(issuer, artifact),
    credentialStands(issuer.services, view, artifact),
  ]);
  return all.every(Boolean);
}

/** Revokes a token of whichever kind, and what was issued under the same grant. */
export async function revokeToken({ artifacts }: Issuer, value: string): Promise<void> {
  if (value === '' || value.length > maxTokenLength) return;
  const kinds = ['AccessToken', 'RefreshToken', 'ClientCredentials'] as const;
  const found = await artifacts.find(...kinds.map((kind) => [kind, value] as const));
  for (const [index, token] of found.entries()) {
    if (token === undefined) continue;
    await artifacts.remove(kinds[index] ?? 'AccessToken', value);
    if (token.grantId !== undefined) await artifacts.revoke(token.grantId);
  }
}
