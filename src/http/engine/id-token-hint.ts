/** ID tokens that come back: as a hint of who should be signed in, or who signs out. */
import { errors } from 'oidc-provider';
import { verifiedClaims } from '../../domain/provider/engine/sign.ts';
import { roleOfSubjectKey, subjectKeyOf } from '../../domain/provider/identity/subject.ts';
import { clientIn, currentExchange, type Issuer } from './exchange.ts';
import { subjectOf } from './authorization.ts';
import Provider from 'oidc-provider';

/**
 * The claims of an ID token of this issuer for a client, expired or not. Where it is about whoever is signed
 * in, `sub` is what the session knows him by, which is how the library compares the two.
 * @throws OIDCProviderError `invalid_request`: it is no such token
 */
export async function validateIdTokenHint(
  issuer: Issuer,
  token: string,
  clientId: string,
): Promise<{ readonly payload: Readonly<Record<string, unknown>> }> {
  const exchange = currentExchange();
  const view = exchange?.view;
  const client = view === undefined ? undefined : clientIn(issuer, view, clientId);
  const { issuer: iss } = issuer.spec;
  const verified =
    view === undefined || client === undefined
      ? undefined
      : await verifiedClaims(issuer.spec.publishedKeys(view), token, {
          issuer: iss,
          audience: clientId,
          ignoreExpiration: true,
        });
  if (verified === undefined || view === undefined || client === undefined) {
    throw new errors.InvalidRequest('could not validate id_token_hint');
  }
  const { header, claims } = verified;
  if (header.typ !== undefined && header.typ !== 'JWT') {
    throw new errors.InvalidRequest('could not validate id_token_hint');
  }
  const sessionKey = Provider.ctx?.oidc.session?.accountId;
  const role = sessionKey === undefined ? undefined : roleOfSubjectKey(view.state, sessionKey);
  if (role === undefined) return { payload: { ...claims } };
  const attributes = exchange?.attributes ?? {};
  const subject = subjectOf(issuer.spec, view, { role, client, scopes: [], audiences: [], attributes });
  return { payload: { ...claims, ...(claims.sub === subject ? { sub: subjectKeyOf(role) } : {}) } };
}
