import assert from 'node:assert/strict';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import { isFailure } from '../../../../src/domain/errors.ts';
import { makePair, openPair } from '../../../../src/domain/provider/keys/pairs.ts';
import { signingAlgorithms, type KeyPair } from '../../../../src/domain/provider/registry/records.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';

const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
const publicMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['use', 'kty', 'kid', 'alg', 'n', 'e'],
  EC: ['use', 'kty', 'kid', 'alg', 'crv', 'x', 'y'],
  OKP: ['use', 'kty', 'kid', 'alg', 'crv', 'x'],
};

async function pairOf(algorithm: KeyPair['algorithm']): Promise<KeyPair> {
  return { ...(await makePair(keyring, algorithm, 1_000)), state: 'current' };
}

describe('a pair of signing keys', () => {
  for (const algorithm of signingAlgorithms) {
    it(`signs what its public half verifies, with ${algorithm}`, async () => {
      const pair = await pairOf(algorithm);
      const { kid, privateKey } = openPair(keyring, pair);
      const token = await new SignJWT({ sub: 'somebody' })
        .setProtectedHeader({ alg: algorithm, kid })
        .sign(privateKey);
      const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [pair.publicJwk] }), {
        algorithms: [algorithm],
      });
      assert.equal(payload.sub, 'somebody');
    });

    it(`publishes nothing but what is public, with ${algorithm}`, async () => {
      const { publicJwk, kid } = await pairOf(algorithm);
      assert.deepEqual(Object.keys(publicJwk), publicMembers[publicJwk.kty ?? '']);
      assert.deepEqual(
        { use: publicJwk.use, alg: publicJwk.alg, kid: publicJwk.kid },
        { use: 'sig', alg: algorithm, kid },
      );
    });
  }

  it('is of RSA with 2,048 bits and the usual exponent', async () => {
    const { publicJwk } = await pairOf('RS384');
    assert.equal(Buffer.from(publicJwk.n ?? '', 'base64url').length * 8, 2048);
    assert.equal(publicJwk.e, 'AQAB');
  });

  it('is on the curve that belongs to its algorithm', async () => {
    const curves = await Promise.all(
      (['ES256', 'ES384', 'ES512', 'EdDSA'] as const).map(async (name) => (await pairOf(name)).publicJwk.crv),
    );
    assert.deepEqual(curves, ['P-256', 'P-384', 'P-521', 'Ed25519']);
  });

  it('has a random UUID for its id', async () => {
    const kids = (await Promise.all([pairOf('EdDSA'), pairOf('EdDSA')])).map(({ kid }) => kid);
    assert.notEqual(kids[0], kids[1]);
    for (const kid of kids)
      assert.match(kid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('keeps its private half sealed', async () => {
    const { sealedPrivateJwk, publicJwk } = await pairOf('EdDSA');
    const stored = Buffer.from(sealedPrivateJwk, 'base64').toString('latin1');
    assert.ok(!stored.includes('"d"') && !stored.includes(publicJwk.x ?? '?'));
  });

  it('does not open with the private half of another', async () => {
    const [one, other] = await Promise.all([pairOf('EdDSA'), pairOf('EdDSA')]);
    const swapped = { ...one, sealedPrivateJwk: other.sealedPrivateJwk };
    assert.throws(
      () => openPair(keyring, swapped),
      (error) => isFailure(error, 'SEALED_VALUE_INVALID'),
    );
  });

  it('is opened once', async () => {
    const pair = await pairOf('EdDSA');
    assert.equal(openPair(keyring, pair).privateKey, openPair(keyring, pair).privateKey);
  });

  it('is made off the event loop', async () => {
    let served = false;
    setImmediate(() => {
      served = true;
    });
    await makePair(keyring, 'RS256', 0);
    assert.ok(served, 'nothing else was served meanwhile');
  });
});
