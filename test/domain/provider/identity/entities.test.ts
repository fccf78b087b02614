import assert from 'node:assert/strict';
import { isAssigned } from '../../../../src/domain/provider/identity/assigned.ts';
import { entityOf, groupOf, type Entity } from '../../../../src/domain/provider/identity/entities.ts';
import {
  entityRoleById,
  entityRoleByName,
  groupRoleById,
  groupRoleByName,
} from '../../../../src/domain/provider/identity/lookup.ts';
import { identifierOf } from '../../../../src/domain/provider/identity/subject.ts';
import { changeRegistryAsService } from '../../../../src/domain/provider/registry/change.ts';
import { putRecord } from '../../../../src/domain/provider/registry/registry.ts';
import { registryStage, stageAccount, type RegistryStage } from '../../../support/registry-stage.ts';

const mountAccessor = 'auth_userpass_1a2b3c4d';
const policy = `
- !user
  id: alice
  annotations:
    email: alice@example.com
    team/name: core
    has.dot: no
    vault-internal: no
    long: ${'x'.repeat(513)}
- !user Bob
- !user bob
- !user Carol
- !user carl@app
- !host app1
- !group dev
- !group staff
- !group all
- !group Mixed
- !layer nodes
- !layer dev
- !policy
  id: owned
  owner: !user alice
  body:
  - !group inner
- !variable key
- !grant { role: !group dev, member: !user alice }
- !grant { role: !group staff, member: !group dev }
- !grant { role: !group all, member: !group staff }
- !grant { role: !layer nodes, member: !host app1 }
- !grant { role: !group all, member: !layer nodes }
`;

describe('an entity', () => {
  let stage: RegistryStage;
  before(async () => {
    stage = await registryStage();
    await stage.load(policy);
  });
  after(async () => {
    await stage.close();
  });

  const entity = async (login: string): Promise<Entity> =>
    entityOf(await stage.state(), await stage.row(login), { mountAccessor });
  const idOf = async (id: string): Promise<string> => identifierOf(await stage.row(id));

  it('is known by the id that is its subject, and by its login', async () => {
    const { id, name } = await entity('host/app1');
    assert.deepEqual([id, name], [await idOf('host/app1'), 'host/app1']);
  });

  it('has the annotations of its role that can be metadata', async () => {
    assert.deepEqual((await entity('alice')).metadata, { email: 'alice@example.com', 'team/name': 'core' });
  });

  it('has 64 of them at most', async () => {
    const many = Array.from({ length: 70 }, (_, index) => `    n${String(index).padStart(2, '0')}: v`).join(
      '\n',
    );
    await stage.load(`- !user\n  id: noted\n  annotations:\n${many}\n`);
    const names = Object.keys((await entity('noted')).metadata);
    assert.deepEqual([names.length, names.at(-1)], [64, 'n63']);
  });

  it('is in the groups and layers that it was granted, directly or by way of others', async () => {
    assert.deepEqual((await entity('alice')).groupNames, ['all', 'group/dev', 'staff']);
    assert.deepEqual((await entity('host/app1')).groupNames, ['all', 'nodes']);
  });

  it('names the ids of its groups in the order of their names', async () => {
    const ids = await Promise.all(['group:all', 'group:dev', 'group:staff'].map(idOf));
    assert.deepEqual((await entity('alice')).groupIds, ids);
  });

  it('tells which groups it was granted itself', async () => {
    assert.deepEqual((await entity('alice')).directGroupIds, [await idOf('group:dev')]);
  });

  it('is in no group because it owns it', async () => {
    assert.deepEqual((await entity('admin')).groupNames, []);
    assert.ok(!(await entity('alice')).groupNames.includes('owned/inner'));
  });

  it('has one alias, on the one mount, by its login', async () => {
    const { aliases } = await entity('alice');
    const [alias] = aliases;
    const known = { mountAccessor, name: 'alice', metadata: { username: 'alice' }, customMetadata: {} };
    assert.deepEqual(aliases, [{ id: alias?.id, ...known }]);
    assert.match(alias?.id ?? '', /^[0-9a-f-]{36}$/);
    assert.notEqual(alias?.id, (await entity('alice')).id);
    assert.equal(alias?.id, (await entity('alice')).aliases[0]?.id);
  });

  it('is found by its id, whatever the case', async () => {
    const id = await idOf('alice');
    const state = await stage.state();
    assert.equal(entityRoleById(state, id)?.role, 'acct:user:alice');
    assert.equal(entityRoleById(state, id.toUpperCase())?.role, 'acct:user:alice');
  });

  it('is found by an id as soon as there is such a role, and no longer than that', async () => {
    await stage.load('- !user passing');
    const id = await idOf('passing');
    assert.equal(entityRoleById(await stage.state(), id)?.role, 'acct:user:passing');
    await stage.load('- !delete { record: !user passing }', 'update');
    assert.equal(entityRoleById(await stage.state(), id), undefined);
    stage.now += 1;
    await stage.load('- !user passing');
    assert.equal(entityRoleById(await stage.state(), id), undefined);
    assert.equal(entityRoleById(await stage.state(), await idOf('passing'))?.role, 'acct:user:passing');
  });

  it('is not found by the id of a group, or by what is no id', async () => {
    const state = await stage.state();
    for (const id of [
      await idOf('group:dev'),
      '',
      'acct:user:alice',
      '00000000-0000-0000-0000-000000000000',
    ]) {
      assert.equal(entityRoleById(state, id), undefined);
    }
    assert.equal(groupRoleById(state, await idOf('alice')), undefined);
  });

  it('is found by its login, whatever the case unless logins differ by it', async () => {
    const state = await stage.state();
    const found = (name: string): string | undefined => entityRoleByName(state, name)?.role;
    assert.deepEqual(
      [
        'alice',
        'ALICE',
        'Host/APP1',
        'host/app1',
        'Bob',
        'bob',
        'BOB',
        'carol',
        'CARL@app',
        'dev',
        'group/dev',
        '',
      ].map(found),
      [
        'acct:user:alice',
        'acct:user:alice',
        'acct:host:app1',
        'acct:host:app1',
        'acct:user:Bob',
        'acct:user:bob',
        undefined,
        'acct:user:Carol',
        'acct:user:carl@app',
        undefined,
        undefined,
        undefined,
      ],
    );
  });

  it('is assigned by the name allow_all, by itself, by a group, and by a group above', async () => {
    const write = async (
      name: string,
      entityIds: readonly string[],
      groupIds: readonly string[],
    ): Promise<void> => {
      const changes = [putRecord('oidc-assignment', { name, entityIds, groupIds })];
      await changeRegistryAsService(stage.services, stageAccount, () => ({ changes, result: undefined }));
    };
    await write('by-entity', [await idOf('alice')], []);
    await write('by-group', [], [await idOf('group:dev')]);
    await write('by-parent', [], [await idOf('group:all')]);
    await write('by-other', [await idOf('bob')], [await idOf('layer:nodes')]);
    await write('starred', ['*'], ['*']);
    const [alice, state] = [await entity('alice'), await stage.state()];
    const assigned = (...names: readonly string[]): boolean => isAssigned(state, alice, names);
    assert.deepEqual(
      [
        assigned('allow_all'),
        assigned('by-entity'),
        assigned('by-group'),
        assigned('by-parent'),
        assigned('by-other'),
        assigned('starred'),
        assigned('gone'),
        assigned(),
        assigned('by-other', 'by-group'),
        isAssigned(state, { ...alice, disabled: true }, ['allow_all', 'by-entity']),
      ],
      [true, true, true, true, false, false, false, false, true, false],
    );
  });
});

describe('a group', () => {
  let stage: RegistryStage;
  before(async () => {
    stage = await registryStage();
    await stage.load(policy);
  });
  after(async () => {
    await stage.close();
  });

  it('is a group or a layer, and nothing else', async () => {
    const state = await stage.state();
    const named = async (id: string): Promise<string | undefined> =>
      groupOf(state, await stage.row(id))?.name;
    assert.deepEqual(
      [
        await named('group:staff'),
        await named('layer:nodes'),
        await named('alice'),
        await named('policy:owned'),
      ],
      ['staff', 'nodes', undefined, undefined],
    );
  });

  it('has its kind in its name where a group and a layer share it', async () => {
    const state = await stage.state();
    const names = [
      groupOf(state, await stage.row('group:dev'))?.name,
      groupOf(state, await stage.row('layer:dev'))?.name,
    ];
    assert.deepEqual(names, ['group/dev', 'layer/dev']);
  });

  it('is found by its name and its id', async () => {
    const state = await stage.state();
    const found = (name: string): string | undefined => groupRoleByName(state, name)?.role;
    assert.deepEqual(
      [
        'staff',
        'STAFF',
        'mixed',
        'nodes',
        'layer/dev',
        'group/dev',
        'dev',
        'owned/inner',
        'group/staff',
        '',
      ].map(found),
      [
        'acct:group:staff',
        'acct:group:staff',
        'acct:group:Mixed',
        'acct:layer:nodes',
        'acct:layer:dev',
        'acct:group:dev',
        undefined,
        'acct:group:owned/inner',
        undefined,
        undefined,
      ],
    );
    assert.equal(groupRoleById(state, identifierOf(await stage.row('layer:dev')))?.role, 'acct:layer:dev');
  });
});
