import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import {
  answerJson,
  answerNever,
  createSigningKey,
  mint,
  startRogueIssuer,
  type Answer,
} from '../../support/rogue-issuer.ts';
import { fails, onStage } from './fixture.ts';

/** An answer that waits for the test. */
function answerLater(
  value: () => unknown,
): Answer & { readonly asked: Promise<void>; readonly release: () => void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let tellAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => (tellAsked = resolve));
  const answer: Answer = (response, request) => {
    tellAsked();
    void released.then(() => {
      answerJson(value())(response, request);
    });
  };
  return Object.assign(answer, { asked, release });
}

describe('issuer calls: bounds', () => {
  it('verifies tokens of one issuer while another says nothing', () =>
    onStage(async ({ verifier, verify, token }) => {
      const silent = await startRogueIssuer();
      try {
        silent.answerMetadata(answerNever);
        const waiting = fails(verifier.check({ providerUri: silent.url }), 'ISSUER_UNREACHABLE');
        await verify(token());
        await verifier.close();
        await waiting;
      } finally {
        await silent.stop();
      }
    }));

  it('verifies tokens of one issuer while another says nothing at any of its many addresses', () =>
    onStage(
      async ({ verifier, verify, token }) => {
        const silent = await startRogueIssuer();
        const realms = Array.from({ length: 100 }, (_, place) => `${silent.url}/realms/${place}`);
        const held: ServerResponse[] = [];
        silent.answerOthers((response) => held.push(response));
        try {
          const waiting = Promise.allSettled(realms.map((providerUri) => verifier.check({ providerUri })));
          while (held.length < 8) await new Promise((resolve) => setTimeout(resolve, 5));
          await verify(token());
          assert.deepEqual([held.length, silent.mostConnections()], [8, 8]);
          await verifier.close();
          assert.ok((await waiting).every(({ status }) => status === 'rejected'));
        } finally {
          await silent.stop();
        }
      },
      { totalTimeoutMs: 60_000 },
    ));

  it('asks an issuer once for a status check and the tokens that arrive meanwhile', () =>
    onStage(async ({ issuer, verifier, verify, token }) => {
      const slow = answerLater(issuer.metadata);
      issuer.answerMetadata(slow);
      const check = verifier.check({ providerUri: issuer.url });
      await slow.asked;
      const verified = verify(token());
      slow.release();
      await Promise.all([check, verified]);
      assert.equal(issuer.requests.length, 2);
    }));

  it('asks once more for a token under a key that was published while an answer was on its way', () =>
    onStage(async ({ issuer, clock, key, claims, verify, token }) => {
      await verify(token());
      const slow = answerLater(() => ({ keys: [key.jwk] }));
      issuer.answerKeys(slow);
      clock.advance(600);
      await verify(token());
      await slow.asked;
      const fresh = createSigningKey('ES256');
      issuer.publish(fresh);
      const verified = verify(mint(fresh, claims()));
      slow.release();
      await verified;
      assert.equal(issuer.requests.length, 6);
    }));

  it('asks anew for a status check that arrives while an answer is on its way', () =>
    onStage(async ({ issuer, verifier }) => {
      const slow = answerLater(issuer.metadata);
      issuer.answerMetadata(slow);
      const first = verifier.check({ providerUri: issuer.url });
      await slow.asked;
      const second = verifier.check({ providerUri: issuer.url });
      slow.release();
      await Promise.all([first, second]);
      assert.equal(issuer.requests.length, 4);
    }));

  it('ends what is under way when it is closed, and calls nobody afterwards', () =>
    onStage(async ({ issuer, verifier, verify, token }) => {
      issuer.answerMetadata(answerNever);
      const pending = fails(verify(token()), 'ISSUER_UNREACHABLE');
      await verifier.close();
      await pending;
      const { length } = issuer.requests;
      await fails(verify(token()), 'ISSUER_UNREACHABLE');
      assert.equal(issuer.requests.length, length);
    }));
});
