/** The management API of Akeyless' dialect: its calls on what is there already, their parameters, defaults and refusals. */
import assert from 'node:assert/strict';
import { AkeylessWorld, call, done, refused, type Body } from '../../support/akeyless.ts';
import { load } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores('OIDC apps of Akeyless’ dialect', (on) => {
  let world: AkeylessWorld;

  before(async () => {
    world = await AkeylessWorld.of(on.service);
  });

  describe('update-oidc-app', () => {
    it('replaces each list that is given and leaves the others', async () => {
      const app = await world.app('updated', { scopes: 'openid,email', audience: 'one,two' });
      const before = await world.clientInfo('updated');
      assert.deepEqual(await world.done('update-oidc-app', { name: 'updated', scopes: 'login' }), {});
      const after: Body = await world.clientInfo('updated');
      assert.deepEqual(after, { ...before, scopes: ['login'] });
      assert.equal((await world.clientInfo('updated'))['client_id'], app.clientId);
      await world.done('update-oidc-app', { name: 'updated', audience: '', 'permission-assignment': '[]' });
      const emptied = await world.clientInfo('updated');
      assert.deepEqual([emptied['audience'], emptied['access_permission_assignment']], [[], []]);
    });

    it('lets people sign in once there is a redirect URI, and no more once there is none', async () => {
      await world.app('flows');
      await world.done('update-oidc-app', { name: 'flows', 'redirect-uris': 'https://app.example/cb' });
      assert.deepEqual((await world.clientInfo('flows'))['response_types'], ['code']);
      await world.done('update-oidc-app', { name: 'flows', 'redirect-uris': '' });
      assert.deepEqual((await world.clientInfo('flows'))['response_types'], []);
    });

    it('never changes the client type', async () => {
      await world.app('typed');
      await world.done('update-oidc-app', { name: 'typed', public: false });
      await world.refused(
        'update-oidc-app',
        { name: 'typed', public: true },
        400,
        /^public cannot be changed/,
      );
    });

    it('lets an entry stay whose group is gone, so that the rest can be changed', async () => {
      await load(world.admin, '- !group leaving');
      const groupId = await world.groupIdOf('leaving');
      const entry = { group_id: groupId, sub_claims: {} };
      await world.done('create-oidc-app', { name: 'stays', 'permission-assignment': [entry] });
      await load(world.admin, '- !delete { record: !group leaving }', 'root', 'PATCH');
      await world.done('update-oidc-app', { name: 'stays', 'permission-assignment': [entry] });
      await world.refused(
        'create-oidc-app',
        { name: 'new', 'permission-assignment': [entry] },
        400,
        /no group has/,
      );
    });

    it('refuses an app that there is not', async () => {
      await world.refused('update-oidc-app', { name: 'nowhere' }, 404, /no app of this name/);
    });
  });

  describe('update-item', () => {
    it('renames an app; its id stays', async () => {
      const { clientId } = await world.app('before');
      const renamed = await world.done('update-item', { name: 'before', 'new-name': 'new/folder/after' });
      assert.deepEqual(renamed, { updated: true });
      assert.equal((await world.clientInfo('new/folder/after'))['client_id'], clientId);
      await world.refused('describe-item', { name: 'before' }, 404, /no app of this name/);
      await world.done('create-oidc-app', { name: 'before' });
    });

    it('refuses a name that is taken or not valid, and an app that there is not', async () => {
      await world.app('one');
      await world.app('other');
      await world.refused('update-item', { name: 'one', 'new-name': 'other' }, 409, /an app of this name/);
      await world.refused('update-item', { name: 'one', 'new-name': 'a//b' }, 400, /^new-name /);
      await world.refused('update-item', { name: 'nowhere', 'new-name': 'x' }, 404, /no app of this name/);
      await world.done('update-item', { name: 'one', 'new-name': 'one' });
    });

    it('changes description, tags and the protection from being deleted', async () => {
      await world.app('said', { tags: ['a', 'b'], delete_protection: 'true' });
      await world.refused('delete-item', { name: 'said' }, 409, /protected/);
      await world.done('update-item', {
        name: 'said',
        description: 'new words',
        'add-tag': ['c'],
        'rm-tag': ['a'],
        delete_protection: 'false',
      });
      const item = await world.done('describe-item', { name: 'said' });
      assert.deepEqual([item['item_metadata'], item['item_tags']], ['new words', ['b', 'c']]);
      await world.done('delete-item', { name: 'said' });
    });
  });

  describe('delete-item', () => {
    it('removes an app', async () => {
      await world.app('leaving');
      const gone = await world.done('delete-item', { name: 'leaving', 'delete-in-days': -1, version: -1 });
      assert.equal(gone['item_name'], 'leaving');
      assert.ok(Number.isSafeInteger(gone['item_id']));
      await world.refused('delete-item', { name: 'leaving' }, 404, /no app of this name/);
    });
  });

  describe('list-items', () => {
    before(async () => {
      for (const name of ['list/a', 'list/b/one', 'list/b/two', 'listing']) await world.app(name);
      await world.done('update-item', { name: 'list/a', 'add-tag': ['green'] });
    });

    it('lists those in a folder and below it, with the folders right in it', async () => {
      const { items, folders } = await world.done('list-items', { path: '/list/' });
      assert.deepEqual(names(items), ['list/a', 'list/b/one', 'list/b/two']);
      assert.deepEqual(folders, ['list/b']);
      const { folders: top } = await world.done('list-items');
      assert.ok((top as readonly string[]).includes('list'));
    });

    it('filters by a part of the name, a tag, the time of the change, and the type', async () => {
      assert.deepEqual(names((await world.done('list-items', { filter: 'LIST/B' }))['items']).length, 2);
      assert.deepEqual(names((await world.done('list-items', { tag: 'green' }))['items']), ['list/a']);
      assert.deepEqual((await world.done('list-items', { 'modified-after': 2 ** 35 }))['items'], []);
      assert.deepEqual((await world.done('list-items', { type: ['static-secret'] }))['items'], []);
      const typed = await world.done('list-items', { path: 'list', type: ['OIDC_CLIENT'] });
      assert.equal(names(typed['items']).length, 3);
    });

    it('shows an item as describe-item does, or little of it', async () => {
      const { items } = await world.done('list-items', { path: 'list/b' });
      const [first] = items as readonly Body[];
      assert.deepEqual(first, await world.done('describe-item', { name: 'list/b/one' }));
      const minimal = await world.done('list-items', { path: 'list/b', 'minimal-view': true });
      assert.ok((minimal['items'] as readonly Body[]).every((item) => !('item_general_info' in item)));
    });

    it('pages only where that is asked for', async () => {
      const page = await world.done('list-items', { 'auto-pagination': 'disabled', 'pagination-token': '1' });
      const all = await world.done('list-items');
      assert.deepEqual(names(page['items']), names(all['items']).slice(1));
      await world.refused('list-items', { 'pagination-token': 'x' }, 400, /^pagination-token/);
    });
  });

  describe('describe-item', () => {
    it('shows neither the secret nor its hash', async () => {
      const { clientSecret } = await world.app('secretive');
      const { text } = await call(on.service, 'describe-item', {
        name: 'secretive',
        token: await world.tokenOf('admin'),
      });
      assert.ok(!text.includes(clientSecret));
      assert.ok(!/secret|sha256/.test(text.replaceAll('secretive', '')));
    });
  });

  describe('rotate-oidc-app-secret', () => {
    it('answers a new secret, also by the name that Akeyless gives the call', async () => {
      const app = await world.app('rotated');
      const seen = new Set([app.clientSecret]);
      for (const path of ['rotate-oidc-app-secret', 'rotate-oidc-client-secret']) {
        const rotated = await world.done(path, { name: 'rotated' });
        assert.deepEqual([rotated['name'], rotated['client_id']], ['rotated', app.clientId]);
        assert.match(String(rotated['client_secret']), /^[0-9a-f]{64}$/);
        assert.equal(rotated['new_secret'], rotated['client_secret']);
        seen.add(String(rotated['client_secret']));
      }
      assert.equal(seen.size, 3);
    });

    it('refuses a public app, an overlap over a week, and an app that there is not', async () => {
      await world.app('no-secret', { public: true });
      await world.refused('rotate-oidc-app-secret', { name: 'no-secret' }, 400, /no secret/);
      const tooLong = { name: 'rotated', 'overlap-seconds': 604_801 };
      await world.refused('rotate-oidc-app-secret', tooLong, 400, /^overlap-seconds/);
      await world.refused('rotate-oidc-app-secret', { name: 'nowhere' }, 404, /no app/);
    });
  });

  describe('who may manage', () => {
    it('lets whom policy permits, and nobody else', async () => {
      const { token } = { token: await world.tokenOf('alice') };
      await world.done('create-oidc-app', { name: 'by-manager' }, 'manager');
      const calls = ['create-oidc-app', 'update-oidc-app', 'update-item', 'delete-item', 'list-items'];
      for (const path of [...calls, 'describe-item', 'rotate-oidc-app-secret']) {
        // Whether there is such an app does not show.
        for (const name of ['by-manager', 'nowhere']) {
          await refused(on.service, path, { name, 'new-name': 'x', token }, 403, /^Permission denied$/);
        }
      }
    });

    it('refuses every call without a token, or with one that is none', async () => {
      const calls = [
        'create-oidc-app',
        'update-oidc-app',
        'update-item',
        'delete-item',
        'list-items',
        'describe-item',
      ];
      for (const path of [
        ...calls,
        'rotate-oidc-app-secret',
        'list-auth-methods',
        'list-groups',
        'list-group',
      ]) {
        await refused(on.service, path, { name: 'x' }, 401, /./);
        await refused(on.service, path, { name: 'x', token: `t-${'0'.repeat(32)}` }, 401, /./);
        await refused(on.service, path, { name: 'x', token: 'bm9uZQ==' }, 401, /./);
      }
    });

    it('takes an access token of Conjur’s API as well, in base64 or as JSON', async () => {
      const token = await world.accessTokenOf('admin');
      for (const form of [token, Buffer.from(token, 'base64').toString()]) {
        await done(on.service, 'list-items', { token: form });
      }
    });
  });

  describe('any call', () => {
    it('is a POST of a JSON object to exactly its path', async () => {
      await refused(on.service, 'list-items', 'no JSON', 400, /body/);
      await refused(on.service, 'list-items', '[]', 400, /body/);
      const get = await fetch(`${on.service.url}/list-items`);
      assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST']);
      assert.equal((await call(on.service, 'list-items/more', {})).status, 404);
      await refused(
        on.service,
        'list-items',
        JSON.stringify({ filter: 'x'.repeat(2 ** 20) }),
        413,
        /too large/,
      );
    });

    it('answers what nothing may keep', async () => {
      const answer = await call(on.service, 'list-items', { token: await world.tokenOf('admin') });
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    });

    it('leaves a record in the audit log, refusals with the reason', async () => {
      await world.done('create-oidc-app', { name: 'audited' });
      await world.refused('create-oidc-app', { name: 'audited' }, 409, /./);
      await world.refused('delete-item', { name: 'audited' }, 403, /./, 'bob');
      const lines = (await on.service.auditLines()).filter((line) => line.includes('audited'));
      assert.equal(lines.length, 3, lines.join('\n'));
      assert.ok(lines[2]?.includes('lacks'), lines[2]);
    });
  });
});

function names(items: unknown): readonly string[] {
  return (items as readonly Record<string, string>[]).map((item) => item['item_name'] ?? '');
}
