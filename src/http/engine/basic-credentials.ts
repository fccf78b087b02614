/** Clients' credentials as Vault takes them. */
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { RequestContextOf } from '../context.ts';
import { clientIn, type Issuer } from './exchange.ts';

/**
 * Puts Basic credentials, which are not percent-decoded there and win over those of the body, into the body, and takes
 * away a secret that was sent for a public client.
 * @returns the headers that the library is not to see
 */
export function rawBasicInBody(
  ctx: RequestContextOf,
  issuer: Issuer,
  view: AccountView,
  parameters: URLSearchParams,
): readonly string[] {
  const [, encoded] = /^basic +(\S+) *$/i.exec(ctx.req.headers.authorization ?? '') ?? [];
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon !== -1) {
    parameters.set('client_id', decoded.slice(0, colon));
    parameters.set('client_secret', decoded.slice(colon + 1));
  }
  const client = clientIn(issuer, view, parameters.get('client_id') ?? '');
  if (client?.type === 'public') parameters.delete('client_secret');
  return ['authorization'];
}
