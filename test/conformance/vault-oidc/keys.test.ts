/** Named keys: what Vault's API promises of them. */
import assert from 'node:assert/strict';
import { load, signIn, signInAs } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { VaultApi, vaultAdmin, vaultApiOf } from '../../support/vault-api.ts';

const key = 'identity/oidc/key';

describeOnStores("the named keys of Vault's dialect", (on) => {
  let vault: VaultApi;
  before(async () => {
    vault = await vaultAdmin(on.service);
  });

  it('have defaults when they are made with nothing', async () => {
    await vault.put(`${key}/plain`);
    assert.deepEqual(await vault.read(`${key}/plain`), {
      rotation_period: 86_400,
      verification_ttl: 86_400,
      algorithm: 'RS256',
      allowed_client_ids: [],
    });
  });

  it('show durations in seconds, and one client id as a list of one', async () => {
    await vault.put(`${key}/changed`, { algorithm: 'EdDSA' });
    await vault.put(`${key}/changed`, {
      rotation_period: '10m',
      verification_ttl: '1h',
      allowed_client_ids: 'allowed-test-role',
    });
    assert.deepEqual(await vault.read(`${key}/changed`), {
      rotation_period: 600,
      verification_ttl: 3_600,
      algorithm: 'EdDSA',
      allowed_client_ids: ['allowed-test-role'],
    });
  });

  it('keep what a change leaves out', async () => {
    await vault.put(`${key}/merged`, { algorithm: 'ES256', rotation_period: 120, verification_ttl: 60 });
    await vault.put(`${key}/merged`, { allowed_client_ids: ['b', 'a', 'b'] });
    assert.deepEqual(await vault.read(`${key}/merged`), {
      rotation_period: 120,
      verification_ttl: 60,
      algorithm: 'ES256',
      allowed_client_ids: ['b', 'a', 'b'],
    });
  });

  for (const algorithm of ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    it(`can be of ${algorithm}`, async () => {
      await vault.put(`${key}/of-${algorithm}`, { algorithm });
      assert.equal((await vault.read(`${key}/of-${algorithm}`))['algorithm'], algorithm);
    });
  }

  for (const [fault, body] of [
    ['a rotation of under a minute', { rotation_period: 59 }],
    ['a verification of over ten periods', { rotation_period: 60, verification_ttl: 601 }],
    ['two minutes of rotation with the verification left at a day', { rotation_period: '2m' }],
    ['another algorithm', { algorithm: 'HS256' }],
    ['an algorithm in lower case', { algorithm: 'rs256' }],
    ['what is no duration', { rotation_period: 'soon' }],
    ['a negative duration', { verification_ttl: -1 }],
  ] as const) {
    it(`are not made with ${fault}`, async () => {
      await vault.refused(`${key}/refused`, body);
      assert.equal(await vault.status(`${key}/refused`), 404);
    });
  }

  it('are told of their first fault: the period, then ten periods, then the tokens, then the algorithm', async () => {
    await vault.put(`${key}/ordered`, { algorithm: 'ES256' });
    await vault.put('identity/oidc/client/ordered', { key: 'ordered', id_token_ttl: '2h' });
    await vault.put('identity/oidc/role/ordered', { key: 'ordered', ttl: '2h' });
    const faults = [
      { rotation_period: 1, verification_ttl: 3_000, algorithm: 'x' },
      { rotation_period: 60, verification_ttl: 3_000, algorithm: 'x' },
      { rotation_period: 600, verification_ttl: 3_000, algorithm: 'x' },
    ];
    const told = [];
    for (const body of faults) told.push(await vault.refused(`${key}/ordered`, body));
    assert.equal(await vault.delete('identity/oidc/role/ordered'), 204);
    told.push(await vault.refused(`${key}/ordered`, faults[2]));
    assert.equal(await vault.delete('identity/oidc/client/ordered'), 204);
    told.push(await vault.refused(`${key}/ordered`, faults[2]));
    assert.deepEqual(
      told.map((text) => /one minute|10x|roles|clients|algorithm/.exec(text)?.[0]),
      ['one minute', '10x', 'roles', 'clients', 'algorithm'],
    );
  });

  it("do not verify for less than a role's or a client's tokens live", async () => {
    await vault.put(`${key}/shortened`, { algorithm: 'ES256' });
    await vault.put('identity/oidc/role/long', { key: 'shortened', ttl: '1h' });
    await vault.refused(`${key}/shortened`, { verification_ttl: '59m' });
    await vault.put(`${key}/shortened`, { verification_ttl: '60m' });
    assert.equal(await vault.delete('identity/oidc/role/long'), 204);
    await vault.put('identity/oidc/client/long', { key: 'shortened', id_token_ttl: '30m' });
    await vault.refused(`${key}/shortened`, { verification_ttl: '29m' });
    await vault.put(`${key}/shortened`, { verification_ttl: '30m' });
    assert.equal(await vault.delete('identity/oidc/client/long'), 204);
  });

  it('are not deleted while a role uses them', async () => {
    await vault.put(`${key}/by-role`, { algorithm: 'ES256' });
    for (const role of ['second', 'first']) {
      await vault.put(`identity/oidc/role/${role}`, { key: 'by-role' });
    }
    assert.match(await vault.refused(`${key}/by-role`, {}, 'DELETE'), /first, second/);
    for (const role of ['second', 'first'])
      assert.equal(await vault.delete(`identity/oidc/role/${role}`), 204);
    assert.equal(await vault.delete(`${key}/by-role`), 204);
    assert.equal(await vault.status(`${key}/by-role`), 404);
  });

  it('are not deleted while a client uses them', async () => {
    await vault.put(`${key}/by-client`, { algorithm: 'ES256' });
    await vault.put('identity/oidc/client/user-of-key', { key: 'by-client' });
    assert.match(await vault.refused(`${key}/by-client`, {}, 'DELETE'), /user-of-key/);
    assert.equal(await vault.delete('identity/oidc/client/user-of-key'), 204);
    assert.equal(await vault.delete(`${key}/by-client`), 204);
  });

  it('are gone after a delete, and another delete does no harm', async () => {
    await vault.put(`${key}/passing`, { algorithm: 'ES256' });
    assert.deepEqual(
      [await vault.delete(`${key}/passing`), await vault.delete(`${key}/passing`)],
      [204, 204],
    );
  });

  it('are listed by their names alone', async () => {
    const before = await vault.list(key);
    await vault.put(`${key}/listed-b`, { algorithm: 'ES256' });
    await vault.put(`${key}/listed-a`, { algorithm: 'ES256' });
    const both = await vault.list(key);
    assert.deepEqual(
      both.filter((name) => !before.includes(name)),
      ['listed-a', 'listed-b'],
    );
    assert.deepEqual([...both].sort(), both);
    assert.equal(await vault.delete(`${key}/listed-a`), 204);
    assert.deepEqual(
      (await vault.list(key)).filter((name) => !before.includes(name)),
      ['listed-b'],
    );
    const answer = await vault.send('GET', `${key}?list=true`);
    assert.deepEqual(Object.keys((answer.json() as { readonly data: object }).data), ['keys']);
  });

  it('are rotated at once', async () => {
    await vault.put(`${key}/rotated`, { algorithm: 'ES256' });
    await vault.put(`${key}/rotated/rotate`);
    await vault.put(`${key}/rotated/rotate`, { verification_ttl: '5m' });
    assert.equal((await vault.send('POST', `${key}/rotated/rotate`)).status, 204);
  });

  it('say that there is no named key where one that is missing is rotated', async () => {
    assert.match(await vault.refused(`${key}/missing/rotate`), /no named key found/);
    await vault.refused(`${key}/listed-b/rotate`, { verification_ttl: 'x' });
  });

  it('can only be rotated by a write', async () => {
    const answers = await Promise.all(
      ['GET', 'DELETE'].map((method) => vault.send(method, `${key}/plain/rotate`)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [405, 405],
    );
  });

  it('have names of letters, digits, underscores, and dots and hyphens inside', async () => {
    for (const name of ['a..b', '_', 'A-1']) await vault.put(`${key}/${name}`, { algorithm: 'EdDSA' });
    for (const name of ['-a', 'a.', 'a%20b'])
      assert.equal((await vault.write(`${key}/${name}`)).status, 404, name);
  });

  it('are shown to nobody without a token', async () => {
    const answer = await new VaultApi(on.service).send('GET', `${key}/plain`);
    assert.deepEqual([answer.status, answer.json()], [403, { errors: ['permission denied'] }]);
  });

  it('show nothing of their pairs', async () => {
    const { text } = await vault.send('GET', `${key}/rotated`);
    assert.ok(!/kid|"d"|"x"|sealed/i.test(text), text);
  });
});

describeOnStores("the default key of Vault's dialect", (on) => {
  let vault: VaultApi;
  before(async () => {
    vault = await vaultAdmin(on.service);
  });

  it('is there from the start, for all clients', async () => {
    assert.deepEqual(await vault.list(key), ['default']);
    assert.deepEqual(await vault.read(`${key}/default`), {
      rotation_period: 86_400,
      verification_ttl: 86_400,
      algorithm: 'RS256',
      allowed_client_ids: ['*'],
    });
  });

  it('keeps what is not set when it is changed for the first time', async () => {
    await vault.put(`${key}/default`, { rotation_period: '12h' });
    assert.deepEqual(await vault.read(`${key}/default`), {
      rotation_period: 43_200,
      verification_ttl: 86_400,
      algorithm: 'RS256',
      allowed_client_ids: ['*'],
    });
    assert.deepEqual(await vault.list(key), ['default']);
  });

  it('cannot be deleted', async () => {
    await vault.refused(`${key}/default`, {}, 'DELETE');
    assert.equal(await vault.status(`${key}/default`), 200);
  });

  it('has no pairs until somebody uses it', async () => {
    const jwks = async () =>
      (await vault.raw('identity/oidc/.well-known/keys'))['keys'] as readonly unknown[];
    assert.equal((await jwks()).length, 0);
    await vault.put('identity/oidc/role/user-of-default', { key: 'default' });
    assert.equal((await jwks()).length, 2);
  });
});

describeOnStores('the privileges on named keys', (on) => {
  const policy = `
- !user reader
- !user maker
- !user nobody
- !policy
  id: conjur/oidc
  body:
  - !webservice keys
  - !webservice keys/mine
  - !permit { role: !user /reader, privileges: [ read ], resource: !webservice keys }
  - !permit { role: !user /maker, privileges: [ create, update, delete ], resource: !webservice keys/mine }
`;
  const as = new Map<string, VaultApi>();
  const of = (login: string): VaultApi => {
    const vault = as.get(login);
    assert.ok(vault !== undefined);
    return vault;
  };
  before(async () => {
    const admin = await signIn(on.service);
    const session = signInAs(on.service, await load(admin, policy));
    for (const login of ['reader', 'maker', 'nobody']) as.set(login, vaultApiOf(await session(login)));
  });

  it('decide each operation, for one key or for all', async () => {
    const asked: readonly (readonly [method: string, path: string])[] = [
      ['GET', `${key}/mine`],
      ['GET', `${key}?list=true`],
      ['PUT', `${key}/mine`],
      ['PUT', `${key}/other`],
      ['PUT', `${key}/mine/rotate`],
      ['DELETE', `${key}/mine`],
    ];
    const statuses = async (login: string): Promise<readonly number[]> => {
      const all = [];
      for (const [method, path] of asked) {
        const body = method === 'PUT' ? { algorithm: 'EdDSA' } : undefined;
        all.push((await of(login).send(method, path, body)).status);
      }
      return all;
    };
    assert.deepEqual(await statuses('nobody'), [403, 403, 403, 403, 403, 403]);
    assert.deepEqual(await statuses('maker'), [403, 403, 204, 403, 204, 204]);
    assert.deepEqual(await statuses('reader'), [404, 200, 403, 403, 403, 403]);
  });
});
