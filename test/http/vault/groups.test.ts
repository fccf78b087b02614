import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf, errorsOf, identityWorld, vault, type IdentityWorld } from '../../support/vault-identity.ts';

type Members = Readonly<Record<string, unknown>>;

describeOnStores("groups of Vault's dialect", (on) => {
  let world: IdentityWorld;
  const get = (path: string, token = world.carol) => vault(on.service, 'GET', path, { token });
  const named = async (kind: string, name: string): Promise<Members> =>
    dataOf(await get(`identity/${kind}/name/${name}`));
  const lookUp = (body: unknown, token = world.carol) =>
    vault(on.service, 'POST', 'identity/lookup/group', { token, body });

  before(async () => {
    world = await identityWorld(on.service);
  });

  it('has who is in a group directly, and what it is in', async () => {
    const { id, creation_time: created, last_update_time: updated, ...eng } = await named('group', 'eng');
    const members = await Promise.all(['alice', 'host/apps/app1'].map((name) => named('entity', name)));
    const ops = await named('group', 'ops');
    assert.match(String(id), /^[0-9a-f-]{36}$/);
    assert.equal(created, updated);
    assert.deepEqual(eng, {
      name: 'eng',
      type: 'internal',
      metadata: {},
      policies: [],
      member_entity_ids: members.map((member) => String(member['id'])).sort(),
      member_group_ids: [],
      parent_group_ids: [ops['id']],
      alias: {},
      modify_index: 1,
      namespace_id: 'root',
    });
    assert.deepEqual(ops['member_group_ids'], [id]);
    assert.deepEqual(ops['member_entity_ids'], []);
  });

  it('finds by id what it found by name', async () => {
    const eng = await named('group', 'eng');
    assert.deepEqual(dataOf(await get(`identity/group/id/${String(eng['id'])}`)), eng);
  });

  it('tells a group from a layer of the same name', async () => {
    const group = await named('group', 'group/twin');
    const layer = await named('group', 'layer/twin');
    assert.notEqual(group['id'], layer['id']);
    assert.equal(layer['name'], 'layer/twin');
  });

  it('lists ids with the numbers of members and parents', async () => {
    const answer = await vault(on.service, 'LIST', 'identity/group/id', { token: world.carol });
    const { keys, key_info: info } = dataOf(answer) as { keys: string[]; key_info: Record<string, Members> };
    const { id } = (await named('group', 'eng')) as { id: string };
    assert.deepEqual(keys, Object.keys(info).sort());
    assert.deepEqual(info[id], { name: 'eng', num_member_entities: 2, num_parent_groups: 1 });
  });

  it('lists names', async () => {
    const answer = await vault(on.service, 'LIST', 'identity/group/name', { token: world.carol });
    assert.deepEqual(dataOf(answer), { keys: ['eng', 'group/twin', 'layer/twin', 'ops'] });
  });

  it('looks up by id and by name', async () => {
    const eng = await named('group', 'eng');
    assert.deepEqual(dataOf(await lookUp({ name: 'eng' })), eng);
    assert.deepEqual(dataOf(await lookUp({ id: eng['id'] })), eng);
  });

  for (const body of [
    { id: '00000000-0000-4000-8000-000000000000' },
    { name: 'nothing' },
    { alias_id: 'x' },
    { alias_name: 'eng', alias_mount_accessor: 'x' },
  ]) {
    it(`answers 204 to a lookup that finds nothing (${Object.keys(body).join(', ')})`, async () => {
      assert.equal((await lookUp(body)).status, 204);
    });
  }

  for (const body of [{}, { id: 'a', name: 'b' }, { alias_name: 'a' }]) {
    it(`answers 400 to a lookup by ${JSON.stringify(body)}`, async () => {
      assert.equal((await lookUp(body)).status, 400);
    });
  }

  it('answers 404 without a word where there is none', async () => {
    for (const path of ['identity/group/name/alice', 'identity/group/id/x']) {
      const answer = await get(path);
      assert.equal(answer.status, 404);
      assert.deepEqual(errorsOf(answer), []);
    }
  });

  it('shows nothing to who may not read identities, groups of their own included', async () => {
    for (const path of [
      'identity/group/name/eng',
      'identity/group/name/nothing',
      'identity/group/id?list=true',
    ]) {
      assert.equal((await get(path, world.alice)).status, 403, path);
    }
    assert.equal((await lookUp({ name: 'eng' }, world.alice)).status, 403);
  });
});
