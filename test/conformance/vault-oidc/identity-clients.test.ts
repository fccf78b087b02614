/** What the clients of Vault send around logging in, request for request, and what they need of the answers. */
import assert from 'node:assert/strict';
import { signIn } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  alicePassword,
  authOf,
  dataOf,
  errorsOf,
  identityWorld,
  logIn,
  vault,
  type IdentityWorld,
} from '../../support/vault-identity.ts';

type Members = Readonly<Record<string, unknown>>;

const goClient = { 'x-vault-request': 'true', 'content-type': '' };

describeOnStores("Vault's command line: logging in", (on) => {
  let world: IdentityWorld;

  before(async () => {
    world = await identityWorld(on.service);
  });

  it('login -method=userpass: PUT without a token or a content type is answered with `auth`', async () => {
    const response = await fetch(`${on.service.url}/v1/auth/userpass/login/alice`, {
      method: 'PUT',
      headers: { 'x-vault-request': 'true' },
      body: Buffer.from(JSON.stringify({ password: alicePassword })),
    });
    assert.equal(response.status, 200);
    const { auth } = (await response.json()) as { auth: Members };
    for (const [name, type] of [
      ['client_token', 'string'],
      ['accessor', 'string'],
      ['metadata', 'object'],
      ['lease_duration', 'number'],
      ['renewable', 'boolean'],
      ['entity_id', 'string'],
      ['orphan', 'boolean'],
      ['num_uses', 'number'],
    ] as const) {
      assert.equal(typeof auth[name], type, name);
    }
    assert.ok(Array.isArray(auth['policies']) && Array.isArray(auth['token_policies']));
    assert.equal(auth['token_type'], 'service');
    assert.equal(auth['mfa_requirement'], null);
  });

  it('login -method=userpass: a failure is 400 with one error', async () => {
    const answer = await logIn(on.service, 'alice', 'wrong', goClient);
    assert.equal(answer.status, 400);
    assert.equal(errorsOf(answer).length, 1);
  });

  it('login TOKEN: lookup-self has the fields that are shown, of the types that are asserted', async () => {
    const data = dataOf(
      await vault(on.service, 'GET', 'auth/token/lookup-self', { token: world.alice, headers: goClient }),
    );
    assert.equal(data['id'], world.alice);
    assert.ok(Array.isArray(data['policies']));
    for (const [name, type] of [
      ['accessor', 'string'],
      ['meta', 'object'],
      ['ttl', 'number'],
      ['creation_time', 'number'],
      ['creation_ttl', 'number'],
      ['explicit_max_ttl', 'number'],
      ['num_uses', 'number'],
      ['renewable', 'boolean'],
    ] as const) {
      assert.equal(typeof data[name], type, name);
    }
    for (const name of ['expire_time', 'issue_time']) {
      assert.match(String(data[name]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, name);
    }
  });

  it('every token is printable', () => {
    for (const token of [world.admin, world.alice]) assert.match(token, /^[\x21-\x7e]+$/);
  });

  it('with a ready token: our own access token is taken in either header', async () => {
    const token = Buffer.from((await signIn(on.service)).token).toString('base64');
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token }));
    const headers = { authorization: `Bearer ${token}` };
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { headers }));
  });

  it('X-Vault-Token wins over a bearer, and another scheme is no token', async () => {
    const bearer = { authorization: 'Bearer s.bad' };
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token: world.alice, headers: bearer }));
    for (const authorization of [`bearer ${world.alice}`, `Token ${world.alice}`]) {
      const answer = await vault(on.service, 'GET', 'auth/token/lookup-self', { headers: { authorization } });
      assert.equal(answer.status, 403);
    }
  });

  it('status: seal-status, then leader, both without a token', async () => {
    for (const path of ['sys/seal-status', 'sys/leader']) {
      assert.equal((await vault(on.service, 'GET', path)).status, 200);
    }
  });

  it('auth list: a map from path to type and accessor', async () => {
    const data = dataOf(await vault(on.service, 'GET', 'sys/auth', { token: world.admin })) as Record<
      string,
      Members
    >;
    for (const mount of Object.values(data)) {
      assert.equal(typeof mount['type'], 'string');
      assert.equal(typeof mount['accessor'], 'string');
    }
  });

  it('token revoke -self: 204', async () => {
    const { client_token: token } = authOf(await logIn(on.service, 'alice', alicePassword));
    assert.equal(
      (await vault(on.service, 'PUT', 'auth/token/revoke-self', { token, headers: goClient })).status,
      204,
    );
  });

  it('write identity/lookup/entity: 204 where nothing matched', async () => {
    const answer = await vault(on.service, 'PUT', 'identity/lookup/entity', {
      token: world.admin,
      body: { name: 'x' },
    });
    assert.equal(answer.status, 204);
  });

  it('Terraform: starts by lookup-self and a child token of 1200 seconds', async () => {
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token: world.admin }));
    const body = {
      display_name: 'terraform',
      ttl: '1200s',
      explicit_max_ttl: '1200s',
      renewable: false,
      num_uses: 0,
    };
    const { client_token: token, ...auth } = authOf(
      await vault(on.service, 'POST', 'auth/token/create', { token: world.admin, body }),
    );
    assert.equal(auth['lease_duration'], 1_200);
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token }));
  });

  it('Terraform: the entity and group data sources find ids by a lookup; no list stands for a set within aliases', async () => {
    const find = (kind: string, name: string) =>
      vault(on.service, 'PUT', `identity/lookup/${kind}`, { token: world.admin, body: { name } });
    const { id, aliases } = dataOf(await find('entity', 'alice')) as { id: string; aliases: Members[] };
    assert.equal(typeof id, 'string');
    for (const alias of aliases) assert.ok(Object.values(alias).every((value) => !Array.isArray(value)));
    assert.equal(typeof dataOf(await find('group', 'eng'))['id'], 'string');
  });

  it('Terraform: the version is a semantic one', async () => {
    const { version } = (await vault(on.service, 'GET', 'sys/seal-status')).json() as { version: string };
    assert.match(version, /^\d+\.\d+\.\d+(\+[0-9a-z.]+)?$/);
  });

  it('hvac: is_authenticated() is told by 403', async () => {
    assert.equal((await vault(on.service, 'GET', 'auth/token/lookup-self', { token: 's.gone' })).status, 403);
  });

  it('hvac: lists by the verb LIST and by GET with `list=True`', async () => {
    const byVerb = await vault(on.service, 'LIST', 'identity/entity/id', { token: world.admin });
    const byQuery = await vault(on.service, 'GET', 'identity/entity/id?list=True', { token: world.admin });
    assert.deepEqual(dataOf(byVerb), dataOf(byQuery));
  });

  it('hvac: errors are read only from `application/json` to the letter', async () => {
    const answer = await logIn(on.service, 'alice', 'wrong');
    assert.equal(answer.headers.get('content-type'), 'application/json');
  });

  it('hvac: HEAD and GET of sys/health', async () => {
    for (const method of ['HEAD', 'GET']) {
      assert.equal((await vault(on.service, method, 'sys/health')).status, 200);
    }
  });
});
