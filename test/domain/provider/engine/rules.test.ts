import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { LatchkeyError } from '../../../../src/domain/errors.ts';
import { secretMatches } from '../../../../src/domain/provider/engine/client-secret.ts';
import { oauthErrorOf } from '../../../../src/domain/provider/engine/oauth-error.ts';
import { withoutProtocolClaims } from '../../../../src/domain/provider/engine/protocol-claims.ts';
import { halfHash, sign, verifiedClaims } from '../../../../src/domain/provider/engine/sign.ts';
import { secretSealName } from '../../../../src/domain/provider/registry/records.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';

describe('a refusal on the wire', () => {
  for (const [code, error, status] of [
    ['OAUTH_INVALID_CLIENT', 'invalid_client', 401],
    ['OAUTH_INVALID_GRANT', 'invalid_grant', 400],
    ['OAUTH_INSUFFICIENT_SCOPE', 'insufficient_scope', 403],
    ['OAUTH_SERVER_ERROR', 'server_error', 500],
    ['STORE_UNAVAILABLE', 'temporarily_unavailable', 503],
    ['INTERNAL', 'server_error', 500],
    ['BODY_TOO_LARGE', 'invalid_request', 413],
    ['METHOD_NOT_ALLOWED', 'invalid_request', 405],
  ] as const) {
    it(`is ${error} for ${code}, and tells nothing of the detail`, () => {
      const told = oauthErrorOf(new LatchkeyError(code, { detail: 'the true reason' }));
      assert.deepEqual([told.error, told.status], [error, status]);
      assert.doesNotMatch(told.description, /true reason/);
    });
  }

  it('has the advice that may be shown', () => {
    const failure = new LatchkeyError('OAUTH_INVALID_REQUEST', { detail: 'x', advice: 'code is missing' });
    assert.equal(oauthErrorOf(failure).description, 'code is missing');
  });
});

describe('a client’s secret', () => {
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const sealed = Buffer.from(keyring.seal(Buffer.from('shown'), secretSealName('c', 'a'))).toString('base64');
  const sha256 = createHash('sha256').update('hidden').digest('hex');
  const client = {
    clientId: 'c',
    secrets: [
      { id: 'a', createdAt: 0, sealed },
      { id: 'b', createdAt: 0, sha256, expiresAt: 100 },
    ],
  };

  it('may be kept sealed or as a hash', () => {
    assert.ok(secretMatches(keyring, client, 'shown', 50));
    assert.ok(secretMatches(keyring, client, 'hidden', 50));
    for (const wrong of ['', 'other', sha256, sealed]) assert.ok(!secretMatches(keyring, client, wrong, 50));
  });

  it('ends when it expires', () => {
    assert.ok(!secretMatches(keyring, client, 'hidden', 100));
    assert.ok(secretMatches(keyring, client, 'shown', 100));
  });
});

describe('tokens of the provider', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pair = { kid: 'k', algorithm: 'EdDSA' as const, privateKey };
  const keys = [
    {
      ...(publicKey.export({ format: 'jwk' }) as Record<string, string>),
      kty: 'OKP',
      kid: 'k',
      alg: 'EdDSA',
    },
  ];
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: 'https://i.example', aud: 'c', sub: 's', iat: now - 100, exp: now + 86_400 };
  const expected = { issuer: 'https://i.example', audience: 'c' };

  it('verify with their issuer, audience and time', async () => {
    const token = await sign(pair, { header: { typ: 'JWT' }, claims });
    const verified = await verifiedClaims(keys, token, expected);
    assert.deepEqual([verified?.claims.sub, verified?.header.typ], ['s', 'JWT']);
    for (const [what, others] of [
      ['issuer', { ...expected, issuer: 'https://other.example' }],
      ['audience', { ...expected, audience: 'd' }],
    ] as const) {
      assert.equal(await verifiedClaims(keys, token, others), undefined, what);
    }
    assert.equal(await verifiedClaims([], token, expected), undefined);
    assert.equal(await verifiedClaims(keys, 'nonsense', expected), undefined);
  });

  it('may be expired only where that is said', async () => {
    const token = await sign(pair, { header: {}, claims: { ...claims, nbf: now - 100, exp: now - 50 } });
    assert.equal(await verifiedClaims(keys, token, expected), undefined);
    assert.equal(
      (await verifiedClaims(keys, token, { ...expected, ignoreExpiration: true }))?.claims.sub,
      's',
    );
  });

  it('are bound by half of the hash that goes with the algorithm', () => {
    for (const [algorithm, hash, bytes] of [
      ['RS256', 'sha256', 16],
      ['ES384', 'sha384', 24],
      ['RS512', 'sha512', 32],
      ['EdDSA', 'sha512', 32],
    ] as const) {
      const half = createHash(hash).update('v').digest().subarray(0, bytes).toString('base64url');
      assert.equal(halfHash(algorithm, 'v'), half);
    }
  });

  it('take no claim of the protocol from a dialect', () => {
    const given = { sub: 'x', nonce: 'x', iat: 1, sid: 'x', events: {}, email: 'a@b', groups: ['g'] };
    assert.deepEqual(withoutProtocolClaims(given), { email: 'a@b', groups: ['g'] });
  });
});
