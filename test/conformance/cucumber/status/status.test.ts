import assert from 'node:assert/strict';
import { request } from 'node:http';
import { send, tokenHeader, type Session } from '../../../support/client.ts';
import { describeScenarios } from '../../../support/conjur-world.ts';

/** status_page (2 scenarios of 2), whoami (1 of 1), bad-content-type (3 of 3). */
describeScenarios('the status page and whoami', (on) => {
  let alice: Session;

  before(async () => {
    await on.world.load('- !user alice');
    alice = await on.world.as('alice');
  });

  it('shows a page that says that the server is running', async () => {
    const answer = await send(on.world.service.url, 'GET');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(answer.text, /is running!/);
  });

  it('tells the version in JSON', async () => {
    const answer = await send(on.world.service.url, 'GET', { headers: { accept: 'application/json' } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    assert.match(answer.text, /"version":"\d+\.\d+\.\d+/);
  });

  it('records who asked who they are', async () => {
    const records = await on.world.recordsOf(async () => {
      assert.equal((await alice.send('GET', '/whoami')).status, 200);
    });
    const who = 'cucumber:user:alice';
    assert.deepEqual(records, [
      `<38> identity-check [subject@43868 role="${who}"][auth@43868 user="${who}"]` +
        '[client@43868 ip="127.0.0.1"][action@43868 result="success" operation="check"] ' +
        `${who} checked its identity using whoami`,
    ]);
  });

  for (const type of ['text/plain', 'text\\plain', '']) {
    it(`takes no notice of the Content-Type '${type}' of a request without a body`, async () => {
      // Not by fetch, which sends only types that are well formed.
      const headers = { ...tokenHeader(alice.token), 'content-type': type };
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const sent = request(`${on.world.service.url}/resources/cucumber`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject).end();
      });
      assert.equal(status, 200);
    });
  }
});
