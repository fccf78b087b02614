import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { sign } from '../../../../src/domain/provider/engine/sign.ts';
import { makePair, openPair } from '../../../../src/domain/provider/keys/pairs.ts';
import { signingAlgorithms } from '../../../../src/domain/provider/registry/records.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';

const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });

describe('sign', () => {
  for (const algorithm of signingAlgorithms) {
    it(`makes tokens that jose verifies, with ${algorithm}`, async () => {
      const made = await makePair(keyring, algorithm, 1_000);
      const pair = openPair(keyring, { ...made, state: 'current' });
      const keys = createLocalJWKSet({ keys: [made.publicJwk] });
      // Signatures of curves differ in the length that DER would give them.
      for (let count = 0; count < 20; count += 1) {
        const claims = { sub: 'Zoë', count, list: ['a', 1, null], left: undefined };
        const token = await sign(pair, { header: { typ: 'JWT' }, claims });
        const { payload, protectedHeader } = await jwtVerify(token, keys, { algorithms: [algorithm] });
        assert.deepEqual(payload, { sub: 'Zoë', count, list: ['a', 1, null] });
        assert.deepEqual(protectedHeader, { typ: 'JWT', alg: algorithm, kid: made.kid });
      }
    });
  }

  it('lets no header name another algorithm', async () => {
    const pair = openPair(keyring, { ...(await makePair(keyring, 'ES256', 1_000)), state: 'current' });
    const token = await sign(pair, { header: { alg: 'none', kid: 'shown' }, claims: {} });
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'ES256', kid: 'shown' });
  });
});
