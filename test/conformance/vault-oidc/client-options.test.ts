/** What clients can be beyond Vault's. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf } from '../../support/vault-identity.ts';
import { administrator, type Manager } from '../../support/vault-registry.ts';

describeOnStores("options of Vault's clients", (on) => {
  let admin: Manager;
  let made = 0;
  const fresh = (): string => `client/o${String((made += 1))}`;

  before(async () => {
    admin = await administrator(on.service);
  });

  it('are told of only where they are not as they are by default', async () => {
    const path = fresh();
    await admin.write(path);
    const plain = Object.keys(await admin.read(path));
    const options = {
      authorization_code: false,
      client_credentials: true,
      refresh_token: true,
      refresh_token_ttl: 3_600,
      token_exchange: true,
      access_token_format: 'jwt',
      post_logout_redirect_uris: ['https://a.example/out'],
      backchannel_logout_uri: 'https://a.example/back',
      disabled: true,
    };
    await admin.write(path, options);
    const client = await admin.read(path);
    for (const [name, value] of Object.entries(options)) assert.deepEqual(client[name], value, name);
    await admin.write(path, {
      authorization_code: true,
      client_credentials: false,
      refresh_token: false,
      refresh_token_ttl: '720h',
      token_exchange: false,
      access_token_format: 'opaque',
      post_logout_redirect_uris: [],
      backchannel_logout_uri: '',
      disabled: false,
    });
    assert.deepEqual(Object.keys(await admin.read(path)), plain);
  });

  it('stay when a write leaves them out', async () => {
    const path = fresh();
    await admin.write(path, {
      client_credentials: 'true',
      disabled: 1,
      backchannel_logout_uri: 'https://a.example',
    });
    await admin.write(path, { id_token_ttl: 60 });
    const client = await admin.read(path);
    assert.deepEqual(
      [client['client_credentials'], client['disabled'], client['backchannel_logout_uri']],
      [true, true, 'https://a.example'],
    );
  });

  it('are listed as they are read', async () => {
    await admin.write('client/listed', { access_token_format: 'jwt' });
    const { key_info: info } = dataOf(await admin.list('client')) as {
      key_info: Record<string, Record<string, unknown>>;
    };
    assert.equal(info['listed']?.['access_token_format'], 'jwt');
  });

  it('give no tokens by its own name to a client that cannot keep a secret', async () => {
    const path = fresh();
    assert.match(
      await admin.refused(path, { client_type: 'public', client_credentials: true }),
      /confidential/,
    );
    await admin.write(path, { client_type: 'public' });
    await admin.refused(path, { client_credentials: true });
  });

  it('refresh only what somebody signed in to', async () => {
    const path = fresh();
    await admin.refused(path, { refresh_token: true, authorization_code: false });
    await admin.write(path, { refresh_token: true, authorization_code: false, token_exchange: true });
  });

  for (const [field, values] of [
    ['access_token_format', ['', 'JWT', 'paseto']],
    ['refresh_token_ttl', [0, '', '-1s']],
    ['post_logout_redirect_uris', [['/relative'], ['https://a.example/#x'], ['https://a.example/a b']]],
    ['backchannel_logout_uri', ['a.example', 'ftp://a.example', 'https://a.example/#x']],
    ['client_id', ['', '*', 'a b', 'ä', 'a'.repeat(129), 'a/b', 'a\tb']],
    [
      'client_secret',
      ['', 'short', 'with spaces in it that is long enough', 's'.repeat(257), '+'.repeat(32)],
    ],
    ['disabled', ['maybe', []]],
  ] as const) {
    it(`refuse a ${field} that is none`, async () => {
      const path = fresh();
      for (const value of values) await admin.refused(path, { [field]: value });
      assert.equal((await admin.get(path)).status, 404);
    });
  }

  describe('that bring a client along from elsewhere', () => {
    const secret = 'imported-secret-of-a-client_~.0123';

    it('take its id and its secret when it is made', async () => {
      const path = fresh();
      await admin.write(path, { client_id: 'from-elsewhere.1', client_secret: secret });
      const client = await admin.read(path);
      assert.deepEqual([client['client_id'], client['client_secret']], ['from-elsewhere.1', secret]);
      // What is stated again may come twice.
      await admin.write(path, { client_id: 'from-elsewhere.1', client_secret: secret });
    });

    it('do not change either later', async () => {
      const path = fresh();
      await admin.write(path);
      const before = await admin.read(path);
      await admin.refused(path, { client_id: 'another' });
      const told = await admin.refused(path, { client_secret: secret });
      assert.ok(!told.includes(secret));
      assert.deepEqual(await admin.read(path), before);
    });

    it('refuse an id that another client has, until that is gone', async () => {
      const [one, other] = [fresh(), fresh()];
      await admin.write(one, { client_id: 'taken' });
      await admin.refused(other, { client_id: 'taken' });
      assert.equal((await admin.get(other)).status, 404);
      await admin.delete(one);
      await admin.write(other, { client_id: 'taken' });
    });

    it('give an id to one of many who ask for it at once', async () => {
      const paths = Array.from({ length: 8 }, fresh);
      const answers = await Promise.all(paths.map((path) => admin.put(path, { client_id: 'contested' })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [204, ...paths.slice(1).map(() => 400)]);
    });

    it('refuse a secret for a public client', async () => {
      await admin.refused(fresh(), { client_type: 'public', client_secret: secret });
    });
  });

  describe('to rotate a secret', () => {
    const rotated = async (path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> =>
      dataOf(await admin.put(`${path}/rotate-secret`, body));

    it('answer with the new one, which is read from then on', async () => {
      const path = fresh();
      await admin.write(path);
      const before = await admin.read(path);
      const answer = await rotated(path, {});
      assert.deepEqual(Object.keys(answer), ['client_id', 'client_secret', 'previous_secret_expires_at']);
      assert.equal(answer['client_id'], before['client_id']);
      assert.notEqual(answer['client_secret'], before['client_secret']);
      assert.match(String(answer['client_secret']), /^hvo_secret_[A-Za-z0-9]{64}$/);
      assert.equal(answer['previous_secret_expires_at'], null);
      assert.deepEqual(await admin.read(path), { ...before, client_secret: answer['client_secret'] });
    });

    it('tell when the one before ends', async () => {
      const path = fresh();
      await admin.write(path);
      const from = Date.now();
      const { previous_secret_expires_at: end } = await rotated(path, { overlap: '1h' });
      const left = Date.parse(String(end)) - from;
      assert.ok(left >= 3_600_000 && left < 3_660_000, String(end));
    });

    it('do so for nothing that has none', async () => {
      const path = fresh();
      await admin.write(path, { client_type: 'public' });
      await admin.refused(`${path}/rotate-secret`, {});
      assert.equal((await admin.put('client/missing/rotate-secret', {})).status, 404);
    });

    it('refuse an overlap of over 90 days', async () => {
      const path = fresh();
      await admin.write(path);
      await admin.refused(`${path}/rotate-secret`, { overlap: '91d' });
    });

    it('are for writing only', async () => {
      assert.equal((await admin.get('client/x/rotate-secret')).status, 405);
    });
  });

  it('leave no secret in the audit', async () => {
    const path = fresh();
    const secret = 'secret-that-nobody-may-read-in-the-log';
    await admin.write(path, { client_secret: secret });
    await admin.refused(path, { client_secret: `${secret}-2` });
    const { client_secret: next } = dataOf(await admin.put(`${path}/rotate-secret`, {}));
    const log = await readFile(join(on.service.folder, 'audit.log'), 'utf8');
    assert.ok(!log.includes(secret) && !log.includes(String(next)));
  });
});
