import assert from 'node:assert/strict';
import { load, signIn } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf, errorsOf, identityWorld, vault, type IdentityWorld } from '../../support/vault-identity.ts';

type Members = Readonly<Record<string, unknown>>;

describeOnStores("entities of Vault's dialect", (on) => {
  let world: IdentityWorld;
  const get = (path: string, token = world.carol) => vault(on.service, 'GET', path, { token });
  const lookUp = (body: unknown, token = world.carol) =>
    vault(on.service, 'POST', 'identity/lookup/entity', { token, body });
  const entity = async (name: string): Promise<Members> => dataOf(await get(`identity/entity/name/${name}`));

  before(async () => {
    world = await identityWorld(on.service);
  });

  it('has everything about a user', async () => {
    const {
      id,
      aliases,
      direct_group_ids: direct,
      inherited_group_ids: inherited,
      ...rest
    } = await entity('alice');
    const eng = dataOf(await get('identity/group/name/eng'))['id'];
    const ops = dataOf(await get('identity/group/name/ops'))['id'];
    assert.deepEqual([direct, inherited], [[eng], [ops]]);
    const { creation_time: created, last_update_time: updated, group_ids: groups, ...plain } = rest;
    assert.deepEqual(groups, [eng, ops]);
    assert.equal(created, updated);
    assert.ok(Date.parse(String(created)) > 0);
    assert.deepEqual(plain, {
      name: 'alice',
      metadata: { email: 'alice@example.com' },
      policies: [],
      disabled: false,
      merged_entity_ids: [],
      namespace_id: 'root',
    });
    const [alias] = aliases as [Members];
    assert.match(String(alias['id']), /^[0-9a-f-]{36}$/);
    assert.match(String(alias['mount_accessor']), /^auth_userpass_[0-9a-f]{8}$/);
    assert.deepEqual(alias, {
      id: alias['id'],
      canonical_id: id,
      name: 'alice',
      mount_accessor: alias['mount_accessor'],
      mount_path: 'auth/userpass/',
      mount_type: 'userpass',
      metadata: { username: 'alice' },
      custom_metadata: {},
      local: false,
      merged_from_canonical_ids: null,
      creation_time: created,
      last_update_time: created,
    });
  });

  it('finds a host by its login, slashes and all', async () => {
    assert.equal((await entity('host/apps/app1'))['name'], 'host/apps/app1');
  });

  it('finds by id what it found by name', async () => {
    const alice = await entity('alice');
    assert.deepEqual(dataOf(await get(`identity/entity/id/${String(alice['id'])}`)), alice);
  });

  it('does not tell upper from lower case in names', async () => {
    assert.equal((await entity('ALICE'))['name'], 'alice');
  });

  for (const path of [
    'identity/entity/id/00000000-0000-4000-8000-000000000000',
    'identity/entity/id/nothing',
    'identity/entity/name/nobody',
    'identity/entity/name/group/eng',
  ]) {
    it(`answers 404 without a word at ${path}`, async () => {
      const answer = await get(path);
      assert.equal(answer.status, 404);
      assert.deepEqual(errorsOf(answer), []);
    });
  }

  for (const [method, query] of [
    ['LIST', ''],
    ['GET', '?list=true'],
  ] as const) {
    it(`lists ids with names and aliases (${method})`, async () => {
      const answer = await vault(on.service, method, `identity/entity/id${query}`, { token: world.carol });
      const { keys, key_info: info } = dataOf(answer) as {
        keys: string[];
        key_info: Record<string, Members>;
      };
      assert.deepEqual(keys, [...keys].sort());
      const { id, aliases } = (await entity('alice')) as { id: string; aliases: Members[] };
      assert.deepEqual(Object.keys(info).sort(), keys);
      assert.equal(info[id]?.['name'], 'alice');
      assert.equal((info[id]['aliases'] as Members[])[0]?.['id'], aliases[0]?.['id']);
    });
  }

  it('lists names', async () => {
    const { keys, ...rest } = dataOf(
      await vault(on.service, 'LIST', 'identity/entity/name/', { token: world.carol }),
    );
    assert.deepEqual(keys, ['admin', 'alice', 'bob', 'carol', 'host/apps/app1']);
    assert.deepEqual(rest, {});
  });

  it('looks up by id, name, alias and alias id', async () => {
    const alice = (await entity('alice')) as {
      id: string;
      aliases: { id: string; mount_accessor: string }[];
    };
    const [alias] = alice.aliases;
    for (const body of [
      { id: alice.id },
      { name: 'alice' },
      { alias_id: alias?.id },
      { alias_name: 'alice', alias_mount_accessor: alias?.mount_accessor },
    ]) {
      assert.deepEqual(dataOf(await lookUp(body)), alice, Object.keys(body).join());
    }
  });

  for (const body of [
    { id: '00000000-0000-4000-8000-000000000000' },
    { name: 'nobody' },
    { alias_id: '00000000-0000-4000-8000-000000000000' },
    { alias_name: 'alice', alias_mount_accessor: 'auth_userpass_other' },
  ]) {
    it(`answers 204 to a lookup that finds nobody (${Object.keys(body).join(', ')})`, async () => {
      const answer = await lookUp(body);
      assert.deepEqual([answer.status, answer.text], [204, '']);
    });
  }

  for (const [body, text] of [
    [{}, /not supplied/],
    [{ id: 'a', name: 'b' }, /conflict/],
    [{ name: 'b', alias_name: 'a', alias_mount_accessor: 'c' }, /conflict/],
    [{ alias_name: 'alice' }, /both/],
  ] as const) {
    it(`answers 400 to a lookup by ${JSON.stringify(body)}`, async () => {
      const answer = await lookUp(body);
      assert.equal(answer.status, 400);
      assert.match(errorsOf(answer)[0] ?? '', text);
    });
  }

  it('shows everybody the entity that they are, and no other', async () => {
    const alice = await entity('alice');
    const id = String(alice['id']);
    assert.deepEqual(dataOf(await get(`identity/entity/id/${id}`, world.alice)), alice);
    assert.deepEqual(dataOf(await lookUp({ name: 'alice' }, world.alice)), alice);
    const bob = String((await entity('bob'))['id']);
    for (const path of [
      'identity/entity/name/bob',
      `identity/entity/id/${bob}`,
      'identity/entity/name/nobody',
    ]) {
      const answer = await get(path, world.alice);
      assert.equal(answer.status, 403, path);
      assert.deepEqual(errorsOf(answer), ['1 error occurred:\n\t* permission denied\n\n']);
    }
    for (const list of ['id', 'name']) {
      const answer = await vault(on.service, 'LIST', `identity/entity/${list}`, { token: world.alice });
      assert.equal(answer.status, 403);
    }
    assert.equal((await lookUp({ name: 'nobody' }, world.alice)).status, 403);
  });

  it('is nobody without a token', async () => {
    assert.equal((await vault(on.service, 'GET', 'identity/entity/name/alice')).status, 403);
  });

  it('lets the administrator read all', async () => {
    dataOf(await get('identity/entity/name/bob', world.admin));
  });

  it('gives who is made again another id', async () => {
    const session = await signIn(on.service);
    await load(session, '- !user dora');
    const before = (await entity('dora'))['id'];
    await load(session, '- !delete\n  record: !user dora', 'root', 'PATCH');
    assert.equal((await get('identity/entity/name/dora')).status, 404);
    assert.equal((await get(`identity/entity/id/${String(before)}`)).status, 404);
    await load(session, '- !user dora');
    assert.notEqual((await entity('dora'))['id'], before);
  });

  for (const [method, path] of [
    ['POST', 'identity/entity'],
    ['POST', 'identity/entity/name/x'],
    ['DELETE', 'identity/entity/name/alice'],
    ['POST', 'identity/entity/id/x'],
    ['DELETE', 'identity/entity/id/x'],
    ['POST', 'identity/entity/merge'],
    ['POST', 'identity/entity/batch-delete'],
    ['POST', 'identity/entity-alias'],
    ['DELETE', 'identity/entity-alias/id/x'],
    ['POST', 'identity/group'],
    ['POST', 'identity/group/name/x'],
    ['DELETE', 'identity/group/id/x'],
    ['POST', 'identity/group-alias'],
    ['POST', 'auth/userpass/users/x'],
    ['DELETE', 'auth/userpass/users/alice'],
    ['POST', 'auth/userpass/users/alice/password'],
    ['PUT', 'sys/policies/acl/x'],
    ['PUT', 'sys/policy/x'],
    ['POST', 'sys/auth/github'],
  ] as const) {
    it(`says that policy defines it: ${method} ${path}`, async () => {
      const answer = await vault(on.service, method, path, { token: world.admin, body: {} });
      assert.equal(answer.status, 405);
      assert.match(errorsOf(answer)[0] ?? '', /defined by policy documents/);
    });
  }

  it('audits reads and lists', async () => {
    const before = (await on.service.auditLines()).length;
    await entity('alice');
    await vault(on.service, 'LIST', 'identity/entity/id', { token: world.alice });
    const [read = '', list = ''] = (await on.service.auditLines()).slice(before);
    assert.match(read, /acct:user:carol .*identities/);
    assert.match(list, /acct:user:alice .*identities/);
  });
});
