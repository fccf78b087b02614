/** Whatever way a path is written, it leads to the resource of that very name or to none. */
import assert from 'node:assert/strict';
import { sendRaw } from '../support/raw-request.ts';
import { openHostileStage, secretOfStage, tokenText, type HostileStage } from './stage.ts';

describe('a path', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  const readerOf = (login: 'alice' | 'bob') => async (path: string) =>
    sendRaw(stage.service.url, 'GET', path, { authorization: tokenText(stage[login]) });

  const otherNames = [
    '/secrets/acct/variable/../variable/db',
    '/secrets/acct/variable/./db',
    '/secrets/acct/variable/db/.',
    '/secrets/acct/variable/x/../db',
    '/secrets/acct/variable/%2e%2e/variable/db',
    '/secrets/acct/variable/db%00',
    '/secrets/acct/variable/db%20',
    '/secrets/acct/variable/db;x=1',
    '/secrets/acct/variable/db%3fversion=1',
    '/secrets/acct/variable/%64%62%2f',
    '/secrets/acct/variable/%2564b',
    '/secrets/acct/variable/d%C1%A2',
    '/secrets/acct/variable/d%E0%81%A2',
    '/secrets/acct/variable/DB',
    '/secrets/acct/variable/d\\b',
    '/secrets/acct/%76ariable/db/x',
    '/secrets/acct%00/variable/db',
    '/secrets/other/variable/db',
    '/secrets/acct/variable/db%',
    '/secrets/acct/variable/db%zz',
    '/secrets/acct/variable/db%u0064',
    '/public_keys/../secrets/acct/variable/db',
    '/./secrets/acct/variable/db',
    '/SECRETS/acct/variable/db',
  ];
  for (const path of otherNames) {
    it(`${path} does not name the variable db`, async () => {
      const answer = await readerOf('alice')(path);
      assert.ok(answer.status >= 400 && answer.status < 500, `${String(answer.status)} ${answer.text}`);
      assert.ok(!answer.text.includes(secretOfStage));
    });
  }

  it('whose letters are percent-encoded is the same path (RFC 3986 section 6.2.2.2)', async () => {
    assert.equal((await readerOf('alice')('/secrets/acct/variable/%64%62')).text, secretOfStage);
  });

  it('with a slash too many is the same path, as in Conjur, checked as that', async () => {
    for (const path of [
      '/secrets/acct/variable//db',
      '/secrets/acct/variable/db/',
      '//secrets/acct/variable/db',
    ]) {
      assert.equal((await readerOf('alice')(path)).text, secretOfStage);
      assert.equal((await readerOf('bob')(path)).status, 404);
    }
  });

  it('lets nobody past the check of the token, whatever it looks like', async () => {
    const bob = readerOf('bob');
    for (const path of [...otherNames, '/secrets/acct/variable/db', '/secrets/acct/variable/%64b'])
      assert.ok(!(await bob(path)).text.includes(secretOfStage), path);
    for (const path of ['/health/../secrets/acct/variable/db', '/openapi.json/../secrets/acct/variable/db'])
      assert.equal((await sendRaw(stage.service.url, 'GET', path)).status, 401, path);
  });

  it('with the address of another server goes to this one', async () => {
    const whole = `http://internal.example/secrets/acct/variable/db`;
    const answer = await readerOf('bob')(whole);
    assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
  });
});
