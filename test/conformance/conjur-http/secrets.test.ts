import assert from 'node:assert/strict';
import {
  load,
  secretPath,
  setSecret,
  signIn,
  signInAs,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { assertEmpty, assertError, notFoundBody } from '../../support/conjur-world.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const policy = `
- !user reader
- !user updater
- !user viewer
- !user stranger
- !policy
  id: app
  body:
  - !variable db
  - !variable fresh
  - !variable { id: rotated, annotations: { rotation/rotator: postgresql/password, rotation/ttl: P1D } }
  - !variable { id: page, mime_type: text/html }
  - !resource { kind: public_key, id: key }
  - !group team
  - !permit { role: !user /reader, privileges: [ execute ], resource: !variable db }
  - !permit { role: !user /updater, privileges: [ update ], resource: !variable db }
  - !permit { role: !user /viewer, privileges: [ read ], resource: !variable db }
`;

/** Secrets: what section 7 of Conjur's rules says beyond its scenarios. */
describeOnStores('secrets', (on) => {
  let admin: Session;
  let reader: Session;
  let updater: Session;
  let viewer: Session;
  let stranger: Session;

  before(async () => {
    admin = await signIn(on.service);
    const session = signInAs(on.service, await load(admin, policy));
    reader = await session('reader');
    updater = await session('updater');
    viewer = await session('viewer');
    stranger = await session('stranger');
  });

  const path = (identifier: string): string => secretPath(on.service, identifier);
  const id = (identifier: string): string => `${on.service.account}:variable:${identifier}`;
  const versionsOf = async (identifier: string): Promise<readonly number[]> => {
    const answer = await admin.send('GET', `/resources/${on.service.account}/variable/${identifier}`);
    return (answer.json() as { secrets: { version: number }[] }).secrets.map(({ version }) => version);
  };

  describe('setting one', () => {
    it('of equal value makes no new version', async () => {
      for (const value of ['one', 'one', 'two', 'two', 'one']) await setSecret(admin, 'app/fresh', value);
      assert.deepEqual([...(await versionsOf('app/fresh'))].sort(), [1, 2, 3]);
    });

    it('asks for the privilege before it looks at the value', async () => {
      assertEmpty(await viewer.send('POST', path('app/db'), ''), 403);
      assert.equal((await stranger.send('POST', path('app/db'), '')).status, 404);
      assert.equal((await updater.send('POST', path('app/db'), '')).status, 422);
    });

    for (const blank of ['', ' ', '\n\t ', '\u00a0\u2003']) {
      it(`refuses ${JSON.stringify(blank)}`, async () => {
        assertError(
          await admin.send('POST', path('app/db'), blank),
          422,
          'argument_error',
          "'value' may not be empty",
        );
      });
    }

    it('takes update alone', async () => {
      assertEmpty(await updater.send('POST', path('app/db'), 'x'), 201);
      assertEmpty(await updater.send('GET', path('app/db')), 403);
    });

    const keyPath = (): string => `/secrets/${on.service.account}/public_key/app/key`;
    for (const key of [
      'ssh-rsa AAAAB3Nz me@here',
      'ssh-ed25519 AAAA==',
      'ssh-ecdsa-nistp256 AAAA a comment',
    ]) {
      it(`takes the public key ${key}`, async () => {
        assertEmpty(await admin.send('POST', keyPath(), key), 201);
      });
    }
    for (const key of [
      '',
      'ssh-rsa',
      'ssh-dss AAAA',
      'ecdsa-sha2-nistp256 AAAA',
      'ssh-rsa AAAA\n',
      'ssh-rsa A!',
    ]) {
      it(`refuses the public key ${JSON.stringify(key)}`, async () => {
        assertError(
          await admin.send('POST', keyPath(), key),
          422,
          'argument_error',
          'Invalid public key format',
        );
      });
    }

    it('goes on counting where versions were dropped', async () => {
      const { length } = await versionsOf('app/db');
      for (let count = length; count < 25; count += 1) await setSecret(admin, 'app/db', `v${String(count)}`);
      const versions = [...(await versionsOf('app/db'))].sort((one, other) => one - other);
      assert.deepEqual([versions.length, versions.at(0), versions.at(-1)], [20, 6, 25]);
    });
  });

  describe('getting one', () => {
    it('comes as an attachment of bytes', async () => {
      await setSecret(admin, 'app/db', 'value');
      const answer = await reader.send('GET', path('app/db'), undefined, { 'accept-encoding': 'base64' });
      assert.equal(answer.text, 'value');
      assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
      assert.equal(answer.headers.get('content-disposition'), 'attachment');
      assert.equal(answer.headers.get('content-transfer-encoding'), 'binary');
      assert.equal(answer.headers.get('content-encoding'), null);
    });

    it('has the annotated type without a character set', async () => {
      await setSecret(admin, 'app/page', '<p>');
      assert.equal((await admin.send('GET', path('app/page'))).headers.get('content-type'), 'text/html');
    });

    for (const version of ['abc', '', '1.5', '1 2', '0x1', '99999999999999999999']) {
      it(`refuses the version '${version}'`, async () => {
        const answer = await reader.send('GET', `${path('app/db')}?version=${encodeURIComponent(version)}`);
        assertError(answer, 422, 'argument_error', "invalid type for parameter 'version'");
      });
    }

    for (const version of ['0', '-1', '99', '1']) {
      it(`does not find the version ${version}`, async () => {
        const answer = await reader.send('GET', `${path('app/db')}?version=${version}`);
        const message = `CONJ00076E Variable ${id('app/db')} is empty or not found.`;
        assertError(answer, 404, 'not_found', message);
      });
    }
  });

  describe('getting several', () => {
    const get = (session: Session, list: string, headers: Record<string, string> = {}): Promise<Answer> =>
      session.send('GET', `/secrets?variable_ids=${list}`, undefined, headers);

    before(async () => {
      await setSecret(admin, 'app/db', 'value');
      await setSecret(admin, 'app/page', 'long '.repeat(40));
    });

    for (const list of [',', ',,', ',a', 'a,,b']) {
      it(`refuses the list '${list}', with an empty item in front of another`, async () => {
        assertError(await get(admin, list), 422, 'argument_error', 'variable_ids');
      });
    }

    it('drops a comma at the end, and counts an id that comes twice once', async () => {
      const both = `${id('app/db')},${id('app/db')},`;
      assert.deepEqual((await get(reader, both)).json(), { [id('app/db')]: 'value' });
    });

    it('takes colons, slashes and commas encoded or not', async () => {
      const expected = { [id('app/db')]: 'value', [id('app/page')]: 'long '.repeat(40) };
      const ids = [id('app/db'), id('app/page')];
      for (const list of [
        ids.join(','),
        ids.map(encodeURIComponent).join(','),
        encodeURIComponent(ids.join(',')),
      ]) {
        assert.deepEqual((await get(admin, list)).json(), expected);
      }
    });

    it('forbids what exists before it says what is missing', async () => {
      for (const session of [viewer, stranger]) {
        assertEmpty(await get(session, `${id('none')},${id('app/db')}`), 403);
      }
    });

    it('does not find a blank item, nor one of an account that does not exist', async () => {
      for (const missing of ['%20', 'nowhere:variable:x', `${id('x')}%00`]) {
        assert.equal((await get(reader, `${id('app/db')},${missing}`)).status, 404);
      }
    });

    it('reads public keys, too', async () => {
      const key = 'ssh-rsa AAAAB3Nz me@here';
      await admin.send('POST', `/secrets/${on.service.account}/public_key/app/key`, key);
      const name = `${on.service.account}:public_key:app/key`;
      assert.deepEqual((await get(admin, name)).json(), { [name]: key });
    });

    it('encodes each value in lines of 60, the last ended too, where base64 is all that is accepted', async () => {
      const answer = await get(admin, id('app/page'), { 'accept-encoding': 'BASE64' });
      const encoded = (answer.json() as Record<string, string>)[id('app/page')] ?? '';
      const lines = encoded.split('\n');
      assert.equal(lines.pop(), '');
      assert.ok(lines.slice(0, -1).every((line) => line.length === 60) && lines.length > 2);
      assert.equal(Buffer.from(encoded, 'base64').toString(), 'long '.repeat(40));
    });

    it('encodes nothing where base64 is one of several', async () => {
      const answer = await get(reader, id('app/db'), { 'accept-encoding': 'base64, gzip' });
      assert.deepEqual(answer.json(), { [id('app/db')]: 'value' });
      assert.equal(answer.headers.get('content-encoding'), null);
    });

    it('says what is not text, and what to ask for instead', async () => {
      await setSecret(admin, 'app/fresh', Buffer.from([0xff]));
      const answer = await get(admin, id('app/fresh'));
      assert.equal(answer.status, 406);
      const { error } = answer.json() as { error: { code: string; message: string } };
      assert.equal(error.code, 'not_acceptable');
      assert.match(error.message, /^CONJ00074E .*base64/);
    });
  });

  describe('expiring one', () => {
    const expire = (session: Session, resource: string): Promise<Answer> =>
      session.send('POST', `/secrets/${on.service.account}/${resource}?expirations`, 'not a value');

    it('is accepted from who may update it, and changes neither value nor versions', async () => {
      await setSecret(admin, 'app/db', 'stays');
      const versions = await versionsOf('app/db');
      assertEmpty(await expire(updater, 'variable/app/db'), 201);
      assert.equal((await reader.send('GET', path('app/db'))).text, 'stays');
      assert.deepEqual(await versionsOf('app/db'), versions);
    });

    it('is fine before there is a value, and where annotations speak of rotation', async () => {
      assertEmpty(await expire(admin, 'variable/app/rotated'), 201);
      const answer = await admin.send('GET', `/resources/${on.service.account}/variable/app/rotated`);
      const { annotations } = answer.json() as { annotations: { name: string; value: string }[] };
      assert.deepEqual(annotations.map(({ name, value }) => [name, value]).sort(), [
        ['rotation/rotator', 'postgresql/password'],
        ['rotation/ttl', 'P1D'],
      ]);
    });

    it('is forbidden to who only sees it, and finds nothing for others', async () => {
      assertEmpty(await expire(viewer, 'variable/app/db'), 403);
      const answer = await expire(stranger, 'variable/app/db');
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), notFoundBody(id('app/db')));
      assert.equal((await expire(admin, 'variable/app/none')).status, 404);
    });

    for (const kind of ['public_key', 'group', 'anything']) {
      it(`refuses the kind ${kind}`, async () => {
        assertError(
          await expire(admin, `${kind}/app/db`),
          422,
          'argument_error',
          `Invalid secret kind: ${kind}`,
        );
      });
    }

    it('is told by the presence of the parameter, whatever its value', async () => {
      const answer = await admin.send('POST', `${path('app/db')}?expirations=false`, 'other');
      assert.equal(answer.status, 201);
      assert.equal((await reader.send('GET', path('app/db'))).text, 'stays');
    });
  });

  describe('a variable', () => {
    it('that is removed takes its values along, and has none when it is made again', async () => {
      await load(admin, '- !variable brief');
      await setSecret(admin, 'brief', 'x');
      await load(admin, '- !delete { record: !variable brief }', 'root', 'PATCH');
      assert.equal((await admin.send('GET', path('brief'))).status, 404);
      await load(admin, '- !variable brief');
      assert.equal((await admin.send('GET', path('brief'))).status, 404);
    });

    it('that a PUT still declares keeps its value', async () => {
      await load(admin, '- !policy { id: kept, body: [ !variable v ] }');
      await setSecret(admin, 'kept/v', 'x');
      await load(admin, '- !variable v', 'kept', 'PUT');
      assert.equal((await admin.send('GET', path('kept/v'))).text, 'x');
    });
  });
});
