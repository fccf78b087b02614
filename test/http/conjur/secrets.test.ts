import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import { load, secretPath, setSecret, signIn, signInAs, type Session } from '../../support/client.ts';

const policy = `
- !user reader
- !user viewer
- !user stranger
- !policy
  id: app
  body:
  - !variable db/password
  - !variable empty
  - !variable { id: page, mime_type: text/html }
  - !variable { id: odd, mime_type: "not a type" }
  - !permit { role: !user /reader, privileges: [ read, execute, update ], resource: !variable db/password }
  - !permit { role: !user /viewer, privileges: [ read ], resource: !variable db/password }
`;

describeOnStores('the secrets API', (on) => {
  let admin: Session;
  let reader: Session;
  let viewer: Session;
  let stranger: Session;

  before(async () => {
    admin = await signIn(on.service);
    const session = signInAs(on.service, await load(admin, policy));
    [reader, viewer, stranger] = await Promise.all([
      session('reader'),
      session('viewer'),
      session('stranger'),
    ]);
  });

  const path = (identifier: string): string => secretPath(on.service, identifier);
  const notFound = (identifier: string): unknown => ({
    error: {
      code: 'not_found',
      message: `CONJ00076E Variable ${on.service.account}:variable:${identifier} is empty or not found.`,
    },
  });

  it('gives back what was stored, byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 254, 10, 13, 0, 128]);
    await setSecret(admin, 'app/db/password', bytes);
    const answer = await reader.send('GET', path('app/db/password'));
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.bytes, bytes);
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
    assert.equal(answer.headers.get('content-disposition'), 'attachment');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('does not trim, decode or re-encode text', async () => {
    await setSecret(admin, 'app/db/password', '\ufeff Straße+%20\n');
    assert.equal((await reader.send('GET', path('app/db/password'))).bytes.toString(), '\ufeff Straße+%20\n');
  });

  it('takes the identifier with raw and with encoded slashes, and with a slash at the end', async () => {
    await setSecret(admin, 'app/db/password', 'same');
    for (const form of [
      'app/db/password',
      'app%2Fdb%2Fpassword',
      'app/db%2Fpassword',
      'app//db/password',
      'app/db/password/',
    ]) {
      const answer = await reader.send('GET', `/secrets/${on.service.account}/variable/${form}`);
      assert.equal(answer.text, 'same', form);
    }
  });

  it('counts versions, keeps old ones, and stores an equal value only once', async () => {
    await setSecret(admin, 'app/db/password', 'one');
    await setSecret(admin, 'app/db/password', 'one');
    await setSecret(admin, 'app/db/password', 'two');
    const versions = await Promise.all(
      Array.from(
        { length: 12 },
        async (_, index) =>
          (await reader.send('GET', `${path('app/db/password')}?version=${String(index + 1)}`)).text,
      ),
    );
    assert.deepEqual(versions.filter((text) => text === 'one').length, 1);
    assert.equal((await reader.send('GET', path('app/db/password'))).text, 'two');
  });

  it('keeps the newest 20 versions', async () => {
    await load(admin, '- !variable { id: counted }');
    for (let number = 1; number <= 22; number += 1)
      await setSecret(admin, 'counted', `value ${String(number)}`);
    assert.equal((await admin.send('GET', `${path('counted')}?version=2`)).status, 404);
    assert.equal((await admin.send('GET', `${path('counted')}?version=3`)).text, 'value 3');
    assert.equal((await admin.send('GET', `${path('counted')}?version=21`)).text, 'value 21');
    assert.equal((await admin.send('GET', `${path('counted')}?version=22`)).text, 'value 22');
  });

  it('refuses a version that is no number, and does not find one that is not there', async () => {
    for (const bad of ['abc', '', '1.5', '1e3']) {
      const answer = await reader.send('GET', `${path('app/db/password')}?version=${bad}`);
      assert.equal(answer.status, 422, bad);
      assert.deepEqual(answer.json(), {
        error: { code: 'argument_error', message: "invalid type for parameter 'version'" },
      });
    }
    for (const absent of ['0', '-1', '999']) {
      const answer = await reader.send('GET', `${path('app/db/password')}?version=${absent}`);
      assert.equal(answer.status, 404, absent);
      assert.deepEqual(answer.json(), notFound('app/db/password'));
    }
  });

  it('answers alike for what is missing, invisible and without a value', async () => {
    await setSecret(admin, 'app/db/password', 'hidden');
    const missing = await stranger.send('GET', path('app/none'));
    const invisible = await stranger.send('GET', path('app/db/password'));
    const empty = await admin.send('GET', path('app/empty'));
    for (const [answer, identifier] of [
      [missing, 'app/none'],
      [invisible, 'app/db/password'],
      [empty, 'app/empty'],
    ] as const) {
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), notFound(identifier));
    }
  });

  it('forbids reading and writing to who only sees the variable', async () => {
    for (const answer of [
      await viewer.send('GET', path('app/db/password')),
      await viewer.send('POST', path('app/db/password'), 'mine'),
    ]) {
      assert.equal(answer.status, 403);
      assert.equal(answer.text, '');
    }
  });

  it('does not find, for writing, what is missing or invisible', async () => {
    const answer = await stranger.send('POST', path('app/db/password'), 'mine');
    assert.equal(answer.status, 404);
    const id = `${on.service.account}:variable:app/db/password`;
    assert.deepEqual(answer.json(), {
      error: {
        code: 'not_found',
        message: `Variable 'app/db/password' not found in account '${on.service.account}'`,
        target: 'variable',
        details: { code: 'not_found', target: 'id', message: id },
      },
    });
  });

  it('refuses a value that is empty or blank', async () => {
    for (const blank of ['', '  \n\t']) {
      const answer = await admin.send('POST', path('app/db/password'), blank);
      assert.equal(answer.status, 422);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.deepEqual(answer.json(), {
        error: { code: 'argument_error', message: "'value' may not be empty" },
      });
    }
  });

  it('takes the value whatever its content type', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'application/json',
      'text/plain; charset=utf-8',
    ]) {
      const answer = await admin.send('POST', path('app/db/password'), 'a=b&c', { 'content-type': type });
      assert.equal(answer.status, 201);
      assert.equal(answer.text, '');
      assert.equal((await reader.send('GET', path('app/db/password'))).text, 'a=b&c');
    }
  });

  it('shows the type that the variable is annotated with, if it can stand in a header', async () => {
    await setSecret(admin, 'app/page', '<p>');
    await setSecret(admin, 'app/odd', 'x');
    assert.equal((await admin.send('GET', path('app/page'))).headers.get('content-type'), 'text/html');
    assert.equal(
      (await admin.send('GET', path('app/odd'))).headers.get('content-type'),
      'application/octet-stream',
    );
  });

  it('refuses a value above the limit without reading it all', async () => {
    const answer = await admin.send('POST', path('app/db/password'), Buffer.alloc(1024 * 1024 + 1, 'x'));
    assert.equal(answer.status, 413);
  });

  it('does not take an escape that is no text for its raw spelling', async () => {
    await load(admin, '- !variable app/per%cent');
    await setSecret(admin, 'app/per%cent', 'found');
    const at = (form: string): string => `/secrets/${on.service.account}/variable/app/${form}`;
    assert.equal((await admin.send('GET', at('per%25cent'))).text, 'found');
    assert.equal((await admin.send('GET', at('per%cent'))).status, 404);
  });

  it('never stores a value for a request to have it expire', async () => {
    await setSecret(admin, 'app/db/password', 'stays');
    assert.equal((await admin.send('POST', `${path('app/db/password')}?expirations`, 'other')).status, 201);
    assert.equal((await admin.send('GET', path('app/db/password'))).text, 'stays');
  });

  it('takes the last of a parameter that is given twice', async () => {
    await setSecret(admin, 'app/db/password', 'stays');
    assert.equal((await admin.send('GET', `${path('app/db/password')}?version=1;version=x`)).status, 422);
    assert.equal((await admin.send('GET', `${path('app/db/password')}?version=x&version=1`)).status, 200);
  });

  it('has no route for other kinds', async () => {
    const answer = await admin.send('GET', `/secrets/${on.service.account}/host/app`);
    assert.equal(answer.status, 404);
  });

  it('takes sixteen writers at once without losing a version', async () => {
    await load(admin, '- !variable contended');
    await Promise.all(
      Array.from({ length: 16 }, (_, index) => setSecret(admin, 'contended', `writer ${String(index)}`)),
    );
    const texts = await Promise.all(
      Array.from(
        { length: 16 },
        async (_, index) =>
          (await admin.send('GET', `${path('contended')}?version=${String(index + 1)}`)).text,
      ),
    );
    assert.equal(new Set(texts).size, 16);
  });

  it('loses the values of a variable that is deleted, and starts anew when it comes back', async () => {
    await load(admin, '- !variable brief');
    await setSecret(admin, 'brief', 'before');
    await load(admin, '- !delete { record: !variable brief }', 'root', 'PATCH');
    assert.equal((await admin.send('GET', path('brief'))).status, 404);
    await load(admin, '- !variable brief');
    assert.equal((await admin.send('GET', path('brief'))).status, 404);
    await setSecret(admin, 'brief', 'after');
    assert.equal((await admin.send('GET', `${path('brief')}?version=1`)).text, 'after');
  });

  it('records reads and writes, and neither value', async () => {
    await setSecret(admin, 'app/db/password', 'planted-value-1');
    await reader.send('GET', path('app/db/password'));
    await viewer.send('GET', path('app/db/password'));
    const lines = await on.service.auditLines();
    const account = on.service.account;
    assert.ok(lines.some((line) => line.includes(`${account}:user:admin updated`)));
    assert.ok(lines.some((line) => line.includes(`${account}:user:reader fetched`)));
    assert.ok(lines.some((line) => line.includes(`${account}:user:viewer tried to fetch`)));
    assert.ok(!lines.some((line) => line.includes('planted-value-1')));
  });
});
