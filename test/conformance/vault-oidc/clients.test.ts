/** Clients, in Vault's words. */
import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf } from '../../support/vault-identity.ts';
import { administrator, type Manager } from '../../support/vault-registry.ts';

const secretForm = /^hvo_secret_[A-Za-z0-9]{64}$/;

describeOnStores("Vault's clients", (on) => {
  let admin: Manager;
  let made = 0;
  /** A name that no other test has. */
  const fresh = (): string => `client/c${String((made += 1))}`;

  before(async () => {
    admin = await administrator(on.service);
    await admin.write('key/short', { verification_ttl: '60s', rotation_period: '60s' });
    await admin.write('key/other');
    await admin.write('assignment/staff');
  });

  it('are confidential by default, with an id of 32 characters and a secret', async () => {
    const path = fresh();
    await admin.write(path);
    const { client_id: id, client_secret: secret, ...rest } = await admin.read(path);
    assert.match(String(id), /^[A-Za-z0-9]{32}$/);
    assert.match(String(secret), secretForm);
    assert.deepEqual(rest, {
      access_token_ttl: 86_400,
      assignments: [],
      client_type: 'confidential',
      id_token_ttl: 86_400,
      key: 'default',
      redirect_uris: [],
    });
  });

  it('have no secret when they are public', async () => {
    const path = fresh();
    await admin.write(path, { client_type: 'public' });
    const client = await admin.read(path);
    assert.equal(client['client_type'], 'public');
    assert.match(String(client['client_id']), /^[A-Za-z0-9]{32}$/);
    assert.ok(!('client_secret' in client));
  });

  it('keep their id and secret when they are changed', async () => {
    const path = fresh();
    await admin.write(path);
    const before = await admin.read(path);
    await admin.write(path, { redirect_uris: ['https://a.example/cb'] });
    assert.deepEqual(await admin.read(path), { ...before, redirect_uris: ['https://a.example/cb'] });
  });

  it('keep their type: another one is refused, the same one is not', async () => {
    const path = fresh();
    await admin.write(path);
    await admin.refused(path, { client_type: 'public' });
    await admin.write(path, { client_type: 'confidential' });
    assert.equal((await admin.read(path))['client_type'], 'confidential');
  });

  it('are refused with a type that there is not', async () => {
    const path = fresh();
    await admin.refused(path, { client_type: 'secretive' });
    assert.equal((await admin.get(path)).status, 404);
  });

  it('are refused with a key that there is not', async () => {
    const path = fresh();
    assert.match(await admin.refused(path, { key: 'nowhere' }), /nowhere/);
    assert.equal((await admin.get(path)).status, 404);
  });

  it('keep their key: another one is refused, the same one is not', async () => {
    const path = fresh();
    await admin.write(path, { key: 'other' });
    await admin.refused(path, { key: 'default' });
    await admin.write(path, { key: 'other' });
    assert.equal((await admin.read(path))['key'], 'other');
  });

  it('are not stored where their ID tokens would outlive the key', async () => {
    const path = fresh();
    await admin.refused(path, { key: 'short', id_token_ttl: 3_600 });
    // The default is a day.
    await admin.refused(path, { key: 'short' });
    assert.equal((await admin.get(path)).status, 404);
    await admin.write(path, { key: 'short', id_token_ttl: 60 });
    await admin.refused(path, { id_token_ttl: 61 });
    assert.equal((await admin.read(path))['id_token_ttl'], 60);
  });

  it('are refused with an assignment that there is not', async () => {
    const path = fresh();
    assert.match(await admin.refused(path, { assignments: ['staff', 'nobody'] }), /nobody/);
    assert.equal((await admin.get(path)).status, 404);
    await admin.write(path, { assignments: 'staff,allow_all' });
    assert.deepEqual((await admin.read(path))['assignments'], ['allow_all', 'staff']);
  });

  it('take durations as Go writes them, and tell whole seconds', async () => {
    const path = fresh();
    await admin.write(path, { id_token_ttl: '1m' });
    const client = await admin.read(path);
    assert.equal(client['id_token_ttl'], 60);
    assert.equal(client['access_token_ttl'], 86_400);
    assert.deepEqual([client['redirect_uris'], client['assignments']], [[], []]);
  });

  it('take one text for a list', async () => {
    const path = fresh();
    await admin.write(path);
    await admin.write(path, {
      redirect_uris: 'https://a.example/cb',
      assignments: 'staff',
      id_token_ttl: '90s',
      access_token_ttl: '1m',
    });
    const client = await admin.read(path);
    assert.deepEqual(client['redirect_uris'], ['https://a.example/cb']);
    assert.deepEqual(client['assignments'], ['staff']);
    assert.deepEqual([client['id_token_ttl'], client['access_token_ttl']], [90, 60]);
    await admin.write(path, { id_token_ttl: '30' });
    const later = await admin.read(path);
    assert.deepEqual([later['id_token_ttl'], later['assignments']], [30, ['staff']]);
  });

  it('keep every item of a list once, in order, and none that is blank', async () => {
    const path = fresh();
    const uris = ['https://b.example', 'https://a.example', '', 'https://b.example', 'https://B.example'];
    await admin.write(path, { redirect_uris: uris, assignments: ['staff', 'allow_all', 'staff'] });
    const client = await admin.read(path);
    assert.deepEqual(client['redirect_uris'], [
      'https://B.example',
      'https://a.example',
      'https://b.example',
    ]);
    assert.deepEqual(client['assignments'], ['allow_all', 'staff']);
    await admin.write(path, { redirect_uris: null });
    assert.deepEqual((await admin.read(path))['redirect_uris'], []);
  });

  it('are refused with tokens that never were valid, and with times that cannot be read', async () => {
    const path = fresh();
    for (const body of [
      { access_token_ttl: 0 },
      { id_token_ttl: '' },
      { id_token_ttl: -1 },
      { id_token_ttl: '1 hour' },
      { access_token_ttl: [1] },
      { redirect_uris: { a: 'b' } },
      { key: ['default'] },
    ]) {
      await admin.refused(path, body);
    }
    assert.equal((await admin.get(path)).status, 404);
  });

  it('are listed by name with all but their secret', async () => {
    const names = ['zz-two', 'zz-one'];
    for (const name of names) await admin.write(`client/${name}`, { assignments: ['allow_all'] });
    const list = dataOf(await admin.list('client'));
    const { keys, key_info: info } = list as {
      keys: string[];
      key_info: Record<string, Record<string, unknown>>;
    };
    assert.deepEqual(
      keys.filter((name) => name.startsWith('zz-')),
      ['zz-one', 'zz-two'],
    );
    assert.deepEqual(keys, [...keys].sort());
    const { client_secret: secret, ...shown } = await admin.read('client/zz-one');
    assert.match(String(secret), secretForm);
    assert.deepEqual(info['zz-one'], shown);
    assert.equal((await admin.delete('client/zz-one')).status, 204);
    const { keys: left } = dataOf(await admin.list('client')) as { keys: string[] };
    assert.deepEqual(
      left.filter((name) => name.startsWith('zz-')),
      ['zz-two'],
    );
    assert.equal((await admin.get('client/zz-one')).status, 404);
  });

  it('are others when they were removed and made again', async () => {
    const path = fresh();
    await admin.write(path);
    const before = await admin.read(path);
    await admin.delete(path);
    await admin.write(path);
    const after = await admin.read(path);
    assert.notEqual(after['client_id'], before['client_id']);
    assert.notEqual(after['client_secret'], before['client_secret']);
  });

  it('stay named by keys and providers when they are removed', async () => {
    const path = fresh();
    await admin.write(path);
    const id = String((await admin.read(path))['client_id']);
    await admin.write('provider/of-removed', { allowed_client_ids: [id] });
    await admin.delete(path);
    assert.deepEqual((await admin.read('provider/of-removed'))['allowed_client_ids'], [id]);
  });

  it('have their public keys published before anything is signed', async () => {
    await admin.write('key/published', { algorithm: 'ES256', allowed_client_ids: '*' });
    await admin.write(fresh(), { key: 'published' });
    const url = `${on.service.url}/v1/identity/oidc/provider/default/.well-known/keys`;
    const { keys } = (await (await fetch(url)).json()) as { keys: { alg: string }[] };
    assert.equal(keys.filter(({ alg }) => alg === 'ES256').length, 2);
  });
});
