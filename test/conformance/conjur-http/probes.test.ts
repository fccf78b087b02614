import assert from 'node:assert/strict';
import { basicHeader, load, send, setSecret, signIn, type Session } from '../../support/client.ts';
import { assertEmpty, assertError, notFoundBody } from '../../support/conjur-world.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { sendRaw } from '../../support/raw-request.ts';

const policy = `
- !user alice
- !user bob
- !host x/y
- !variable v
- !variable seen
- !permit { role: !user bob, privileges: [ read ], resource: !variable seen }
- !permit { role: !user bob, privileges: [ update ], resource: !user alice }
- !policy { id: branch, body: [ !variable inner ] }
- !policy { id: conjur/authn-iam/test, body: [ !webservice ] }
- !layer machines
- !host-factory { id: factory, layers: [ !layer machines ] }
- !policy
  id: many
  body:
${Array.from({ length: 20 }, (_, index) => `  - !variable v${String(index)}`).join('\n')}
`;

/** The 28 probes that tell a server that speaks Conjur's API from one that nearly does. */
describeOnStores('probes', (on) => {
  let account: string;
  let admin: Session;
  let bob: Session;
  const keys = new Map<string, string>();

  before(async () => {
    account = on.service.account;
    admin = await signIn(on.service);
    const { created_roles: created } = await load(admin, policy);
    for (const { id, api_key: apiKey } of Object.values(created)) keys.set(id, apiKey);
    await load(
      admin,
      '- !permit { role: !user bob, privileges: [ create, update ], resource: !policy branch }',
    );
    bob = await signIn(on.service, 'bob', keys.get(`${account}:user:bob`));
    await setSecret(admin, 'v', 'value');
  });

  const variable = (name: string): string => `${account}:variable:${name}`;
  const resource = (name: string): string => `/resources/${account}/variable/${name}`;
  const keyOf = (role: string): string => keys.get(`${account}:${role}`) ?? '';
  const noToken = (method: string, path: string, headers = {}) =>
    sendRaw(on.service.url, method, path, headers);

  it('1: /info is refused without a token and not found with one', async () => {
    assert.equal((await noToken('GET', '/info')).status, 401);
    assert.equal((await admin.send('GET', '/info')).status, 404);
  });

  it('2: an unknown path without a token lacks authorization', async () => {
    const answer = await noToken('GET', '/nope');
    assert.deepEqual([answer.status, answer.text], [401, 'Authorization missing']);
  });

  it('3: GET / tells the version in JSON', async () => {
    const answer = await noToken('GET', '/', { accept: 'application/json' });
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(JSON.parse(answer.text) as object), ['version']);
  });

  it('4: HEAD tells whether a resource exists', async () => {
    assertEmptyHead(await admin.send('HEAD', resource('v')), 200);
    assertEmptyHead(await admin.send('HEAD', resource('none')), 404);
  });

  it('5: a token is base64 where a list of encodings has that in any case', async () => {
    const answer = await send(`${on.service.url}/authn/${account}/admin/authenticate`, 'POST', {
      headers: { 'accept-encoding': 'Gzip, BASE64' },
      body: on.service.adminKey,
    });
    assert.equal(answer.headers.get('content-encoding'), 'base64');
    assert.match(answer.text, /^[A-Za-z0-9+/]+=*$/);
  });

  it('6: a newline after an API key makes it another', async () => {
    const path = `${on.service.url}/authn/${account}/admin/authenticate`;
    assertEmpty(await send(path, 'POST', { body: `${on.service.adminKey}\n` }), 401);
  });

  it('7: a host authenticates by its encoded name only', async () => {
    for (const [login, status] of [
      ['host/x/y', 401],
      ['host%2Fx%2Fy', 200],
    ] as const) {
      const path = `${on.service.url}/authn/${account}/${login}/authenticate`;
      assert.equal((await send(path, 'POST', { body: keyOf('host:x/y') })).status, status);
    }
  });

  it('8: a version that is no number is refused, one that was never made not found', async () => {
    const path = `/secrets/${account}/variable/v`;
    assert.equal((await admin.send('GET', `${path}?version=abc`)).status, 422);
    const answer = await admin.send('GET', `${path}?version=99`);
    assertError(answer, 404, 'not_found', `CONJ00076E Variable ${variable('v')} is empty or not found.`);
  });

  it('9: the same value twice is one version', async () => {
    await setSecret(admin, 'seen', 'same');
    await setSecret(admin, 'seen', 'same');
    const { secrets } = (await admin.send('GET', resource('seen'))).json() as { secrets: unknown[] };
    assert.equal(secrets.length, 1);
  });

  it('10: white space is no value', async () => {
    assert.equal((await admin.send('POST', `/secrets/${account}/variable/v`, '  \n')).status, 422);
  });

  it('11: in a batch what is forbidden goes before what is missing', async () => {
    const ids = `${variable('v')},${variable('none')}`;
    assertEmpty(await bob.send('GET', `/secrets?variable_ids=${ids}`), 403);
  });

  it('12: a batch is base64 where that alone is accepted', async () => {
    const path = `/secrets?variable_ids=${variable('v')}`;
    const encoded = await admin.send('GET', path, undefined, { 'accept-encoding': 'base64' });
    assert.deepEqual(encoded.json(), { [variable('v')]: `${Buffer.from('value').toString('base64')}\n` });
    const plain = await admin.send('GET', path, undefined, { 'accept-encoding': 'base64, gzip' });
    assert.deepEqual(plain.json(), { [variable('v')]: 'value' });
  });

  it('13: the effective policy is YAML to who accepts JSON but sends no type', async () => {
    const headers = { accept: 'application/json' };
    const answer = await admin.send('GET', `/policies/${account}/policy/root`, undefined, headers);
    assert.equal(answer.status, 200);
    assert.match(answer.text, /^---/);
  });

  it('14: making host-factory tokens is 200, and a host 201', async () => {
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    const id = encodeURIComponent(`${account}:host_factory:factory`);
    const body = `host_factory=${id}&expiration=${encodeURIComponent(expiration)}`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const made = await admin.send('POST', '/host_factory_tokens', body, form);
    assert.equal(made.status, 200, made.text);
    const [{ token = '' } = {}] = made.json() as { token?: string }[];
    const host = await send(`${on.service.url}/host_factories/hosts`, 'POST', {
      headers: { authorization: `Token token="${token}"`, ...form },
      body: 'id=made',
    });
    assert.equal(host.status, 201, host.text);
  });

  it('15: one’s own key is rotated with a credential and not with a token', async () => {
    const path = `/authn/${account}/api_key`;
    const message = 'Credential strength is insufficient';
    assertError(await admin.send('PUT', path), 401, 'unauthorized', message);
    const headers = basicHeader('alice', keyOf('user:alice'));
    assert.equal((await send(on.service.url + path, 'PUT', { headers })).status, 200);
  });

  it('16: another’s key is not rotated with a credential', async () => {
    const path = `${on.service.url}/authn/${account}/api_key?role=user:alice`;
    assertEmpty(await send(path, 'PUT', { headers: basicHeader('bob', keyOf('user:bob')) }), 401);
  });

  it('17: an offset alone lists ten', async () => {
    const answer = await admin.send('GET', `/resources/${account}?offset=0`);
    assert.equal((answer.json() as unknown[]).length, 10);
  });

  it('18: no list is longer than 1,000, save for the one that says 10,000', async () => {
    assert.equal((await admin.send('GET', `/resources/${account}?limit=1001`)).status, 422);
    assert.equal((await admin.send('GET', `/resources/${account}?limit=10000`)).status, 200);
  });

  it('19: a check for a role without its account is forbidden', async () => {
    const path = `${resource('seen')}?check=true&privilege=read&role=user:bob`;
    assertEmpty(await admin.send('GET', path), 403);
  });

  it('20: what is invisible is not found in words, what one may not do without', async () => {
    const invisible = await bob.send('GET', resource('v'));
    assert.equal(invisible.status, 404);
    assert.deepEqual(invisible.json(), notFoundBody(variable('v')));
    assertEmpty(await bob.send('GET', `${resource('seen')}?check=true&privilege=execute`), 404);
  });

  it('21: a policy that refers to a user who is not there has no place for the fault', async () => {
    const path = `/policies/${account}/policy/root`;
    const answer = await admin.send('POST', path, '- !grant { role: !user alice, member: !user nobody }');
    assert.equal(answer.status, 422);
    const { error } = answer.json() as { error: Record<string, unknown> };
    assert.equal(error['code'], 'policy_invalid');
    assert.equal('innererror' in error, false);
  });

  it('22: a POST may not delete', async () => {
    const answer = await admin.send(
      'POST',
      `/policies/${account}/policy/root`,
      '- !delete { record: !variable v }',
    );
    assert.equal(answer.status, 422);
    assert.equal((answer.json() as { error: { code: string } }).error.code, 'validation_failed');
  });

  it('23: a PUT wants rights on what the policy contains', async () => {
    await load(admin, '- !variable inner', 'branch', 'PUT');
    const path = `/policies/${account}/policy/branch`;
    assertEmpty(await bob.send('PUT', path, '- !variable other'), 403);
    assert.equal((await bob.send('POST', path, '- !variable other')).status, 201);
  });

  it('24: the public keys of nobody are an empty line', async () => {
    const answer = await noToken('GET', `/public_keys/${account}/user/nobody`);
    assert.deepEqual([answer.status, answer.text], [200, '\n']);
  });

  it('25: a branch is made in the words of version 2 only', async () => {
    const answer = await admin.send('POST', `/branches/${account}`, '{}', {
      'content-type': 'application/json',
    });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /CONJ00194W/);
  });

  it('26: an authenticator is enabled by a path with an encoded slash', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assertEmpty(await admin.send('PATCH', `/authn-iam%2Ftest/${account}`, 'enabled=true', form), 204);
  });

  it('27: slashes too many change nothing', async () => {
    for (const path of ['//whoami', '/whoami/', '///whoami//']) {
      assert.equal((await sendRaw(on.service.url, 'GET', path, header(admin))).status, 200, path);
    }
  });

  it('28: semicolons separate parameters', async () => {
    const one = await admin.send('GET', `/policies/${account}/policy/root?depth=1;limit=100000`);
    assert.equal(one.status, 200);
    assert.equal((await admin.send('GET', `/policies/${account}/policy/root?depth=1;limit=x`)).status, 400);
  });
});

function header(session: Session): Record<string, string> {
  return { authorization: `Token token="${Buffer.from(session.token).toString('base64')}"` };
}

function assertEmptyHead(answer: { readonly status: number; readonly text: string }, status: number): void {
  assert.deepEqual([answer.status, answer.text], [status, '']);
}
