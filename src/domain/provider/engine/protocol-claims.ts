/** The claims that are the protocol's own. */

const protocolClaims: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'nonce',
  'auth_time',
  'at_hash',
  'c_hash',
  's_hash',
  'acr',
  'amr',
  'azp',
  'sid',
  'sub_jwk',
  'cnf',
  'events',
  'client_id',
  'scope',
]);

/** Claims without those that a relying party trusts the protocol to have set. */
export function withoutProtocolClaims(
  claims: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !protocolClaims.has(name)));
}
