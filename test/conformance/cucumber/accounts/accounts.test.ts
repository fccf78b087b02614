import assert from 'node:assert/strict';
import { basicHeader, load, send, signIn, type Answer, type Session } from '../../../support/client.ts';
import { assertEmpty, assertError, describeScenarios } from '../../../support/conjur-world.ts';
import { createAccountOnStore, signInOperator, signInStaff } from '../../../support/operator.ts';

/** account_create (9 scenarios of 9), account_delete (3 of 3), account_list (2 of 2). */
describeScenarios('accounts', (on) => {
  let staff: Readonly<Record<'maker' | 'auditor' | 'privileged' | 'unprivileged', Session>>;

  before(async () => {
    staff = await signInStaff(await signInOperator(on.world.service), {
      maker: 'execute',
      auditor: 'read',
      privileged: 'execute, read, update',
      unprivileged: 'execute, read',
    });
  });

  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const create = (body: string, session = staff.maker): Promise<Answer> =>
    session.send('POST', '/accounts', body, form);
  const make = async (name: string, session = staff.maker): Promise<string> => {
    const answer = await create(`id=${name}`, session);
    assert.equal(answer.status, 201, answer.text);
    const { id, api_key: apiKey } = answer.json() as { id: string; api_key: string };
    assert.equal(id, name);
    return apiKey;
  };
  const admin = (account: string, apiKey: string): Promise<Session> =>
    signIn({ ...on.world.service, account }, 'admin', apiKey);

  describe('account_create', () => {
    it('makes an account for who holds execute, and answers its id and API key', async () => {
      const apiKey = await make('new-account');
      assert.match(apiKey, /^[0-9a-z]{41,}$/);
    });

    it('forbids it to who does not, without a body', async () => {
      const body = '{\n  id: new-account\n}';
      assertEmpty(await create(body, on.world.admin), 403);
      assertEmpty(await create(body, staff.auditor), 403);
    });

    it('answers a conflict for an account that is there', async () => {
      await make('twice');
      const answer = await create('id=twice');
      assert.equal(answer.status, 409);
      assert.deepEqual(answer.json(), {
        error: {
          code: 'conflict',
          details: { code: 'conflict', message: 'twice', target: 'id' },
          message: 'account "twice" already exists',
          target: 'account',
        },
      });
    });

    it('takes an owner that is named, and makes the caller the owner all the same', async () => {
      const answer = await create('id=owned&owner_id=!:user:admin');
      assert.equal(answer.status, 201);
      assert.deepEqual(Object.keys(answer.json() as object).sort(), ['api_key', 'id']);
    });

    it('takes a name with dots and an at sign', async () => {
      const name = 'new_account@example.com';
      const session = await admin(name, await make(name));
      assert.equal((await session.send('GET', '/whoami')).status, 200);
    });

    it('refuses a name with a slash', async () => {
      assertError(await create('id=new/account'), 422, 'argument_error', 'Invalid account: new/account');
    });

    it('refuses a name with an encoded slash', async () => {
      assertError(await create('id=new%2Faccount'), 422, 'argument_error', 'Invalid account: new/account');
    });

    it('refuses a name with a colon or a blank, and says which', async () => {
      const fault = (name: string, character: string): string =>
        `account name "${name}" contains invalid characters (${character})`;
      assertError(await create('id=test:bad'), 422, 'argument_error', fault('test:bad', ':'));
      assertError(await create('id=test+bad'), 422, 'argument_error', fault('test bad', ' '));
    });

    it('made on the command line with a password lets its administrator log in with it', async () => {
      const { service } = on.world;
      await createAccountOnStore(service, 'demo', 'MySecretP,@SS1()!');
      const answer = await send(`${service.url}/authn/demo/login`, 'GET', {
        headers: basicHeader('admin', 'MySecretP,@SS1()!'),
      });
      assert.equal(answer.status, 200);
    });
  });

  describe('account_delete', () => {
    it('removes an account for who holds update', async () => {
      await make('gone.account');
      assertEmpty(await staff.privileged.send('DELETE', '/accounts/gone.account'), 204);
      const listed = (await staff.privileged.send('GET', '/accounts')).json() as readonly string[];
      assert.equal(listed.includes('gone.account'), false);
    });

    it('forbids it to who does not', async () => {
      await make('kept.account');
      assertEmpty(await staff.unprivileged.send('DELETE', '/accounts/kept.account'), 403);
    });

    it('lets the root policy be loaded again after the account was made again', async () => {
      for (let round = 0; round < 2; round += 1) {
        const session = await admin('new.account', await make('new.account', staff.privileged));
        await load(session, '- !variable var', 'root', 'PUT');
        assertEmpty(await staff.privileged.send('DELETE', '/accounts/new.account'), 204);
      }
    });
  });

  describe('account_list', () => {
    it('lists accounts for who holds read, without the pseudo-account', async () => {
      await make('listed-account');
      const answer = await staff.auditor.send('GET', '/accounts');
      assert.equal(answer.status, 200);
      const names = answer.json() as readonly string[];
      assert.ok(names.includes('listed-account') && names.includes('cucumber'));
      assert.equal(names.includes('!'), false);
    });

    it('forbids it to who does not', async () => {
      assertEmpty(await on.world.admin.send('GET', '/accounts'), 403);
      assertEmpty(await staff.maker.send('GET', '/accounts'), 403);
    });
  });
});
