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

describeOnStores("the tokens of Vault's dialect", (on) => {
  let world: IdentityWorld;
  let accessToken: string;
  const fresh = async (): Promise<string> =>
    authOf(await logIn(on.service, 'alice', alicePassword)).client_token;
  const create = (token: string, body: unknown) =>
    vault(on.service, 'POST', 'auth/token/create', { token, body });

  before(async () => {
    world = await identityWorld(on.service);
    accessToken = Buffer.from((await signIn(on.service)).token).toString('base64');
  });

  for (const method of ['GET', 'POST', 'PUT']) {
    it(`tells of the token itself (${method})`, async () => {
      const data = dataOf(await vault(on.service, method, 'auth/token/lookup-self', { token: world.alice }));
      const {
        accessor,
        creation_time: created,
        expire_time: expires,
        issue_time: issued,
        ttl,
        ...rest
      } = data;
      assert.match(String(accessor), /^[A-Za-z0-9]{24}$/);
      assert.equal(typeof created, 'number');
      assert.ok(Date.parse(String(expires)) > Date.parse(String(issued)));
      assert.ok(Number(ttl) > 28_700 && Number(ttl) <= 28_800);
      assert.deepEqual(rest, {
        id: world.alice,
        policies: ['default'],
        path: 'auth/userpass/login/alice',
        meta: { username: 'alice' },
        display_name: 'userpass-alice',
        num_uses: 0,
        orphan: true,
        creation_ttl: 28_800,
        explicit_max_ttl: 0,
        entity_id: rest['entity_id'],
        type: 'service',
        renewable: true,
      });
      assert.match(String(rest['entity_id']), /^[0-9a-f-]{36}$/);
    });
  }

  it('takes a token as a bearer, too', async () => {
    const headers = { authorization: `Bearer ${world.alice}` };
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { headers }));
  });

  it('answers 403 without a token, and to one of no use', async () => {
    for (const token of [undefined, 's.nothing', `s.${'x'.repeat(32)}`]) {
      const answer = await vault(
        on.service,
        'GET',
        'auth/token/lookup-self',
        token === undefined ? {} : { token },
      );
      assert.equal(answer.status, 403);
      assert.deepEqual(errorsOf(answer), ['permission denied']);
    }
  });

  it('tells of an access token, which cannot be renewed', async () => {
    const data = dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token: accessToken }));
    assert.equal(data['renewable'], false);
    assert.equal(data['display_name'], 'admin');
    assert.ok(Number(data['ttl']) > 400 && Number(data['ttl']) <= 480);
    for (const act of ['renew-self', 'revoke-self']) {
      const answer = await vault(on.service, 'PUT', `auth/token/${act}`, { token: accessToken });
      assert.equal(answer.status, 400);
      assert.match(errorsOf(answer)[0] ?? '', /expires by itself/);
    }
  });

  it('renews for as long as is asked', async () => {
    const token = await fresh();
    const answer = await vault(on.service, 'PUT', 'auth/token/renew-self', {
      token,
      body: { increment: '10m' },
    });
    const auth = authOf(answer);
    assert.equal(auth.client_token, token);
    assert.ok(Number(auth['lease_duration']) <= 600 && Number(auth['lease_duration']) > 500);
  });

  it('revokes the token itself, at once', async () => {
    const token = await fresh();
    const answer = await vault(on.service, 'PUT', 'auth/token/revoke-self', { token });
    assert.deepEqual([answer.status, answer.text], [204, '']);
    assert.equal((await vault(on.service, 'GET', 'auth/token/lookup-self', { token })).status, 403);
  });

  it('makes a child that lives no longer than is asked', async () => {
    const auth = authOf(
      await create(world.alice, {
        ttl: '20m',
        explicit_max_ttl: '20m',
        renewable: false,
        display_name: 'terraform',
        num_uses: 0,
      }),
    );
    assert.equal(auth['renewable'], false);
    assert.equal(auth['orphan'], false);
    const data = dataOf(
      await vault(on.service, 'GET', 'auth/token/lookup-self', { token: auth.client_token }),
    );
    assert.equal(data['creation_ttl'], 1_200);
    assert.equal(data['explicit_max_ttl'], 1_200);
    assert.equal(data['display_name'], 'token-terraform');
    assert.equal(data['path'], 'auth/token/create');
    const renewed = await vault(on.service, 'PUT', 'auth/token/renew-self', { token: auth.client_token });
    assert.equal(renewed.status, 400);
  });

  it('ends a child with its parent', async () => {
    const parent = await fresh();
    const { client_token: child } = authOf(await create(parent, {}));
    await vault(on.service, 'PUT', 'auth/token/revoke-self', { token: parent });
    assert.equal((await vault(on.service, 'GET', 'auth/token/lookup-self', { token: child })).status, 403);
  });

  it('makes a token of an access token that ends when that does', async () => {
    const auth = authOf(await create(accessToken, { ttl: '24h' }));
    assert.ok(Number(auth['lease_duration']) <= 480);
    assert.equal(auth['renewable'], false);
    dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token: auth.client_token }));
  });

  for (const body of [
    { policies: ['readonly'] },
    { num_uses: 1 },
    { no_parent: true },
    { no_default_policy: true },
    { type: 'batch' },
    { period: '1h' },
    { id: 'mine' },
    { entity_alias: 'bob' },
  ]) {
    it(`refuses a token with ${JSON.stringify(body)} rather than to make another`, async () => {
      const answer = await create(world.alice, body);
      assert.equal(answer.status, 400);
      assert.equal(errorsOf(answer).length, 1);
    });
  }

  it('keeps the time of the login in a child, for max_age', async () => {
    const parent = await fresh();
    const lookup = async (token: string) =>
      dataOf(await vault(on.service, 'GET', 'auth/token/lookup-self', { token }))['creation_time'];
    const { client_token: child } = authOf(await create(parent, {}));
    assert.equal(await lookup(child), await lookup(parent));
  });

  it('tells of, renews and revokes a token that the body names', async () => {
    const token = await fresh();
    const post = (act: string) =>
      vault(on.service, 'POST', `auth/token/${act}`, { token: world.carol, body: { token } });
    assert.equal(dataOf(await post('lookup'))['id'], token);
    assert.equal(authOf(await post('renew')).client_token, token);
    assert.equal((await post('revoke')).status, 204);
    assert.equal((await post('lookup')).status, 403);
  });

  it('answers 400 to revoking no token', async () => {
    for (const act of ['renew', 'revoke']) {
      const answer = await vault(on.service, 'POST', `auth/token/${act}`, { token: world.carol, body: {} });
      assert.deepEqual(errorsOf(answer), ['missing token ID']);
    }
  });

  it('tells of the own token where none is named', async () => {
    const answer = await vault(on.service, 'POST', 'auth/token/lookup', { token: world.carol });
    assert.equal(dataOf(answer)['id'], world.carol);
  });

  it('audits renewals and revocations', async () => {
    const token = await fresh();
    const before = (await on.service.auditLines()).length;
    await vault(on.service, 'PUT', 'auth/token/renew-self', { token });
    await vault(on.service, 'PUT', 'auth/token/revoke-self', { token });
    const lines = (await on.service.auditLines()).slice(before);
    assert.equal(lines.length, 2);
    for (const line of lines) assert.ok(line.includes('acct:user:alice') && !line.includes(token), line);
  });

  it('makes a thousand of them in an hour for one role, and then asks to wait', async () => {
    const token = await fresh();
    let refused = 0;
    for (let made = 0; refused === 0 && made < 1_010; made += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => create(token, {})));
      for (const answer of answers.filter(({ status }) => status !== 200)) {
        refused += 1;
        assert.equal(answer.status, 429);
        assert.match(errorsOf(answer)[0] ?? '', /^Too many tokens were made/);
      }
    }
    assert.ok(refused > 0);
    assert.equal(
      (await logIn(on.service, 'alice', alicePassword)).status,
      200,
      'who proves it is not kept out',
    );
  });
});
