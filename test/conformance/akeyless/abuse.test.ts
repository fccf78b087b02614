/** What apps of Akeyless’ dialect, and who manages them, must not come by. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { AkeylessWorld } from '../../support/akeyless.ts';
import { isRefused, TokenClient } from '../../support/akeyless-tokens.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores('abuse of Akeyless’ dialect', (on) => {
  let world: AkeylessWorld;
  let client: TokenClient;

  before(async () => {
    world = await AkeylessWorld.of(on.service);
    client = await TokenClient.of(world);
  });

  it('gives no access token that another app could take for its ID token: no audience is a client id', async () => {
    const { clientId } = await world.app('other');
    for (const audience of [clientId, `api://one,${clientId}`, client.app.clientId, `c-${'0'.repeat(20)}`]) {
      const refusal = /^audience has a value that is a client id$/;
      await world.refused('update-oidc-app', { name: 'app', audience }, 400, refusal);
      await world.refused('create-oidc-app', { name: 'confusing', audience }, 400, refusal);
    }
    await isRefused(client.exchange({ scope: 'openid', audience: clientId }), 400, 'invalid_target');
  });

  it('refreshes no scope and no audience that the app lost since', async () => {
    const settings = { scopes: 'openid,email,groups,offline_access', audience: 'api://one,api://two' };
    const app = await world.app('losing', settings);
    const asked = { scope: 'openid email groups offline_access', audience: 'api://one api://two' };
    const first = await client.exchanged(asked, 'alice', app);
    const rest = { name: app.name, scopes: 'openid,groups,offline_access', audience: 'api://two' };
    await world.done('update-oidc-app', rest);
    const { status, body } = await client.refresh(first['refresh_token'], app);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body['scope'], 'openid groups offline_access');
    const { aud, scp, email, groups } = decodeJwt(String(body['access_token']));
    assert.deepEqual([aud, scp], [['api://two'], ['openid', 'groups', 'offline_access']]);
    assert.deepEqual([email, groups], [undefined, ['backend', 'developers']]);
    assert.ok(!('email' in decodeJwt(String(body['id_token']))));
    await world.done('update-oidc-app', { ...rest, ...settings });
    const later = await client.refresh(String(body['refresh_token']), app);
    assert.equal(later.body['scope'], 'openid groups offline_access');
  });

  it('keeps no more tags than there may be at once, however many times some are added', async () => {
    await world.app('tagged');
    const tags = (first: string): readonly string[] =>
      Array.from({ length: 60 }, (_, index) => `${first}${index}`);
    await world.done('update-item', { name: 'tagged', 'add-tag': tags('a') });
    const refusal = /^add-tag makes more than 100 tags$/;
    await world.refused('update-item', { name: 'tagged', 'add-tag': tags('b') }, 400, refusal);
    await world.done('update-item', { name: 'tagged', 'rm-tag': tags('a'), 'add-tag': tags('b') });
    assert.deepEqual((await world.done('describe-item', { name: 'tagged' }))['item_tags'], tags('b'));
  });
});
