import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { isFailure } from '../../../src/domain/errors.ts';
import { mint, startRogueIssuer, type RogueIssuer } from '../../support/rogue-issuer.ts';
import { openIssuerVerifier } from '../../../src/drivers/issuer/verifier.ts';
import type { IdTokenVerifier } from '../../../src/ports/id-token-verifier.ts';
import { corpusKeys, oddTokens } from './corpus.ts';
import { assertProperty } from '../../support/property.ts';

const audience = 'app';
const now = new Date();
const nowSeconds = Math.floor(now.getTime() / 1_000);
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const published = { keys: corpusKeys.map(({ jwk }) => jwk) };
const keySet = createLocalJWKSet(published);

/** The verdict of jose under the same settings: the claims, or undefined. */
async function joseVerdict(token: string, issuer: string): Promise<unknown> {
  const options = {
    issuer,
    audience,
    algorithms,
    clockTolerance: 60,
    currentDate: now,
    requiredClaims: ['exp'],
  };
  try {
    return (await jwtVerify(token, keySet, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return undefined;
    // As its documentation says: try each of the keys that fit.
    for await (const key of error) {
      const payload = await jwtVerify(token, key, options)
        .then((result) => result.payload)
        .catch(() => undefined);
      if (payload !== undefined) return payload;
    }
    return undefined;
  }
}

async function ourVerdict(verifier: IdTokenVerifier, token: string, issuer: string): Promise<unknown> {
  try {
    return await verifier.verify(token, { providerUri: issuer, audiences: [audience] });
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

describe('verification compared with jose', () => {
  let issuer: RogueIssuer;
  let verifier: IdTokenVerifier;

  before(async () => {
    issuer = await startRogueIssuer({ keys: corpusKeys });
    verifier = openIssuerVerifier({ clock: { now: () => now.getTime() } });
  });

  after(async () => {
    await verifier.close();
    await issuer.stop();
  });

  it('agrees on every odd token, but where it is stricter on purpose', async () => {
    let accepted = 0;
    for (const { name, token, stricter } of oddTokens({ issuer: issuer.url, audience, nowSeconds })) {
      // Ours drops white space around a token.
      const theirs = await joseVerdict(token.trim(), issuer.url);
      const ours = await ourVerdict(verifier, token, issuer.url);
      if (stricter === undefined) assert.deepEqual(ours, theirs, name);
      else assert.deepEqual([ours, theirs !== undefined], [undefined, true], `${name}: ${stricter}`);
      if (ours !== undefined) accepted++;
    }
    assert.ok(accepted >= 40, `${accepted} accepted`);
  });

  it('accepts nothing that jose refuses among altered tokens', async () => {
    const claims = { iss: issuer.url, aud: audience, exp: nowSeconds + 600 };
    const seeds = corpusKeys.map((key) => mint(key, claims));
    const alteration = fc.record({
      seed: fc.constantFrom(...seeds),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat({ max: 3 }),
      insert: fc.oneof(
        fc.string({ maxLength: 3 }),
        fc.constantFrom('.', '..', '=', '==', '\n', ' ', 'A', '-', '_', '+', '/', '\0', '\u00a0'),
        fc.base64String({ maxLength: 8 }),
      ),
    });
    await assertProperty(
      fc.asyncProperty(alteration, async ({ seed, at, remove, insert }) => {
        const position = Math.floor(at * seed.length);
        const token = `${seed.slice(0, position)}${insert}${seed.slice(position + remove)}`;
        const ours = await ourVerdict(verifier, token, issuer.url);
        if (ours !== undefined) assert.deepEqual(ours, await joseVerdict(token.trim(), issuer.url));
      }),
      { seed: 20_261_121, numRuns: 2_000 },
    );
  });

  it('accepts nothing that jose refuses among made-up headers and claims', async () => {
    const scalar = fc.oneof(
      fc.constantFrom(...algorithms, 'none', 'HS256', 'JWT', audience, issuer.url, '', null, true),
      fc.integer({ min: nowSeconds - 120, max: nowSeconds + 120 }),
      fc.string({ maxLength: 5 }),
    );
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
    const headers = fc.dictionary(fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'jwk', 'cty'), value, {
      maxKeys: 2,
    });
    const payloads = fc.dictionary(fc.constantFrom('iss', 'aud', 'exp', 'nbf', 'iat', 'azp', 'sub'), value, {
      maxKeys: 3,
    });
    await assertProperty(
      fc.asyncProperty(fc.constantFrom(...corpusKeys), headers, payloads, async (key, header, changes) => {
        const claims = { iss: issuer.url, aud: audience, exp: nowSeconds + 600, ...changes };
        const token = mint(key, claims, { header });
        const ours = await ourVerdict(verifier, token, issuer.url);
        if (ours !== undefined) assert.deepEqual(ours, await joseVerdict(token, issuer.url));
      }),
      { seed: 20_261_121, numRuns: 500 },
    );
  });
});
