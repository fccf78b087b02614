import assert from 'node:assert/strict';
import { load, signIn, type Answer, type Session } from '../../../support/client.ts';
import { makeHost, makeToken, revokeToken } from '../../../support/host-factories.ts';
import { describeOnStores } from '../../../support/on-stores.ts';

const database = `
- !policy
  id: database
  body:
  - !layer users
  - !host-factory { id: users, layers: [ !layer users ] }
`;

/** What a host is shown as, apart from when it was made and its key. */
function shownHost(answer: Answer): unknown {
  const { created_at: createdAt, api_key: apiKey, ...rest } = answer.json() as Record<string, unknown>;
  assert.equal(typeof createdAt, 'string');
  assert.match(String(apiKey), /^[0-9a-z]{40,}$/);
  return rest;
}

describeOnStores('making hosts with a host factory', (on) => {
  let admin: Session;
  let token: string;

  before(async () => {
    admin = await signIn(on.service);
  });

  describe('host_factory_create_host', () => {
    before(async () => {
      await load(
        admin,
        '- !layer the-layer\n- !host-factory { id: the-layer-factory, layers: [ !layer the-layer ] }\n',
      );
    });
    beforeEach(async () => {
      token = await makeToken(admin, 'the-layer-factory');
    });

    const expected = (id: string): unknown => ({
      annotations: [],
      id: `${on.service.account}:host:${id}`,
      owner: `${on.service.account}:host_factory:the-layer-factory`,
      permissions: [],
      restricted_to: [],
    });

    it('takes a token for authentication and authorization', async () => {
      const answer = await makeHost(on.service, token, { id: 'host-01' });
      assert.equal(answer.status, 201);
      assert.deepEqual(shownHost(answer), expected('host-01'));
    });

    it('takes its parameters from the body', async () => {
      const answer = await admin.send('POST', '/host_factories/hosts', 'id=host-02', {
        authorization: `Token token="${token}"`,
        'content-type': 'application/x-www-form-urlencoded',
      });
      assert.equal(answer.status, 201);
      assert.deepEqual(shownHost(answer), expected('host-02'));
    });

    it('refuses a token that was deleted', async () => {
      assert.equal((await revokeToken(admin, token)).status, 204);
      assert.equal((await makeHost(on.service, token, { id: 'host-03' })).status, 401);
    });

    it('refuses to make a host without an id', async () => {
      assert.equal((await makeHost(on.service, token, {})).status, 422);
    });

    it('refuses ids below conjur/', async () => {
      for (const id of ['conjur/factories/malicious-template', '/conjur/factories/malicious-template']) {
        const answer = await makeHost(on.service, token, { id });
        assert.equal(answer.status, 422);
        assert.deepEqual(answer.json(), { error: { code: 'argument_error', message: `Invalid id: ${id}` } });
      }
    });

    it('makes a host at the root whose id merely begins with conjur', async () => {
      const id = 'conjur-in-root-policy-branch';
      assert.deepEqual(shownHost(await makeHost(on.service, token, { id })), expected(id));
    });
  });

  describe('host_factory_rotate_host', () => {
    /** The host is made, then all policy goes: of the host its role stays. */
    beforeEach(async () => {
      await load(admin, database, 'root', 'PUT');
      token = await makeToken(admin, 'database/users');
      const made = await makeHost(on.service, token, { id: 'brand-new-host' });
      assert.ok([201, 403].includes(made.status), made.text);
      await load(admin, '[]', 'root', 'PUT');
    });

    it('does not give a key to a host of which there is only the role', async () => {
      await load(admin, database, 'root', 'PUT');
      token = await makeToken(admin, 'database/users');
      assert.equal((await makeHost(on.service, token, { id: 'brand-new-host' })).status, 403);
    });

    it('gives a new key to a host that policy says is of the factory', async () => {
      const host = '\n- !host { id: brand-new-host, owner: !host-factory database/users }\n';
      await load(admin, database + host, 'root', 'PUT');
      token = await makeToken(admin, 'database/users');
      const answer = await makeHost(on.service, token, { id: 'brand-new-host' });
      assert.equal(answer.status, 201);
      assert.deepEqual(shownHost(answer), {
        annotations: [],
        id: `${on.service.account}:host:brand-new-host`,
        owner: `${on.service.account}:host_factory:database/users`,
        policy: `${on.service.account}:policy:root`,
        permissions: [],
        restricted_to: [],
      });
    });
  });
});
