import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import type { JwtKeys, JwtSettings } from '../../../src/ports/id-token-verifier.ts';
import { answerNever, answerStatus, createSigningKey, keysPath, mint } from '../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey, type Stage } from './fixture.ts';

function settingsOf({ issuer }: Stage, changes: Partial<JwtSettings> = {}): JwtSettings {
  return {
    keys: { from: 'jwks-uri', uri: issuer.url + keysPath },
    issuer: issuer.url,
    audience: 'app',
    algorithms: ['RS256'],
    ...changes,
  };
}

function keyFetches({ issuer }: Stage): number {
  return issuer.requests.filter((path) => path === keysPath).length;
}

async function refuses(
  stage: Stage,
  token: string,
  code: ErrorCode,
  changes?: Partial<JwtSettings>,
): Promise<void> {
  await fails(stage.verifier.verifyJwt(token, settingsOf(stage, changes)), code);
}

describe('verifyJwt: keys by address', () => {
  it('verifies, fetching the keys once and no metadata', () =>
    onStage(async (stage) => {
      const verify = (): Promise<unknown> => stage.verifier.verifyJwt(stage.token(), settingsOf(stage));
      await Promise.all(Array.from({ length: 20 }, verify));
      await verify();
      assert.deepEqual(stage.issuer.requests, [keysPath]);
    }));

  it('makes no call for a token that is malformed, expired or of another algorithm', () =>
    onStage(async (stage) => {
      await refuses(stage, 'a.b.c', 'ID_TOKEN_MALFORMED');
      await refuses(stage, stage.token({ exp: 1 }), 'ID_TOKEN_EXPIRED');
      await refuses(stage, stage.token(), 'ID_TOKEN_ALGORITHM_REFUSED', { algorithms: ['ES256'] });
      assert.equal(keyFetches(stage), 0);
    }));

  it('fetches anew for an unknown key, at most every 30 s, and then verifies the very token', () =>
    onStage(async (stage) => {
      await stage.verifier.verifyJwt(stage.token(), settingsOf(stage));
      const fresh = createSigningKey('RS256', { kid: 'fresh' });
      stage.issuer.publish(fresh);
      await stage.verifier.verifyJwt(mint(fresh, stage.claims()), settingsOf(stage));
      assert.equal(keyFetches(stage), 2);
      const foreign = createSigningKey('RS256', { kid: 'foreign' });
      for (let count = 0; count < 5; count++)
        await refuses(stage, mint(foreign, stage.claims()), 'ID_TOKEN_KEY_UNKNOWN');
      assert.equal(keyFetches(stage), 2);
      stage.clock.advance(31);
      await refuses(stage, mint(foreign, stage.claims()), 'ID_TOKEN_KEY_UNKNOWN');
      assert.equal(keyFetches(stage), 3);
    }));

  it('serves the last good keys through an outage, for 24 hours', () =>
    onStage(async (stage) => {
      await stage.verifier.verifyJwt(stage.token(), settingsOf(stage));
      await stage.issuer.down();
      stage.clock.advance(24 * 60 * 60 - 1);
      await stage.verifier.verifyJwt(stage.token(), settingsOf(stage));
      stage.clock.advance(2);
      await refuses(stage, stage.token(), 'JWKS_UNREACHABLE');
    }));

  it('does not repeat a fetch that has just failed, and tells the operator where it was', () =>
    onStage(async (stage) => {
      stage.issuer.answerKeys(answerStatus(503));
      await refuses(stage, stage.token(), 'JWKS_REFUSED');
      await refuses(stage, stage.token(), 'JWKS_REFUSED');
      assert.equal(keyFetches(stage), 1);
      assert.deepEqual(
        stage.fetchFailures.map(({ code }) => code),
        ['JWKS_REFUSED'],
      );
    }));

  it('gives up on an address that never answers', () =>
    onStage(
      async (stage) => {
        stage.issuer.answerKeys(answerNever);
        await refuses(stage, stage.token(), 'JWKS_UNREACHABLE');
      },
      { totalTimeoutMs: 100 },
    ));

  it('refuses certificates beside an address without TLS, whatever is remembered of it', () =>
    onStage(async (stage) => {
      const uri = stage.issuer.url + keysPath;
      await stage.verifier.verifyJwt(stage.token(), settingsOf(stage));
      const keys: JwtKeys = { from: 'jwks-uri', uri, caCert: 'none' };
      await refuses(stage, stage.token(), 'JWKS_UNREACHABLE', { keys });
    }));
});

describe('verifyJwt: keys at hand', () => {
  it('verifies without any call, remembering the keys with their object', () =>
    onStage(async (stage) => {
      const keys: JwtKeys = { from: 'public-keys', jwks: { keys: [stage.key.jwk] } };
      await stage.verifier.verifyJwt(stage.token(), settingsOf(stage, { keys }));
      await stage.verifier.checkJwtKeys(keys, 'x');
      const foreign = createSigningKey('RS256', { kid: 'foreign' });
      await refuses(stage, mint(foreign, stage.claims()), 'ID_TOKEN_KEY_UNKNOWN', { keys });
      assert.deepEqual(stage.issuer.requests, []);
    }));

  it('refuses a set without a key that can be used', () =>
    onStage(async (stage) => {
      for (const jwks of [{}, { keys: [] }, { keys: [{ kty: 'oct', k: 'AA' }] }, { keys: 'x' }]) {
        const keys: JwtKeys = { from: 'public-keys', jwks };
        await refuses(stage, stage.token(), 'JWT_PUBLIC_KEYS_INVALID', { keys });
        await fails(stage.verifier.checkJwtKeys(keys, 'x'), 'JWT_PUBLIC_KEYS_INVALID');
      }
    }));
});

describe('verifyJwt: claims', () => {
  const inOrder: [string, Record<string, unknown>, ErrorCode][] = [
    ['no exp', { exp: undefined, iss: undefined }, 'JWT_CLAIM_REQUIRED'],
    ['exp as text', { exp: '2099' }, 'ID_TOKEN_CLAIM_INVALID'],
    ['no iss', { iss: undefined }, 'JWT_CLAIM_REQUIRED'],
    ['iss null', { iss: null }, 'JWT_CLAIM_REQUIRED'],
    ['another iss', { iss: 'other' }, 'ID_TOKEN_ISSUER_MISMATCH'],
    ['iss as a list', { iss: ['other'] }, 'ID_TOKEN_ISSUER_MISMATCH'],
    ['no aud', { aud: undefined }, 'JWT_CLAIM_REQUIRED'],
    ['another aud', { aud: ['x', 'y'] }, 'ID_TOKEN_AUDIENCE_MISMATCH'],
    ['aud as a number', { aud: 7 }, 'ID_TOKEN_CLAIM_INVALID'],
    ['iat as text', { iat: 'now' }, 'ID_TOKEN_CLAIM_INVALID'],
  ];
  for (const [title, changes, code] of inOrder) {
    it(`refuses ${title}`, () =>
      onStage(async (stage) => {
        await refuses(stage, stage.token(changes), code);
      }));
  }

  it('refuses a payload without claims', () =>
    onStage(async (stage) => {
      await refuses(stage, mint(stage.key, {}), 'JWT_EMPTY');
    }));

  it('judges the signature before claims that are missing', () =>
    onStage(async (stage) => {
      const foreign = createSigningKey('RS256', { kid: stage.key.kid });
      await refuses(stage, mint(foreign, {}), 'ID_TOKEN_SIGNATURE_INVALID');
    }));

  it('allows 5 seconds of difference between clocks, either way', () =>
    onStage(async (stage) => {
      const now = Math.floor(stage.clock.now() / 1_000);
      const verify = (changes: Record<string, unknown>): Promise<unknown> =>
        stage.verifier.verifyJwt(stage.token(changes), settingsOf(stage));
      await verify({ exp: now - 4, iat: now + 5, nbf: now + 5 });
      await refuses(stage, stage.token({ exp: now - 5 }), 'ID_TOKEN_EXPIRED');
      await refuses(stage, stage.token({ iat: now + 6 }), 'ID_TOKEN_NOT_YET_VALID');
      await refuses(stage, stage.token({ nbf: now + 6 }), 'ID_TOKEN_NOT_YET_VALID');
    }));

  it('does not look at aud and azp where no audience is given', () =>
    onStage(async (stage) => {
      const keys: JwtKeys = { from: 'jwks-uri', uri: stage.issuer.url + keysPath };
      const settings = { keys, issuer: stage.issuer.url, algorithms: ['RS256'] };
      await stage.verifier.verifyJwt(stage.token({ aud: undefined, azp: 'x' }), settings);
    }));

  it('discovers a provider under another name than its tokens have', () =>
    onStage(
      async (stage) => {
        const keys: JwtKeys = { from: 'provider-uri', uri: stage.issuer.url };
        const token = stage.token({ iss: 'https://inside.example' });
        await stage.verifier.verifyJwt(token, settingsOf(stage, { keys, issuer: 'https://inside.example' }));
        await stage.verifier.checkJwtKeys(keys, 'https://inside.example');
        await refuses(stage, stage.token(), 'ID_TOKEN_ISSUER_MISMATCH', {
          keys,
          issuer: 'https://inside.example',
        });
      },
      { keys: [sharedKey('RS256')] },
    ));
});
