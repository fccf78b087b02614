import assert from 'node:assert/strict';
import {
  load,
  send,
  setSecret,
  signIn,
  tokenHeader,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { assertEmpty, assertError } from '../../support/conjur-world.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { signInOperator, signInStaff } from '../../support/operator.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

/** Accounts: who may look after them, what is checked in which order, and what is left of one. */
describeOnStores('accounts', (on) => {
  let operator: Session;
  let staff: Readonly<Record<'none' | 'reader' | 'maker' | 'remover', Session>>;
  let made = 0;

  before(async () => {
    operator = await signInOperator(on.service);
    staff = await signInStaff(operator, {
      none: 'look',
      reader: 'read',
      maker: 'execute',
      remover: 'update',
    });
  });

  const post = (body: string, headers: Record<string, string> = form): Promise<Answer> =>
    operator.send('POST', '/accounts', body, headers);

  /** A new account, and a session of its administrator. */
  async function account(): Promise<Session> {
    const name = `tenant-${String((made += 1))}`;
    const answer = await post(`id=${name}`);
    assert.equal(answer.status, 201);
    const { api_key: apiKey } = answer.json() as { api_key: string };
    return signIn({ ...on.service, account: name }, 'admin', apiKey);
  }

  describe('the operator', () => {
    it('is user admin of the pseudo-account', async () => {
      const answer = (await operator.send('GET', '/whoami')).json() as Record<string, unknown>;
      assert.deepEqual([answer['account'], answer['username']], ['!', 'admin']);
    });

    it('gets a new key with each renewal, and keeps what policy gave it', async () => {
      await load(operator, '- !group helpers');
      const renewed = await signInOperator(on.service);
      assert.equal((await renewed.send('GET', '/roles/!/group/helpers')).status, 200);
      assert.equal((await renewed.send('GET', '/accounts')).status, 200);
    });
  });

  describe('a privilege', () => {
    const calls = {
      list: (session: Session): Promise<Answer> => session.send('GET', '/accounts'),
      make: (session: Session): Promise<Answer> => session.send('POST', '/accounts', 'id=a:b', form),
      remove: (session: Session): Promise<Answer> => session.send('DELETE', '/accounts/none'),
    };
    const allowed = { list: 'reader', make: 'maker', remove: 'remover' } as const;
    for (const call of ['list', 'make', 'remove'] as const) {
      it(`is needed to ${call}, and whoever lacks it is told nothing`, async () => {
        const admin = await signIn(on.service);
        for (const session of [...Object.values(staff), admin]) {
          if (session === staff[allowed[call]]) continue;
          assertEmpty(await calls[call](session), 403);
        }
        assert.notEqual((await calls[call](staff[allowed[call]])).status, 403);
      });
    }

    it('is looked for before the name is, and before a body is read', async () => {
      for (const body of ['', 'id=a/b', 'id=acct']) {
        assertEmpty(await staff.reader.send('POST', '/accounts', body, form), 403);
      }
      assertEmpty(await staff.reader.send('POST', '/accounts', '{broken', json), 403);
      assertEmpty(await staff.reader.send('DELETE', '/accounts/acct'), 403);
    });
  });

  describe('making one', () => {
    for (const [title, body, headers, query] of [
      ['a form', 'id=NAME', form, ''],
      ['a form without a type', 'id=NAME', {}, ''],
      ['JSON', '{"id":"NAME"}', json, ''],
      ['the query', '', form, '?id=NAME'],
      ['a form over the query', 'id=NAME', form, '?id=other'],
    ] as const) {
      it(`takes the name from ${title}`, async () => {
        const name = `named-${String((made += 1))}`;
        const answer = await send(`${on.service.url}/accounts${query.replace('NAME', name)}`, 'POST', {
          headers: { ...tokenHeader(operator.token), ...headers },
          body: Buffer.from(body.replace('NAME', name)),
        });
        assert.equal(answer.status, 201, answer.text);
        assert.equal((answer.json() as { id: string }).id, name);
      });
    }

    it('takes no notice of a body of another type, so that the name is missing', async () => {
      const answer = await post('id=ignored', { 'content-type': 'text/plain' });
      assertError(answer, 422, 'argument_error', 'id');
    });

    it('refuses a missing or empty name, and one that is no text', async () => {
      for (const body of ['', 'id=', 'other=x']) {
        assertError(await post(body), 422, 'argument_error', 'id');
      }
      assert.equal((await post('id[]=a')).status, 422);
      assert.equal((await post('{"id":{"a":1}}', json)).status, 422);
    });

    it('refuses JSON that is broken or empty', async () => {
      for (const body of ['{broken', '', '[]']) assertEmpty(await post(body, json), 400);
    });

    it('sees a slash before anything, then that the account is there, then characters', async () => {
      assertError(await post('id=a/b:c'), 422, 'argument_error', 'Invalid account: a/b:c');
      assert.equal((await post(`id=${on.service.account}`)).status, 409);
      assert.equal((await post('id=!')).status, 409);
      const fault = 'account name "a:b" contains invalid characters (:)';
      assertError(await post('id=a:b'), 422, 'argument_error', fault);
    });

    it('refuses names that no path could carry', async () => {
      for (const name of ['.', '..', 'x'.repeat(129), 'tab%09', 'nul%00']) {
        const answer = await post(`id=${name}`);
        assert.equal(answer.status, 422, name);
        assert.equal((answer.json() as { error: { code: string } }).error.code, 'argument_error');
      }
    });

    it('makes it once, however many ask at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => post('id=raced')));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409]);
    });

    it('gives the administrator’s resource to the caller, so that it does not see it itself', async () => {
      const admin = await account();
      const own = `/resources/${admin.service.account}/user/admin`;
      assert.equal((await admin.send('GET', own)).status, 404);
      await load(admin, '- !variable v');
      assert.equal((await admin.send('GET', `/resources/${admin.service.account}/variable/v`)).status, 200);
    });

    it('lets the caller, and no other role of the pseudo-account, give the administrator a new key', async () => {
      const { service } = await account();
      const path = `/authn/${service.account}/api_key?role=user:admin`;
      for (const other of [staff.maker, staff.none])
        assert.equal((await other.send('PUT', path)).status, 404);
      const { status, text } = await operator.send('PUT', path);
      assert.equal(status, 200, text);
      assert.equal((await (await signIn(service, 'admin', text)).send('GET', '/whoami')).status, 200);
    });

    it('records who made it', async () => {
      const { length } = await on.service.auditLines();
      const admin = await account();
      const lines = (await on.service.auditLines()).slice(length);
      const subject = `[subject@43868 account="${admin.service.account}"]`;
      assert.ok(lines.some((line) => line.startsWith('<86>') && line.includes(subject)));
    });
  });

  describe('removing one', () => {
    const remove = (name: string): Promise<Answer> => operator.send('DELETE', `/accounts/${name}`);

    it('finds none that is not there', async () => {
      assertError(await remove('none'), 404, 'not_found', "Account 'none' not found");
      assertError(await remove('a%3Ab'), 404, 'not_found', "Account 'a:b' not found");
    });

    it('refuses a name with a slash, and the pseudo-account', async () => {
      assertError(await remove('a%2Fb'), 422, 'argument_error', 'Invalid account: a/b');
      assertError(await remove('!'), 422, 'argument_error', 'Invalid account: !');
      assert.equal((await operator.send('GET', '/accounts')).status, 200);
    });

    it('ends its tokens and credentials at once', async () => {
      const admin = await account();
      const name = admin.service.account;
      await load(admin, '- !variable v');
      await setSecret(admin, 'v', 'x');
      const { api_key: key } = (await operator.send('POST', '/accounts', `id=${name}-2`, form)).json() as {
        api_key: string;
      };
      assertEmpty(await remove(name), 204);
      for (const path of ['/whoami', `/secrets/${name}/variable/v`, `/resources/${name}`]) {
        const answer = await admin.send('GET', path);
        assert.deepEqual([answer.status, answer.text], [401, 'Unauthorized: Invalid token'], path);
      }
      assert.equal((await admin.send('POST', `/secrets/${name}/variable/v`, 'y')).status, 401);
      assertEmpty(
        await send(`${on.service.url}/authn/${name}/admin/authenticate`, 'POST', { body: key }),
        401,
      );
    });

    it('leaves nothing to an account made again under its name', async () => {
      const first = await account();
      const name = first.service.account;
      await load(first, '- !variable v\n- !user alice\n- !policy { id: deep, body: [ !variable w ] }');
      await setSecret(first, 'v', 'x');
      assertEmpty(await remove(name), 204);
      const { api_key: key } = (await post(`id=${name}`)).json() as { api_key: string };
      const second = await signIn({ ...on.service, account: name }, 'admin', key);
      const listed = (await second.send('GET', `/resources/${name}`)).json() as { id: string }[];
      assert.deepEqual(
        listed.filter(({ id }) => !id.endsWith(':policy:root')),
        [],
      );
      await load(second, '- !variable v');
      assert.equal((await second.send('GET', `/secrets/${name}/variable/v`)).status, 404);
      assert.equal((await first.send('GET', '/whoami')).status, 401);
      assert.equal(first.service.account, second.service.account);
    });
  });
});
