/** HTTP parameter pollution: of a parameter that comes twice, one counts for every check and for the act alike. */
import assert from 'node:assert/strict';
import { openHostileStage, type HostileStage } from './stage.ts';

describe('a parameter that comes twice', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  it('reads one version of a secret, the last one asked for', async () => {
    const path = '/secrets/acct/variable/db';
    assert.equal((await stage.alice.send('GET', `${path}?version=9&version=1`)).status, 200);
    assert.equal((await stage.alice.send('GET', `${path}?version=1&version=9`)).status, 404);
  });

  it('is checked and answered for the same role', async () => {
    const check = '/resources/acct/variable/db?check=true&privilege=execute';
    const asked = (roles: readonly string[]): string =>
      check + roles.map((role) => `&role=${encodeURIComponent(`acct:user:${role}`)}`).join('');
    assert.equal((await stage.admin.send('GET', asked(['bob', 'alice']))).status, 204);
    assert.equal((await stage.admin.send('GET', asked(['alice', 'bob']))).status, 404);
  });

  it('does not pass a privilege off for another', async () => {
    const path = '/resources/acct/variable/db?check=true';
    assert.equal((await stage.alice.send('GET', `${path}&privilege=read&privilege=update`)).status, 404);
    assert.equal((await stage.alice.send('GET', `${path}&privilege=update&privilege=read`)).status, 204);
  });

  it('fetches the variables of the last list, each of them checked', async () => {
    const list = (identifier: string): string => `variable_ids=acct:variable:${identifier}`;
    const first = await stage.alice.send('GET', `/secrets?${list('db')}&${list('other')}`);
    assert.ok(first.status >= 400 && !first.text.includes('the-value-of'), first.text);
    assert.equal((await stage.alice.send('GET', `/secrets?${list('other')}&${list('db')}`)).status, 200);
  });
});
