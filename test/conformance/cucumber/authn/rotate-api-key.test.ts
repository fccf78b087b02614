import assert from 'node:assert/strict';
import { basicHeader, load, send, sessionOf, type Answer } from '../../../support/client.ts';
import { assertEmpty, assertError, describeScenarios } from '../../../support/conjur-world.ts';
import { setPasswordOnStore } from '../../../support/operator.ts';
import { toRoleId } from '../../../../src/domain/ids.ts';

const policy = `
- !policy { id: p1, body: [ !layer hidden_layer ] }
- !user bob
- !user privileged_user
- !user unprivileged_user
- !user read_only_privileged_user
- !user not_privileged_user
- !layer host_layer
- !policy strict_policy
- !group super_users
- !host privileged_host
- !host unprivileged_host
- !permit { role: !user privileged_user, privilege: [ update ], resource: !user bob }
- !permit { role: !user privileged_user, privilege: [ update ], resource: !layer host_layer }
- !permit { role: !user privileged_user, privilege: [ update ], resource: !policy strict_policy }
- !permit { role: !user privileged_user, privilege: [ update ], resource: !group super_users }
- !permit { role: !user read_only_privileged_user, privilege: [ read ], resource: !layer host_layer }
- !permit { role: !user read_only_privileged_user, privilege: [ read ], resource: !user bob }
- !grant { role: !layer host_layer, member: !host privileged_host }
- !permit { role: !layer host_layer, privilege: [ update ], resource: !user bob }
`;
const path = '/authn/cucumber/api_key';
const foreign = 'CONJ00002E Operation attempted against foreign user';

/** rotate_api_key: 30 scenarios of 30. */
describeScenarios('rotating an API key', (on) => {
  const keys = new Map<string, string>();

  before(async () => {
    const { created_roles: created } = await load(on.world.admin, policy, 'root', 'PUT');
    for (const { id, api_key: apiKey } of Object.values(created)) keys.set(id, apiKey);
    for (const name of ['bob', 'unprivileged_user', 'privileged_user']) {
      await setPasswordOnStore(on.world.service, toRoleId('cucumber', 'user', name), passwordOf(name));
    }
  });

  const passwordOf = (name: string): string => `Passw0rd-${name}-X`;
  const keyOf = (login: string): string => {
    const id = login.startsWith('host/') ? login.replace('/', ':') : `user:${login}`;
    return keys.get(`cucumber:${id}`) ?? '';
  };
  const named = (role: string | undefined): string => (role === undefined ? path : `${path}?role=${role}`);
  const withSecret = (login: string, secret: string, role?: string, method = 'PUT'): Promise<Answer> =>
    send(on.world.service.url + named(role), method, { headers: basicHeader(login, secret) });
  const withToken = async (login: string, role?: string, method = 'PUT'): Promise<Answer> => {
    const url = `${on.world.service.url}/authn/cucumber/${encodeURIComponent(login)}/authenticate`;
    const token = await send(url, 'POST', { body: keyOf(login) });
    assert.equal(token.status, 200);
    return sessionOf(on.world.service, token.text).send(method, named(role));
  };

  /** The last record says how it ended. */
  async function recorded(act: () => Promise<Answer>, end: string): Promise<Answer> {
    let answer: Answer | undefined;
    const records = await on.world.recordsOf(async () => {
      answer = await act();
    });
    const last = records.at(-1) ?? '';
    assert.ok(last.includes(end), last);
    assert.ok(answer !== undefined);
    return answer;
  }

  /** The answer is the role's key from now on, and the old one is none any more. */
  async function assertRotated(login: string, answer: Answer): Promise<void> {
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    const old = keyOf(login);
    const id = login.startsWith('host/') ? login.replace('/', ':') : `user:${login}`;
    keys.set(`cucumber:${id}`, answer.text);
    const url = `${on.world.service.url}/authn/cucumber/${encodeURIComponent(login)}/authenticate`;
    assert.equal((await send(url, 'POST', { body: answer.text })).status, 200);
    assert.equal((await send(url, 'POST', { body: old })).status, 401);
  }

  function assertTooWeak(answer: Answer): void {
    assertError(answer, 401, 'unauthorized', 'Credential strength is insufficient');
  }

  const missing = (target: string, caller: string): string =>
    `CONJ00123E Resource '${target}' requested by role '${caller}' not found`;

  describe('of oneself', () => {
    it('takes the password', async () => {
      const rotate = (): Promise<Answer> => withSecret('bob', passwordOf('bob'), 'user:bob');
      await assertRotated(
        'bob',
        await recorded(rotate, 'cucumber:user:bob successfully rotated their API key'),
      );
    });

    it('takes the API key', async () => {
      const rotate = (): Promise<Answer> => withSecret('bob', keyOf('bob'));
      await assertRotated(
        'bob',
        await recorded(rotate, 'cucumber:user:bob successfully rotated their API key'),
      );
    });

    it('takes the API key of a host', async () => {
      const login = 'host/privileged_host';
      const rotate = (): Promise<Answer> => withSecret(login, keyOf(login), 'host:privileged_host');
      await assertRotated(
        login,
        await recorded(rotate, 'cucumber:host:privileged_host successfully rotated their API key'),
      );
    });

    for (const [login, role] of [
      ['bob', undefined],
      ['bob', 'user:bob'],
      ['host/privileged_host', undefined],
      ['host/privileged_host', 'host:privileged_host'],
    ] as const) {
      it(`does not take the access token of ${login}${role === undefined ? '' : ' that names itself'}`, async () => {
        assertTooWeak(await recorded(() => withToken(login, role), 'Credential strength is insufficient'));
      });
    }
  });

  describe('of another, with a credential of one’s own', () => {
    for (const [login, secret, title] of [
      ['unprivileged_user', 'key', 'the API key of a user without update'],
      ['unprivileged_user', 'password', 'the password of a user without update'],
      ['privileged_user', 'key', 'the API key of a user with update'],
      ['privileged_user', 'password', 'the password of a user with update'],
      ['host/privileged_host', 'key', 'the API key of a host with update'],
      ['host/unprivileged_host', 'key', 'the API key of a host without update'],
    ] as const) {
      it(`does not take ${title}`, async () => {
        const presented = secret === 'key' ? keyOf(login) : passwordOf(login);
        assertEmpty(await recorded(() => withSecret(login, presented, 'user:bob'), foreign), 401);
      });
    }
  });

  describe('of another, with an access token', () => {
    for (const login of ['privileged_user', 'host/privileged_host']) {
      it(`takes that of ${login}, who has update`, async () => {
        const caller = login.startsWith('host/')
          ? `cucumber:${login.replace('/', ':')}`
          : `cucumber:user:${login}`;
        const rotate = (): Promise<Answer> => withToken(login, 'user:bob');
        const end = `${caller} successfully rotated the api key for cucumber:user:bob`;
        await assertRotated('bob', await recorded(rotate, end));
      });
    }

    for (const role of ['layer:host_layer', 'policy:strict_policy', 'group:super_users']) {
      it(`is not applicable to ${role}, which has no credentials`, async () => {
        const message = `CONJ00126E Role 'cucumber:${role}' is not applicable for key rotation`;
        const answer = await recorded(() => withToken('privileged_user', role), message);
        assertError(answer, 405, 'method_not_allowed', message);
      });
    }

    for (const role of ['layer:host_layer', 'user:bob']) {
      it(`is forbidden to who can only read ${role}`, async () => {
        const answer = await recorded(() => withToken('read_only_privileged_user', role), 'Forbidden');
        assertEmpty(answer, 403);
      });
    }

    it('finds no role that does not exist, and names it as it was given', async () => {
      const message = missing('user:does_not_exist', 'cucumber:user:privileged_user');
      const answer = await recorded(() => withToken('privileged_user', 'user:does_not_exist'), message);
      assertError(answer, 404, 'not_found', message);
    });

    it('finds no role that is invisible, and names it in full in the record', async () => {
      const caller = 'cucumber:user:not_privileged_user';
      const rotate = (): Promise<Answer> => withToken('not_privileged_user', 'layer:p1/hidden_layer');
      const [full, unseen] = [
        missing('cucumber:layer:p1/hidden_layer', caller),
        `CONJ00125E The requested resource 'cucumber:layer:p1/hidden_layer' is not visible to Role '${caller}'`,
      ];
      const answer = await recorded(rotate, `${full}: ${unseen}`);
      assertError(answer, 404, 'not_found', missing('layer:p1/hidden_layer', caller));
    });

    it('answers about an invisible role as about one that is not there, in the words of the request', async () => {
      const caller = 'cucumber:user:not_privileged_user';
      for (const target of ['user:bob', 'cucumber:user:bob', 'user:nobody', 'cucumber:user:nobody']) {
        const answer = await withToken('not_privileged_user', target);
        assertError(answer, 404, 'not_found', missing(target, caller));
      }
    });

    it('finds no user that is invisible to a host', async () => {
      const answer = await withToken('host/unprivileged_host', 'user:bob');
      const message = missing('user:bob', 'cucumber:host:unprivileged_host');
      assertError(answer, 404, 'not_found', message);
    });
  });

  describe('of a role that does not exist', () => {
    const target = 'user:does_not_exist';
    const message = missing(target, 'cucumber:user:bob');

    it('is not found with an API key', async () => {
      const rotate = (): Promise<Answer> => withSecret('bob', keyOf('bob'), target);
      assertError(await recorded(rotate, message), 404, 'not_found', message);
    });

    it('is not found with a password', async () => {
      const rotate = (): Promise<Answer> => withSecret('bob', passwordOf('bob'), target);
      assertError(await recorded(rotate, message), 404, 'not_found', message);
    });

    it('is not found with an access token', async () => {
      const rotate = (): Promise<Answer> => withToken('bob', target);
      assertError(await recorded(rotate, message), 404, 'not_found', message);
    });

    it('is not found in an account that does not exist', async () => {
      const elsewhere = 'nonexistent_account:user:bob';
      const expected = missing(elsewhere, 'cucumber:user:bob');
      const rotate = (): Promise<Answer> => withSecret('bob', keyOf('bob'), elsewhere);
      assertError(await recorded(rotate, expected), 404, 'not_found', expected);
    });
  });

  describe('the time of the last rotation', () => {
    const timeOf = (answer: Answer): number => {
      assert.equal(answer.status, 200, answer.text);
      const { role, timestamp } = answer.json() as { role: string; timestamp: string };
      assert.equal(role, 'cucumber:user:bob');
      assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      return Date.parse(timestamp);
    };

    it('moves with a rotation', async () => {
      const before = timeOf(await withSecret('bob', keyOf('bob'), undefined, 'GET'));
      // Rotations are told apart by the second.
      const next = Math.floor(Date.now() / 1_000) * 1_000 + 1_000;
      while (Date.now() < next) await new Promise((resolve) => setTimeout(resolve, next - Date.now()));
      await assertRotated('bob', await withSecret('bob', keyOf('bob')));
      assert.ok(timeOf(await withSecret('bob', keyOf('bob'), undefined, 'GET')) > before);
    });

    it('is told to who has update', async () => {
      await assertRotated('bob', await withToken('privileged_user', 'user:bob'));
      timeOf(await withToken('privileged_user', 'user:bob', 'GET'));
    });

    it('is told to nobody to whom the user is invisible', async () => {
      const answer = await withToken('unprivileged_user', 'user:bob', 'GET');
      const message = missing('user:bob', 'cucumber:user:unprivileged_user');
      assertError(answer, 404, 'not_found', message);
    });
  });
});
