/** Identity tokens: their roles, what they claim, and who verifies them. */
import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose';
import { load, signIn, signInAs } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { VaultApi, vaultApiOf } from '../../support/vault-api.ts';

const role = 'identity/oidc/role';
const wellKnown = 'identity/oidc/.well-known';
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

interface Issued {
  readonly token: string;
  readonly client_id: string;
  readonly ttl: number;
}

const policy = `
- !user
  id: alice
  annotations:
    email: alice@example.com
- !group dev
- !group staff
- !grant { role: !group dev, member: !user alice }
- !grant { role: !group staff, member: !group dev }
- !host app
- !policy
  id: conjur/oidc
  body:
  - !webservice tokens
  - !webservice introspection
  - !permit { role: !user /alice, privileges: [ read ], resource: !webservice tokens }
  - !permit { role: !host /app, privileges: [ read ], resource: !webservice introspection }
`;

describeOnStores("identity tokens of Vault's dialect", (on) => {
  let vault: VaultApi;
  let alice: VaultApi;
  let app: VaultApi;
  before(async () => {
    const admin = await signIn(on.service);
    vault = vaultApiOf(admin);
    const session = signInAs(on.service, await load(admin, policy));
    alice = vaultApiOf(await session('alice'));
    app = vaultApiOf(await session('host/app'));
    for (const algorithm of algorithms) {
      await vault.put(`identity/oidc/key/of-${algorithm}`, { algorithm, allowed_client_ids: '*' });
    }
  });

  const publicKeys = async (): Promise<JWK[]> => (await vault.raw(`${wellKnown}/keys`))['keys'] as JWK[];
  const issued = async (name: string, as = alice): Promise<Issued> =>
    (await as.read(`identity/oidc/token/${name}`)) as unknown as Issued;
  const introspected = async (token: string, clientId = '', as = app): Promise<unknown> => {
    const answer = await as.write('identity/oidc/introspect', { token, client_id: clientId });
    assert.equal(answer.status, 200, answer.text);
    return answer.json();
  };

  it('name a role that is made with defaults', async () => {
    await vault.put(`${role}/plain`, { key: 'of-ES256' });
    const data = await vault.read(`${role}/plain`);
    assert.match(String(data['client_id']), /^[A-Za-z0-9]{26}$/);
    assert.deepEqual(data, { key: 'of-ES256', template: '', ttl: 86_400, client_id: data['client_id'] });
  });

  it('name a role that keeps what a change leaves out', async () => {
    await vault.put(`${role}/merged`, { key: 'of-ES256', template: '{"a": 1}', client_id: 'mine' });
    await vault.put(`${role}/merged`, { ttl: '5m' });
    assert.deepEqual(await vault.read(`${role}/merged`), {
      key: 'of-ES256',
      template: '{"a": 1}',
      ttl: 300,
      client_id: 'mine',
    });
  });

  it('name a role whose template was given in base64, and is shown in clear', async () => {
    const template = '{"name": {{identity.entity.name}}}';
    await vault.put(`${role}/encoded`, {
      key: 'of-ES256',
      template: Buffer.from(template).toString('base64'),
    });
    assert.equal((await vault.read(`${role}/encoded`))['template'], template);
  });

  it('have no role without a key, with one that there is not, or that outlives its key', async () => {
    await vault.put('identity/oidc/key/brief', { algorithm: 'ES256', verification_ttl: 60 });
    for (const body of [
      {},
      { key: '' },
      { key: 'missing' },
      { key: 'brief' },
      { key: 'of-ES256', template: '{"sub": 1}' },
      { key: 'of-ES256', template: '{"a": "{{identity.entity.name}}"}' },
    ]) {
      await vault.refused(`${role}/refused`, body);
    }
    assert.equal(await vault.status(`${role}/refused`), 404);
    await vault.put(`${role}/brief`, { key: 'brief', ttl: 60 });
  });

  it('have roles that are listed, and deleted', async () => {
    await vault.put(`${role}/listed`, { key: 'of-ES256' });
    assert.ok((await vault.list(role)).includes('listed'));
    assert.deepEqual(
      [await vault.delete(`${role}/listed`), await vault.delete(`${role}/listed`)],
      [204, 204],
    );
    assert.ok(!(await vault.list(role)).includes('listed'));
    assert.equal(await vault.status(`${role}/listed`), 404);
  });

  for (const algorithm of algorithms) {
    it(`verify by what is published, and are active, with ${algorithm}`, async () => {
      await vault.put(`${role}/by-${algorithm}`, { key: `of-${algorithm}`, ttl: '1h' });
      const { token, client_id: clientId, ttl } = await issued(`by-${algorithm}`);
      assert.equal(ttl, 3_600);
      const keySet = createLocalJWKSet({ keys: await publicKeys() });
      const issuer = `${on.service.url}/v1/identity/oidc`;
      const { payload, protectedHeader } = await jwtVerify(token, keySet, { issuer, audience: clientId });
      assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid']);
      assert.equal(protectedHeader.alg, algorithm);
      assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 3_600);
      assert.deepEqual([payload.aud, payload['namespace']], [clientId, 'root']);
      assert.deepEqual(await introspected(token), { active: true });
      assert.deepEqual(await introspected(token, clientId), { active: true });
    });
  }

  it('claim what the template says of whoever asks', async () => {
    const template = `{
      "name": {{identity.entity.name}}, "email": {{identity.entity.metadata.email}},
      "groups": {{identity.entity.groups.names}}, "nbf": {{time.now}}, "n": 1.5 }`;
    await vault.put(`${role}/claims`, { key: 'of-ES256', template });
    const { token } = await issued('claims');
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: await publicKeys() }));
    const { name, email, groups, nbf, iat, n } = payload as Readonly<Record<string, unknown>>;
    assert.deepEqual(
      { name, email, groups, n },
      { name: 'alice', email: 'alice@example.com', groups: ['dev', 'staff'], n: 1.5 },
    );
    assert.equal(nbf, iat);
  });

  it('have the subject by which the role is known to everybody', async () => {
    const sub = async (name: string): Promise<unknown> => {
      const { token } = await issued(name);
      return (await jwtVerify(token, createLocalJWKSet({ keys: await publicKeys() }))).payload.sub;
    };
    await vault.put(`${role}/subject`, { key: 'of-ES256', template: '{"id": {{identity.entity.id}}}' });
    assert.match(
      String(await sub('subject')),
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.equal(await sub('subject'), await sub('by-EdDSA'));
  });

  it('lack all that a template cannot be rendered to', async () => {
    await vault.put(`${role}/dropped`, {
      key: 'of-ES256',
      template: '{"g": "{{identity.entity.groups.names}}"}',
    });
    const { payload } = await jwtVerify(
      (await issued('dropped')).token,
      createLocalJWKSet({ keys: await publicKeys() }),
    );
    assert.equal(payload['g'], undefined);
  });

  it("are not signed by a key that does not list the role's client id", async () => {
    await vault.put('identity/oidc/key/closed', { algorithm: 'ES256' });
    await vault.put(`${role}/closed`, { key: 'closed', client_id: 'closed-client' });
    await alice.refused('identity/oidc/token/closed', {}, 'GET');
    await vault.put('identity/oidc/key/closed', { allowed_client_ids: ['closed-client'] });
    const { token } = await issued('closed');
    await jwtVerify(token, createLocalJWKSet({ keys: await publicKeys() }));
  });

  it('are not signed for a role that there is not', async () => {
    await alice.refused('identity/oidc/token/missing', {}, 'GET');
  });

  it("are signed for whoever may read the role's token, and for nobody else", async () => {
    assert.equal(await app.status('identity/oidc/token/plain'), 403);
    assert.equal(await new VaultApi(on.service).status('identity/oidc/token/plain'), 403);
  });

  it('verify on after a rotation, and the next are signed by the next pair', async () => {
    await vault.put('identity/oidc/key/turning', { algorithm: 'ES256', allowed_client_ids: '*' });
    await vault.put(`${role}/turning`, { key: 'turning' });
    const before = await issued('turning');
    const announced = (await publicKeys()).map(({ kid }) => kid);
    await vault.put('identity/oidc/key/turning/rotate');
    const after = await issued('turning');
    const kid = decodeProtectedHeader(after.token).kid ?? '';
    assert.notEqual(kid, decodeProtectedHeader(before.token).kid);
    assert.ok(announced.includes(kid), 'the pair was published before it signed');
    assert.deepEqual(await introspected(before.token), { active: true });
    assert.deepEqual(await introspected(after.token), { active: true });
  });

  it('verify no more once their pair was given no time', async () => {
    await vault.put(`${role}/turning`, { key: 'turning' });
    const { token } = await issued('turning');
    await vault.put('identity/oidc/key/turning/rotate', { verification_ttl: 0 });
    assert.equal(((await introspected(token)) as { readonly active: boolean }).active, false);
  });

  it('are not active when they are garbage, altered, or for somebody else', async () => {
    const { token } = await issued('by-RS256');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const cases: readonly (readonly [string, string])[] = [
      ['garbage', ''],
      ['', ''],
      [`${header}.${payload}.`, ''],
      [`${none}.${payload}.`, ''],
      [`${header}.${payload}.${signature.slice(0, -4)}AAAA`, ''],
      [` ${token}`, ''],
      [`${header}.${Buffer.from('{"sub":"x"}').toString('base64url')}.${signature}`, ''],
      [token, 'another-client'],
    ];
    for (const [given, clientId] of cases) {
      const { active, error } = (await introspected(given, clientId)) as Readonly<Record<string, unknown>>;
      assert.equal(active, false, given);
      assert.ok(typeof error === 'string' && error !== '');
      assert.ok(given === '' || !error.includes(given), error);
    }
  });

  it('are not active once the role that they are about is gone', async () => {
    const admin = await signIn(on.service);
    const loaded = await load(
      admin,
      `
- !user passing
- !permit { role: !user passing, privileges: [ read ], resource: !webservice conjur/oidc/tokens }
`,
    );
    const { token } = await issued('by-EdDSA', vaultApiOf(await signInAs(on.service, loaded)('passing')));
    assert.deepEqual(await introspected(token), { active: true });
    await load(admin, '- !delete { record: !user passing }', 'root', 'PATCH');
    assert.equal(((await introspected(token)) as { readonly active: boolean }).active, false);
  });

  it('are among what the capabilities of a token tell of', async () => {
    const paths = ['identity/oidc/token/plain', 'identity/oidc/introspect'];
    const told = async (as: VaultApi): Promise<readonly unknown[]> => {
      const answer = await as.write('sys/capabilities-self', { paths });
      const { data } = answer.json() as { readonly data: Readonly<Record<string, unknown>> };
      return paths.map((path) => data[path]);
    };
    assert.deepEqual(await told(alice), [['read'], ['deny']]);
    assert.deepEqual(await told(app), [['deny'], ['update']]);
  });

  it('are introspected for whoever may, and for nobody else', async () => {
    assert.equal((await alice.write('identity/oidc/introspect', { token: 'x' })).status, 403);
    assert.equal(
      (await new VaultApi(on.service).write('identity/oidc/introspect', { token: 'x' })).status,
      403,
    );
  });
});
