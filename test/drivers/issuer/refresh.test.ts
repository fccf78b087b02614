import assert from 'node:assert/strict';
import { createSigningKey, answerStatus, metadataPath, mint } from '../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey, type Stage } from './fixture.ts';

/** How often the issuer has been asked. */
function fetches({ issuer }: Pick<Stage, 'issuer'>): number {
  return issuer.requests.filter((path) => path === metadataPath).length;
}

/** Waits until the issuer has been asked this often and the answers have been taken in. */
async function settled(stage: Stage, count: number): Promise<void> {
  while (fetches(stage) < count || stage.issuer.requests.length < 2 * count) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await stage.issuer.idle();
}

describe('issuer keys: caching', () => {
  it('fetches once for many tokens', () =>
    onStage(async (stage) => {
      for (let count = 0; count < 5; count++) await stage.verify(stage.token());
      assert.equal(fetches(stage), 1);
    }));

  it('fetches once for many tokens that arrive together', () =>
    onStage(async (stage) => {
      await Promise.all(Array.from({ length: 50 }, () => stage.verify(stage.token())));
      assert.equal(fetches(stage), 1);
    }));

  it('serves at once and fetches in the background from 10 minutes on', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      stage.clock.advance(599);
      await stage.verify(stage.token());
      assert.equal(fetches(stage), 1);
      const added = createSigningKey('ES256');
      stage.issuer.publish(stage.key, added);
      stage.clock.advance(1);
      await stage.verify(stage.token());
      await settled(stage, 2);
      await stage.verify(mint(added, stage.claims()));
      assert.equal(fetches(stage), 2);
    }));

  it('fetches again when the clock has been set back', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      stage.clock.advance(-3_600);
      await stage.verify(stage.token());
      await settled(stage, 2);
    }));

  it('remembers each trust anchor and each list of issuers apart', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      await stage.verify(stage.token(), { issuers: [stage.issuer.url] });
      assert.equal(fetches(stage), 2);
    }));

  it('forgets the issuer that was used least recently', () =>
    onStage(
      async (stage) => {
        await stage.verify(stage.token());
        await stage.verify(stage.token(), { issuers: [stage.issuer.url] });
        await stage.verify(stage.token());
        assert.equal(fetches(stage), 3);
      },
      { maxIssuers: 1 },
    ));
});

describe('issuer keys: outage', () => {
  it('serves the last good keys while the issuer is down, for 24 hours', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      await stage.issuer.down();
      for (let hours = 1; hours < 24; hours++) {
        stage.clock.advance(3_600);
        await stage.verify(stage.token());
      }
      stage.clock.advance(3_600);
      await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
      assert.ok(stage.fetchFailures.length > 0);
    }));

  it('serves again as soon as the issuer is back', () =>
    onStage(async (stage) => {
      await stage.issuer.down();
      await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
      await stage.issuer.up();
      stage.clock.advance(10);
      await stage.verify(stage.token());
    }));

  it('does not ask again within 5 to 10 s of a failure', () =>
    onStage(
      async (stage) => {
        stage.issuer.answerMetadata(answerStatus(503));
        await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
        const repeated = await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
        assert.match(repeated.message, /503/);
        stage.clock.advance(7);
        await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
        assert.equal(fetches(stage), 1);
        stage.clock.advance(1);
        await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
        assert.equal(fetches(stage), 2);
      },
      { random: () => 0.5 },
    ));

  it('does not hold a failure against an issuer for longer when the clock has been set back', () =>
    onStage(async (stage) => {
      await stage.issuer.down();
      await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
      await stage.issuer.up();
      stage.clock.advance(-3_600);
      await stage.verify(stage.token());
    }));

  it('does not ask an issuer that is down once per token when its keys are due', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      stage.issuer.answerMetadata(answerStatus(503));
      stage.clock.advance(600);
      await stage.verify(stage.token());
      while (stage.fetchFailures.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await stage.verify(stage.token());
      // Whatever is under way ends with a failure when the verifier is closed.
      await stage.verifier.close();
      assert.equal(stage.fetchFailures.length, 1);
    }));

  it('asks an issuer that has just failed for no unknown key', () =>
    onStage(
      async (stage) => {
        await stage.verify(stage.token());
        await stage.issuer.down();
        for (let count = 0; count < 3; count++) {
          await stage.refuses(stage.token({}, { header: { kid: 'unknown' } }), 'ID_TOKEN_KEY_UNKNOWN');
        }
        assert.equal(stage.fetchFailures.length, 1);
      },
      { forcedRefreshCooldownSeconds: 0 },
    ));

  it('forgets a failure once the issuer has answered', () =>
    onStage(async (stage) => {
      await stage.issuer.down();
      await fails(stage.verify(stage.token()), 'ISSUER_UNREACHABLE');
      await stage.issuer.up();
      await stage.verifier.check({ providerUri: stage.issuer.url });
      const fresh = createSigningKey('ES256');
      stage.issuer.publish(fresh);
      await stage.verify(mint(fresh, stage.claims()));
    }));
});

describe('issuer keys: rotation', () => {
  it('accepts a token under a new key at once, within the same request', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      const fresh = createSigningKey('ES256');
      stage.issuer.publish(fresh);
      await stage.verify(mint(fresh, stage.claims()));
      assert.equal(fetches(stage), 2);
    }));

  it('accepts many tokens under a new key that arrive together, with one fetch', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      const fresh = createSigningKey('ES256');
      stage.issuer.publish(fresh);
      await Promise.all(Array.from({ length: 50 }, () => stage.verify(mint(fresh, stage.claims()))));
      assert.equal(fetches(stage), 2);
    }));

  it('refuses the old key once the issuer has withdrawn it', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      const fresh = createSigningKey('ES256');
      stage.issuer.publish(fresh);
      await stage.verify(mint(fresh, stage.claims()));
      await stage.refuses(stage.token(), 'ID_TOKEN_KEY_UNKNOWN');
    }));

  it('accepts a key that was replaced under the same id', () =>
    onStage(
      async (stage) => {
        await stage.verify(stage.token());
        const fresh = createSigningKey('ES256', { kid: stage.key.kid });
        stage.issuer.publish(fresh);
        await stage.verify(mint(fresh, stage.claims()));
        await stage.refuses(stage.token(), 'ID_TOKEN_SIGNATURE_INVALID');
      },
      { keys: [createSigningKey('ES256')] },
    ));

  it('accepts each of two keys that share an id', () => {
    const first = createSigningKey('ES256', { kid: 'same' });
    const second = createSigningKey('ES256', { kid: 'same' });
    return onStage(
      async ({ claims, verify }) => {
        await verify(mint(first, claims()));
        await verify(mint(second, claims()));
      },
      { keys: [first, second] },
    );
  });

  it('fetches for unknown keys at most once in 30 s', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      const unknown = (): Promise<unknown> =>
        stage.refuses(stage.token({}, { header: { kid: 'unknown' } }), 'ID_TOKEN_KEY_UNKNOWN');
      await unknown();
      await unknown();
      assert.equal(fetches(stage), 2);
      stage.clock.advance(29);
      await unknown();
      assert.equal(fetches(stage), 2);
      stage.clock.advance(1);
      await unknown();
      assert.equal(fetches(stage), 3);
    }));

  it('fetches for bad signatures within the same bound', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      const forged = stage.token({}, { sign: () => Buffer.alloc(256) });
      for (let count = 0; count < 10; count++) await stage.refuses(forged, 'ID_TOKEN_SIGNATURE_INVALID');
      await stage.refuses(stage.token({}, { header: { kid: 'unknown' } }), 'ID_TOKEN_KEY_UNKNOWN');
      assert.equal(fetches(stage), 2);
    }));

  it('fetches for unknown keys at most 10 times in 300 s', () =>
    onStage(
      async (stage) => {
        await stage.verify(stage.token());
        for (let count = 0; count < 15; count++) {
          await stage.refuses(stage.token({}, { header: { kid: 'unknown' } }), 'ID_TOKEN_KEY_UNKNOWN');
          stage.clock.advance(1);
        }
        assert.equal(fetches(stage), 11);
        stage.clock.advance(290);
        await stage.refuses(stage.token({}, { header: { kid: 'unknown' } }), 'ID_TOKEN_KEY_UNKNOWN');
        assert.equal(fetches(stage), 12);
      },
      { forcedRefreshCooldownSeconds: 0 },
    ));

  it('reports the unknown key, not the outage, and keeps the keys at hand', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      await stage.issuer.down();
      await stage.refuses(stage.token({}, { header: { kid: 'unknown' } }), 'ID_TOKEN_KEY_UNKNOWN');
      assert.equal(stage.fetchFailures[0]?.code, 'ISSUER_UNREACHABLE');
      await stage.verify(stage.token());
    }));
});

describe('issuer keys: tokens that are not worth a call', () => {
  it('asks nobody for a token that is malformed, expired or not yet valid', () =>
    onStage(async ({ issuer, token, refuses, clock }) => {
      const now = Math.floor(clock.now() / 1_000);
      await refuses('a.b.c', 'ID_TOKEN_MALFORMED');
      await refuses(token({}, { header: { alg: 'none' } }), 'ID_TOKEN_ALGORITHM_REFUSED');
      await refuses(token({ exp: now - 60 }), 'ID_TOKEN_EXPIRED');
      await refuses(token({ nbf: now + 61 }), 'ID_TOKEN_NOT_YET_VALID');
      assert.deepEqual(issuer.requests, []);
    }));

  it('asks for no newer keys for a token of another issuer or for another audience', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      const header = { kid: 'unknown' };
      await stage.refuses(
        stage.token({ iss: 'https://other.example' }, { header }),
        'ID_TOKEN_ISSUER_MISMATCH',
      );
      await stage.refuses(stage.token({ aud: 'other' }, { header }), 'ID_TOKEN_AUDIENCE_MISMATCH');
      assert.equal(fetches(stage), 1);
    }));
});

describe('issuer keys: status check', () => {
  it('fetches anew, and what it finds serves from then on', () =>
    onStage(async (stage) => {
      await stage.verify(stage.token());
      const fresh = createSigningKey('ES256');
      stage.issuer.publish(fresh);
      await stage.verifier.check({ providerUri: stage.issuer.url });
      await stage.verify(mint(fresh, stage.claims()));
      assert.equal(fetches(stage), 2);
    }));

  it('fails while the issuer is down, though the keys at hand serve', () =>
    onStage(
      async (stage) => {
        await stage.verify(stage.token());
        await stage.issuer.down();
        await fails(stage.verifier.check({ providerUri: stage.issuer.url }), 'ISSUER_UNREACHABLE');
        await stage.verify(stage.token());
      },
      { keys: [sharedKey('ES256')] },
    ));

  it('asks again however lately the issuer failed', () =>
    onStage(async ({ issuer, verifier }) => {
      await issuer.down();
      await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_UNREACHABLE');
      await issuer.up();
      await verifier.check({ providerUri: issuer.url });
    }));
});
