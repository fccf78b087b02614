/** A plain issuer: discovery, a key set, and ID tokens that it signs without any ceremony. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Algorithm = 'RS256' | 'ES256';

export interface Issuer {
  readonly url: string;
  /** Signs a token for a user; no two are alike. */
  idToken(algorithm: Algorithm, username: string): string;
  close(): Promise<void>;
}

export const audience = 'latchkey-benchmark';

const ttlSeconds = 5 * 60 * 60;

export async function startIssuer(): Promise<Issuer> {
  const keys: Readonly<Record<Algorithm, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>> =
    {
      RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
      ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    };
  const algorithms: readonly Algorithm[] = ['RS256', 'ES256'];
  const jwks = algorithms.map((alg) => ({
    ...keys[alg].publicKey.export({ format: 'jwk' }),
    kid: `key-${alg}`,
    alg,
    use: 'sig',
  }));
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    if (request.url === '/jwks') response.end(JSON.stringify({ keys: jwks }));
    else response.end(JSON.stringify(discoveryOf(url, algorithms)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  let tokens = 0;
  return {
    url,
    idToken: (algorithm, username) => {
      tokens += 1;
      const header = part({ alg: algorithm, kid: `key-${algorithm}`, typ: 'JWT' });
      const input = `${header}.${part(claimsOf(url, username, tokens))}`;
      const key = { key: keys[algorithm].privateKey, dsaEncoding: 'ieee-p1363' as const };
      return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function discoveryOf(url: string, algorithms: readonly Algorithm[]): object {
  return {
    issuer: url,
    jwks_uri: `${url}/jwks`,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: algorithms,
  };
}

/** About what a commercial issuer puts into an ID token. */
function claimsOf(url: string, username: string, serial: number): object {
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: url,
    sub: `00u${String(serial).padStart(9, '0')}`,
    aud: audience,
    iat: now,
    exp: now + ttlSeconds,
    auth_time: now - 30,
    jti: `ID.${String(serial).padStart(32, '0')}`,
    nonce: `n-${String(serial).padStart(24, '0')}`,
    amr: ['pwd', 'mfa'],
    idp: '00o1n8sbwArJ7OQRw406',
    at_hash: 'eBizgra5nPlQMQ7h4Cuv8g',
    name: 'A Member of the Organisation',
    given_name: 'Member',
    family_name: 'Organisation',
    locale: 'en-GB',
    zoneinfo: 'Europe/London',
    email: `${username}@example.org`,
    email_verified: true,
    preferred_username: username,
    groups: ['everyone', 'engineering', 'operators-of-the-application', 'vpn', 'mail'],
  };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
