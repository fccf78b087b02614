/** create-oidc-app of Akeyless' dialect: its parameters, defaults and refusals. */
import assert from 'node:assert/strict';
import { AkeylessWorld } from '../../support/akeyless.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores('new OIDC apps of Akeyless’ dialect', (on) => {
  let world: AkeylessWorld;

  before(async () => {
    world = await AkeylessWorld.of(on.service);
  });

  describe('create-oidc-app', () => {
    it('answers the name, an id of c- and 20, and a secret of 64 hexadecimal digits', async () => {
      const app = await world.done('create-oidc-app', { name: 'My OIDC App' });
      assert.deepEqual(Object.keys(app), ['name', 'client_id', 'client_secret']);
      assert.equal(app['name'], 'My OIDC App');
      assert.match(String(app['client_id']), /^c-[a-z0-9]{20}$/);
      assert.match(String(app['client_secret']), /^[0-9a-f]{64}$/);
    });

    it('makes the folders of the name with it', async () => {
      await world.done('create-oidc-app', { name: '/folders/of/app' });
      const { folders, items } = await world.done('list-items', { path: 'folders' });
      assert.deepEqual(folders, ['folders/of']);
      assert.deepEqual(
        (items as readonly Record<string, string>[]).map((item) => item['item_name']),
        ['folders/of/app'],
      );
    });

    it('refuses a name that is taken, with or without the slash at the front', async () => {
      await world.done('create-oidc-app', { name: 'taken' });
      await world.refused('create-oidc-app', { name: 'taken' }, 409, /an app of this name/);
      await world.refused('create-oidc-app', { name: '/taken' }, 409, /an app of this name/);
    });

    it('refuses a name without a part, with dots for one, or with control characters', async () => {
      for (const name of ['', '/', 'a//b', 'a/', './a', 'a/../b', 'a/ /b', 'a\nb', 'a'.repeat(513)]) {
        await world.refused('create-oidc-app', { name }, 400, /^name /);
      }
      await world.refused('create-oidc-app', {}, 400, /^name is needed$/);
      await world.refused('create-oidc-app', { name: 7 }, 400, /^name must be text$/);
    });

    it('makes a public app without a secret', async () => {
      const app = await world.done('create-oidc-app', { name: 'public', public: true });
      assert.deepEqual(Object.keys(app), ['name', 'client_id']);
      assert.equal((await world.clientInfo('public'))['public'], true);
    });

    it('gives an app that is told nothing the scope openid, no audience, and nobody who may use it', async () => {
      await world.done('create-oidc-app', { name: 'plain' });
      const { client_id: id, issuer_url: issuer, ...info } = await world.clientInfo('plain');
      assert.match(String(id), /^c-/);
      assert.match(String(issuer), /^http:\/\/127\.0\.0\.1:\d+\/oidc\/provider\/acc-[a-z0-9]{12}$/);
      assert.deepEqual(info, {
        public: false,
        redirect_uris: [],
        logout_uris: [],
        scopes: ['openid'],
        audience: [],
        grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
        response_types: [],
        access_permission_assignment: [],
      });
    });

    it('takes lists with commas, trims their values and drops those that come again', async () => {
      await world.done('create-oidc-app', {
        name: 'lists',
        'redirect-uris': ' https://app.example/cb , https://app.example/cb,http://127.0.0.1/cb ',
        scopes: 'openid, email ,offline_access,email',
        audience: 'api://one,,api://two',
      });
      const info = await world.clientInfo('lists');
      assert.deepEqual(info['redirect_uris'], ['https://app.example/cb', 'http://127.0.0.1/cb']);
      assert.deepEqual(info['scopes'], ['openid', 'email', 'offline_access']);
      assert.deepEqual(info['audience'], ['api://one', 'api://two']);
      assert.deepEqual(info['grant_types'], [
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'authorization_code',
        'refresh_token',
      ]);
      assert.deepEqual(info['response_types'], ['code']);
    });

    it('refuses redirect URIs that are relative, plain http, with a fragment, or of a scheme of nobody', async () => {
      const bad = [
        '/cb',
        'http://app.example/cb',
        'https://app.example/#x',
        'https://u:p@app.example/',
        'app:/cb',
      ];
      for (const uri of [...bad, 'javascript:alert(1)', `https://app.example/${'a'.repeat(2_000)}`]) {
        await world.refused(
          'create-oidc-app',
          { name: 'bad', 'redirect-uris': uri },
          400,
          /^redirect-uris has /,
        );
      }
    });

    it('takes https, http on loopback, and a scheme of an app’s own', async () => {
      const uris = [
        'https://app.example/cb?x=1',
        'http://localhost:8000/cb',
        'http://[::1]/',
        'com.example.app:/cb',
      ];
      await world.done('create-oidc-app', { name: 'good-uris', 'redirect-uris': uris.join(',') });
      assert.deepEqual((await world.clientInfo('good-uris'))['redirect_uris'], uris);
    });

    it('refuses scopes that OAuth cannot carry, and audiences with blanks', async () => {
      await world.refused('create-oidc-app', { name: 'bad', scopes: 'a"b' }, 400, /^scopes has a value/);
      await world.refused('create-oidc-app', { name: 'bad', scopes: 'a b' }, 400, /^scopes has a value/);
      await world.refused('create-oidc-app', { name: 'bad', audience: 'a b' }, 400, /^audience has a value/);
      const many = Array.from({ length: 101 }, (_, index) => `s${index}`).join(',');
      await world.refused('create-oidc-app', { name: 'bad', scopes: many }, 400, /more than 100/);
    });

    it('takes a permission assignment as JSON text or as JSON, and shows it as it was given', async () => {
      const assignment = [
        { access_id: await world.accessIdOf('authn'), sub_claims: { email: ['a@b.c', 'd@e.f'] } },
        { group_id: await world.groupIdOf('developers'), sub_claims: {} },
      ];
      await world.done('create-oidc-app', {
        name: 'as-text',
        'permission-assignment': JSON.stringify(assignment),
      });
      await world.done('create-oidc-app', { name: 'as-json', 'permission-assignment': assignment });
      for (const name of ['as-text', 'as-json']) {
        assert.deepEqual((await world.clientInfo(name))['access_permission_assignment'], assignment);
      }
    });

    it('refuses a permission assignment that is no array of such entries', async () => {
      const id = await world.accessIdOf('authn');
      const faults: readonly (readonly [unknown, RegExp])[] = [
        ['{', /must be a JSON array/],
        ['{}', /must be a JSON array/],
        ['[7]', /entry 1 is not an object/],
        [[{ access_id: id }, { sub_claims: {} }], /entry 2 needs either access_id or group_id/],
        [[{ access_id: id, group_id: 'g-000000000000' }], /entry 1 needs either/],
        [[{ access_id: 'alice' }], /no valid access_id/],
        [[{ group_id: 'developers' }], /no valid group_id/],
        [[{ access_id: 'p-000000000000' }], /an access_id that nothing has: p-000000000000/],
        [[{ group_id: 'g-000000000000' }], /a group_id that no group has: g-000000000000/],
        [[{ access_id: id, role: 'x' }], /a member that is not known/],
        [[{ access_id: id, sub_claims: [] }], /not an object/],
        [[{ access_id: id, sub_claims: { email: [] } }], /without a value/],
        [[{ access_id: id, sub_claims: { email: [7] } }], /not text/],
      ];
      for (const [assignment, text] of faults) {
        await world.refused(
          'create-oidc-app',
          { name: 'bad', 'permission-assignment': assignment },
          400,
          text,
        );
      }
    });

    it('takes what Akeyless’ own clients send along, and refuses what it could not keep', async () => {
      const along = {
        accessibility: 'regular',
        json: false,
        key: '',
        metadata: 'for people',
        tags: ['one', 'two'],
      };
      await world.done('create-oidc-app', { name: 'sdk', ...along });
      const item = await world.done('describe-item', { name: 'sdk' });
      assert.deepEqual([item['item_metadata'], item['item_tags']], ['for people', ['one', 'two']]);
      await world.refused(
        'create-oidc-app',
        { name: 'bad', accessibility: 'personal' },
        400,
        /^accessibility/,
      );
      await world.refused('create-oidc-app', { name: 'bad', key: 'my-key' }, 400, /^key is not supported/);
      await world.refused(
        'create-oidc-app',
        { name: 'bad', public: 'perhaps' },
        400,
        /^public must be true or false/,
      );
    });
  });
});
