import assert from 'node:assert/strict';
import { openIssuerVerifier } from '../../../src/drivers/issuer/verifier.ts';
import type { IdTokenVerifier, IssuerSettings } from '../../../src/ports/id-token-verifier.ts';
import { startIssuer, type Issuer, type IssuerOptions } from '../../support/issuer.ts';
import { fails, handClock, type HandClock } from './fixture.ts';

interface Scene {
  readonly issuer: Issuer;
  readonly settings: IssuerSettings;
  readonly verifier: IdTokenVerifier;
  readonly clock: HandClock;
}

async function withIssuer(options: IssuerOptions, test: (scene: Scene) => Promise<void>): Promise<void> {
  const issuer = await startIssuer(options);
  const clock = handClock();
  const verifier = openIssuerVerifier({ clock });
  const { url: providerUri, caCert } = issuer;
  const settings = { providerUri, audiences: ['app'], ...(caCert === undefined ? {} : { caCert }) };
  try {
    await test({ issuer, settings, verifier, clock });
  } finally {
    await verifier.close();
    await issuer.stop();
  }
}

describe('a real issuer', () => {
  for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'] as const) {
    it(`signs in with ${algorithm}`, () =>
      withIssuer({ algorithms: [algorithm] }, async ({ issuer, settings, verifier }) => {
        const claims = await verifier.verify(await issuer.idToken('alice'), settings);
        assert.equal(claims['sub'], 'alice');
        assert.equal(claims['email'], 'alice@conjur.net');
        assert.equal(claims['preferred_username'], 'alice');
        assert.equal(claims['username'], 'alice');
        assert.equal(claims['iss'], issuer.url);
        assert.equal(claims['aud'], 'app');
      }));
  }

  it('signs in with every algorithm that it offers at once', () =>
    withIssuer({}, async ({ issuer, settings, verifier }) => {
      for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'] as const) {
        await verifier.verify(await issuer.idToken('bob', { algorithm }), settings);
      }
    }));

  it('is trusted over https through its private authority only', () =>
    withIssuer({ algorithms: ['ES256'], https: true }, async ({ issuer, settings, verifier }) => {
      const token = await issuer.idToken('alice');
      await verifier.verify(token, settings);
      await fails(verifier.verify(token, { providerUri: issuer.url }), 'ISSUER_UNREACHABLE');
    }));

  it('signs in for the application that asked, not for another', () =>
    withIssuer({ algorithms: ['ES256'] }, async ({ issuer, settings, verifier }) => {
      const token = await issuer.idToken('alice', { clientId: 'another' });
      await fails(verifier.verify(token, settings), 'ID_TOKEN_AUDIENCE_MISMATCH');
      await verifier.verify(token, { ...settings, audiences: ['app', 'another'] });
    }));

  it('signs in after its keys were replaced, also under the same ids', () =>
    withIssuer({ algorithms: ['ES256'] }, async ({ issuer, settings, verifier, clock }) => {
      const before = await issuer.idToken('alice');
      await verifier.verify(before, settings);
      await issuer.rotateKeys();
      await verifier.verify(await issuer.idToken('alice'), settings);
      await fails(verifier.verify(before, settings), 'ID_TOKEN_KEY_UNKNOWN');
      await issuer.rotateKeys({ sameKids: true });
      clock.advance(30);
      await verifier.verify(await issuer.idToken('alice'), settings);
    }));

  it('keeps tokens good that an old key signed, where it goes on publishing that', () =>
    withIssuer({ algorithms: ['ES256'] }, async ({ issuer, settings, verifier }) => {
      const before = await issuer.idToken('alice');
      await issuer.rotateKeys({ keepOld: true });
      const after = await issuer.idToken('alice');
      await verifier.verify(after, settings);
      await verifier.verify(before, settings);
    }));

  it('signs in through an outage, for as long as its keys are trusted', () =>
    withIssuer(
      { algorithms: ['ES256'], idTokenTtlSeconds: 3 * 24 * 60 * 60 },
      async ({ issuer, settings, verifier, clock }) => {
        const token = await issuer.idToken('alice');
        await verifier.verify(token, settings);
        await issuer.stop();
        clock.advance(24 * 60 * 60 - 1);
        await verifier.verify(token, settings);
        clock.advance(1);
        await fails(verifier.verify(token, settings), 'ISSUER_UNREACHABLE');
        await issuer.restart();
        clock.advance(10);
        await verifier.verify(token, settings);
      },
    ));

  it('is not reached before it has started', () =>
    withIssuer({ algorithms: ['ES256'] }, async ({ issuer, settings, verifier }) => {
      const token = await issuer.idToken('alice');
      await issuer.stop();
      await fails(verifier.verify(token, settings), 'ISSUER_UNREACHABLE');
    }));

  it('signs in within a minute of difference between the clocks, not beyond', () =>
    withIssuer(
      { algorithms: ['ES256'], idTokenTtlSeconds: 300 },
      async ({ issuer, settings, verifier, clock }) => {
        const token = await issuer.idToken('alice');
        clock.advance(-50);
        await verifier.verify(token, settings);
        clock.advance(-20);
        await fails(verifier.verify(token, settings), 'ID_TOKEN_NOT_YET_VALID');
        clock.advance(70 + 350);
        await verifier.verify(token, settings);
        clock.advance(20);
        await fails(verifier.verify(token, settings), 'ID_TOKEN_EXPIRED');
      },
    ));

  it('refuses to sign in whom it does not know', () =>
    withIssuer({ algorithms: ['ES256'] }, async ({ issuer }) => {
      await assert.rejects(issuer.idToken('mallory'));
    }));
});
