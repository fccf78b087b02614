/** How roles of policy appear as Vault's entities and groups. */
import assert from 'node:assert/strict';
import { load, signIn, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  authOf,
  dataOf,
  identityWorld,
  logIn,
  vault,
  type IdentityWorld,
} from '../../support/vault-identity.ts';

type Members = Readonly<Record<string, unknown>>;

describeOnStores("roles as Vault's identities", (on) => {
  let world: IdentityWorld;
  let session: Session;
  const read = async (kind: 'entity' | 'group', name: string): Promise<Members> =>
    dataOf(await vault(on.service, 'GET', `identity/${kind}/name/${name}`, { token: world.admin }));

  before(async () => {
    world = await identityWorld(on.service);
    session = await signIn(on.service);
  });

  it('users and hosts are entities, named by their logins; the login answers the same id', async () => {
    const login = authOf(await logIn(on.service, 'host/apps/app1', world.keys['apps/app1'] ?? ''));
    assert.equal((await read('entity', 'host/apps/app1'))['id'], login.entity_id);
  });

  it('annotations that fit are metadata: a bare name, none of the reserved prefix', async () => {
    assert.deepEqual((await read('entity', 'alice'))['metadata'], { email: 'alice@example.com' });
  });

  it('at most 64 annotations are metadata, and none of a value beyond 512', async () => {
    const names = Array.from({ length: 70 }, (_, index) => `a${String(index).padStart(2, '0')}`);
    const annotations = names.map((name) => `    ${name}: "${name === 'a00' ? 'x'.repeat(513) : 'v'}"`);
    await load(session, `- !user\n  id: many\n  annotations:\n${annotations.join('\n')}`);
    const metadata = (await read('entity', 'many'))['metadata'] as Members;
    assert.deepEqual(Object.keys(metadata), names.slice(1, 65));
  });

  it('one alias each, of the one mount, named by the login', async () => {
    const aliases = (await read('entity', 'alice'))['aliases'] as Members[];
    assert.equal(aliases.length, 1);
    assert.deepEqual(aliases[0]?.['metadata'], { username: 'alice' });
  });

  it('membership is transitive upward: who is in a member group inherits the parent', async () => {
    const alice = await read('entity', 'alice');
    const [eng, ops] = [await read('group', 'eng'), await read('group', 'ops')];
    assert.deepEqual(alice['direct_group_ids'], [eng['id']]);
    assert.deepEqual(alice['inherited_group_ids'], [ops['id']]);
    assert.deepEqual(ops['member_group_ids'], [eng['id']]);
  });

  it('owning a group is not being in it', async () => {
    assert.deepEqual((await read('entity', 'admin'))['group_ids'], []);
  });

  it('a group and a layer that collide are told apart by their kinds', async () => {
    assert.notEqual((await read('group', 'group/twin'))['id'], (await read('group', 'layer/twin'))['id']);
  });

  it('a grant that is taken back is gone from the next answer', async () => {
    await load(session, '- !user eve\n- !grant\n  role: !group eng\n  member: !user eve');
    assert.equal(((await read('entity', 'eve'))['group_ids'] as string[]).length, 2);
    await load(session, '- !revoke\n  role: !group eng\n  member: !user eve', 'root', 'PATCH');
    assert.deepEqual((await read('entity', 'eve'))['group_ids'], []);
  });

  it('the tokens of a deleted entity are 403 everywhere, also where it is made again', async () => {
    const { created_roles: created } = await load(session, '- !user frank');
    const key = created[`${on.service.account}:user:frank`]?.api_key ?? '';
    const { client_token: token } = authOf(await logIn(on.service, 'frank', key));
    const lookup = () => vault(on.service, 'GET', 'auth/token/lookup-self', { token });
    dataOf(await lookup());
    await load(session, '- !delete\n  record: !user frank', 'root', 'PATCH');
    assert.equal((await lookup()).status, 403);
    await load(session, '- !user frank');
    assert.equal((await lookup()).status, 403);
  });

  it('the administrator is a user, so it has an entity', async () => {
    assert.equal((await read('entity', 'admin'))['name'], 'admin');
  });
});
