/** The template language of scopes and roles: what may be written, and what tokens then claim. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { load, signIn, signInAs } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { vaultApiOf, type VaultApi } from '../../support/vault-api.ts';

const scope = 'identity/oidc/scope';
const policy = `
- !user
  id: noted
  annotations:
    email: noted@example.com
    note: "first \\"line\\"\\nsecond \\\\ line"
- !user plain
- !group inner
- !group outer
- !grant { role: !group inner, member: !user noted }
- !grant { role: !group outer, member: !group inner }
- !policy
  id: conjur/oidc
  body:
  - !webservice tokens
  - !permit { role: [ !user /noted, !user /plain ], privileges: [ read ], resource: !webservice tokens }
`;

describeOnStores("the templates of Vault's dialect", (on) => {
  let vault: VaultApi;
  let accessor: string;
  const as = new Map<string, VaultApi>();
  before(async () => {
    const admin = await signIn(on.service);
    vault = vaultApiOf(admin);
    const session = signInAs(on.service, await load(admin, policy));
    for (const login of ['noted', 'plain']) as.set(login, vaultApiOf(await session(login)));
    await vault.put('identity/oidc/key/k', { algorithm: 'EdDSA', allowed_client_ids: '*' });
    const mounts = await vault.read('sys/auth');
    accessor = (mounts['userpass/'] as { readonly accessor: string }).accessor;
  });

  /** What a directive is in the token of a user. */
  async function claimed(directive: string, login: string): Promise<unknown> {
    await vault.put('identity/oidc/role/r', { key: 'k', template: `{"claim": {{${directive}}} }` });
    const data = await as.get(login)?.read('identity/oidc/token/r');
    return decodeJwt(String(data?.['token']))['claim'];
  }

  it('say who somebody is', async () => {
    await vault.put('identity/oidc/role/r', { key: 'k' });
    const { sub } = decodeJwt(String((await as.get('noted')?.read('identity/oidc/token/r'))?.['token']));
    assert.equal(await claimed('identity.entity.id', 'noted'), sub);
    assert.equal(await claimed('identity.entity.name', 'noted'), 'noted');
  });

  it('show metadata, all of it or one value, with nothing in place of what is missing', async () => {
    const note = 'first "line"\nsecond \\ line';
    assert.deepEqual(await claimed('identity.entity.metadata', 'noted'), {
      email: 'noted@example.com',
      note,
    });
    assert.equal(await claimed('identity.entity.metadata.note', 'noted'), note);
    assert.equal(await claimed('identity.entity.metadata.missing', 'noted'), '');
    assert.deepEqual(await claimed('identity.entity.metadata', 'plain'), {});
    assert.equal(await claimed('identity.entity.metadata.email', 'plain'), '');
  });

  it('show groups, those above included, and null for who is in none', async () => {
    assert.deepEqual(await claimed('identity.entity.groups.names', 'noted'), ['inner', 'outer']);
    assert.equal(((await claimed('identity.entity.groups.ids', 'noted')) as readonly string[]).length, 2);
    assert.equal(await claimed('identity.entity.groups.names', 'plain'), null);
  });

  it('show the alias on the mount, and nothing of a mount that there is not', async () => {
    const alias = `identity.entity.aliases.${accessor}`;
    assert.equal(await claimed(`${alias}.name`, 'noted'), 'noted');
    assert.deepEqual(await claimed(`${alias}.metadata`, 'noted'), { username: 'noted' });
    assert.equal(await claimed(`${alias}.metadata.username`, 'noted'), 'noted');
    assert.deepEqual(await claimed(`${alias}.custom_metadata`, 'noted'), {});
    const unknown = 'identity.entity.aliases.auth_userpass_00000000';
    assert.equal(await claimed(`${unknown}.name`, 'noted'), '');
    assert.deepEqual(await claimed(`${unknown}.metadata`, 'noted'), {});
  });

  it('tell the time, with something added or taken away', async () => {
    await vault.put('identity/oidc/role/time', {
      key: 'k',
      template: '{"now": {{time.now}}, "later": {{time.now.plus.1h}}, "earlier": {{time.now.minus.5m}} }',
    });
    const data = await as.get('noted')?.read('identity/oidc/token/time');
    const {
      iat = 0,
      now,
      later,
      earlier,
    } = decodeJwt<Readonly<Record<string, unknown>>>(String(data?.['token']));
    assert.deepEqual([now, later, earlier], [iat, iat + 3_600, iat - 300]);
  });

  for (const [fault, template] of [
    ['a closing mark without an opening one', '{"a": 1}}'],
    ['a directive within a directive', '{"a": {{identity.{{entity.id}} }'],
    ['two closing marks for one', '{"a": {{identity.entity.id}} }}'],
    ['an alias without a field', '{"a": {{identity.entity.aliases.auth_userpass_00000000}} }'],
    ['a directive that there is not', '{"a": {{identity.entity.unknown}} }'],
    ['an unknown operator of time', '{"a": {{time.now.times.1h}} }'],
    ['a time without its operand', '{"a": {{time.now.plus}} }'],
    ['a group by its name', '{"a": {{identity.groups.names.inner.id}} }'],
    ['quotes round a string directive', '{"a": "{{identity.entity.name}}"}'],
    ['a list', '[1]'],
    ['what is not JSON', '{"a"}'],
  ] as const) {
    it(`are refused with ${fault}`, async () => {
      await vault.refused(`${scope}/refused`, { template });
      await vault.refused('identity/oidc/role/refused', { key: 'k', template });
      assert.equal(await vault.status(`${scope}/refused`), 404);
    });
  }

  for (const claim of [
    'aud',
    'exp',
    'iat',
    'iss',
    'namespace',
    'sub',
    'nonce',
    'auth_time',
    'at_hash',
    'c_hash',
  ]) {
    it(`are refused with the top-level claim ${claim}, in clear and in base64`, async () => {
      const template = `{"${claim}": "x"}`;
      for (const given of [template, Buffer.from(template).toString('base64')]) {
        assert.match(await vault.refused(`${scope}/reserved`, { template: given }), /iat.*c_hash/s);
      }
    });
  }

  it('read back as they were written, and in clear when they were written in base64', async () => {
    const template = '{ "groups": {{identity.entity.groups.names}} }';
    for (const given of [template, Buffer.from(template).toString('base64')]) {
      await vault.put(`${scope}/kept`, { template: given, description: 'A simple scope example.' });
      assert.deepEqual(await vault.read(`${scope}/kept`), {
        template,
        description: 'A simple scope example.',
      });
    }
  });
});
