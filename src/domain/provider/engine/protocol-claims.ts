/** Claims that only the protocol sets (RFC 7519, RFC 9449, OpenID Connect Core and its logout). */
export const protocolClaims: ReadonlySet<string> = new Set([
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
  const names = Object.keys(claims);
  if (!names.some((name) => protocolClaims.has(name))) return claims;
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !protocolClaims.has(name)));
}
