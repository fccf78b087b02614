import assert from 'node:assert/strict';
import { load, secretPath, signIn, signInAs, type Answer, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { assertEmpty } from '../../support/conjur-world.ts';
import {
  assertAnswer,
  assertRefused,
  authenticatorPolicy,
  codeFlow,
  owner,
  sendV2,
} from '../../support/versioned-api.ts';

const path = '/authenticators/acct';
describeOnStores('making authenticators', (on) => {
  let admin: Session;
  let as: (login: string) => Promise<Session>;

  before(async () => {
    admin = await signIn(on.service);
    as = signInAs(on.service, await load(admin, authenticatorPolicy));
  });

  const create = (body: unknown, session = admin): Promise<Answer> => sendV2(session, 'POST', path, body);
  const get = (name: string, session = admin): Promise<Answer> => sendV2(session, 'GET', `${path}/${name}`);
  const jwt = (name: string): unknown => ({
    type: 'jwt',
    name,
    data: { jwks_uri: 'https://id.example/keys' },
  });

  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  for (const [type, name, kind, data] of [
    [
      'jwt',
      'ci',
      'authn-jwt',
      {
        ca_cert: pem,
        audience: 'latchkey',
        jwks_uri: 'https://id.example/keys',
        issuer: 'https://id.example',
        identity: {
          token_app_property: 'sub',
          identity_path: 'data',
          enforced_claims: ['a', 'b'],
          claim_aliases: { x: 'y/z' },
        },
      },
    ],
    [
      'jwt',
      'keys',
      'authn-jwt',
      { issuer: 'https://id.example', public_keys: { type: 'jwks', value: { keys: [] } } },
    ],
    [
      'oidc',
      'token',
      'authn-oidc',
      { provider_uri: 'https://id.example', id_token_user_property: 'email', audience: 'latchkey' },
    ],
    [
      'oidc',
      'code',
      'authn-oidc',
      { token_ttl: 'PT2H', ...codeFlow, name: 'Sign in', provider_scope: 'groups' },
    ],
    ['azure', 'cloud', 'authn-azure', { provider_uri: 'https://sts.windows.net/tenant' }],
    [
      'k8s',
      'cluster',
      'authn-k8s',
      {
        'kubernetes/service_account_token': 't',
        'kubernetes/api_url': 'https://k',
        'kubernetes/ca_cert': pem,
        'ca/cert': pem,
        'ca/key': 'k',
      },
    ],
    ['ldap', 'directory', 'authn-ldap', { bind_password: 'p', tls_ca_cert: pem }],
    ['ldap', 'plain', 'authn-ldap', undefined],
    ['aws', 'prod', 'authn-iam', undefined],
    ['gcp', 'default', 'authn-gcp', undefined],
  ] as const) {
    it(`of type ${type} called ${name} shows what was given`, async () => {
      const body = { type, name, ...(data === undefined ? {} : { data }), annotations: { note: 'x' } };
      const identifier = type === 'gcp' ? 'conjur/authn-gcp' : `conjur/${kind}/${name}`;
      const shown = {
        type,
        branch: `conjur/${kind}`,
        name,
        enabled: true,
        owner: owner('policy', identifier),
        // A kind with settings shows that there are none.
        ...(data === undefined ? (type === 'ldap' ? { data: {} } : {}) : { data }),
        annotations: { note: 'x' },
      };
      assertAnswer(await create(body), 201, shown);
      assertAnswer(await get(`${type}/${name}`), 200, shown);
    });
  }

  it('makes its policy, groups, webservices and variables, with their privileges', async () => {
    await create({ ...(jwt('parts') as object), enabled: false });
    const below = 'conjur/authn-jwt/parts';
    const listed = (await admin.send('GET', '/resources/acct?search=parts')).json() as readonly {
      readonly id: string;
    }[];
    assert.deepEqual(listed.map(({ id }) => id).sort(), [
      `acct:group:${below}/apps`,
      `acct:group:${below}/operators`,
      `acct:policy:${below}`,
      `acct:variable:${below}/jwks-uri`,
      `acct:webservice:${below}`,
      `acct:webservice:${below}/status`,
    ]);
    const shown = (
      await admin.send('GET', `/resources/acct/webservice/${encodeURIComponent(below)}`)
    ).json() as {
      readonly owner: string;
      readonly policy: string;
      readonly permissions: readonly { readonly privilege: string; readonly role: string }[];
    };
    assert.equal(shown.owner, `acct:policy:${below}`);
    assert.equal(shown.policy, 'acct:policy:conjur/authn-jwt');
    assert.deepEqual(
      shown.permissions
        .map(({ privilege, role }) => `${role.slice(role.lastIndexOf('/') + 1)} ${privilege}`)
        .sort(),
      ['apps authenticate', 'apps read', 'operators read'],
    );
    const value = await admin.send('GET', secretPath(on.service, `${below}/jwks-uri`));
    assert.equal(value.text, 'https://id.example/keys');
  });

  it('enables it for signing in at once, unless it says otherwise', async () => {
    await create({
      type: 'oidc',
      name: 'at-once',
      data: { provider_uri: 'https://id.example', id_token_user_property: 'email' },
    });
    const lists = (await admin.send('GET', '/authenticators')).json() as {
      readonly enabled: readonly string[];
    };
    assert.ok(lists.enabled.includes('authn-oidc/at-once'));
    assert.ok(!lists.enabled.includes('authn-jwt/parts'));
  });

  it('of type iam makes one of type aws', async () => {
    assert.equal(
      ((await create({ type: 'iam', name: 'two' })).json() as { readonly type: string }).type,
      'aws',
    );
    for (const type of ['aws', 'iam']) assert.equal((await get(`${type}/two`)).status, 200);
    const list = await sendV2(admin, 'GET', `${path}?type=iam`);
    assert.equal((list.json() as { readonly count: number }).count, 2);
  });

  it('gives its policy to who is named as the owner', async () => {
    const answer = await create({ ...(jwt('owned') as object), owner: owner('user', 'app') });
    assert.deepEqual(
      (answer.json() as { readonly owner: unknown }).owner,
      owner('policy', 'conjur/authn-jwt/owned'),
    );
    assert.equal((await get('jwt/owned', await as('app'))).status, 200);
  });

  it('leaves out what is null, and declares what is empty', async () => {
    const data = { jwks_uri: 'https://id.example/keys', issuer: null, ca_cert: '' };
    const answer = await create({
      type: 'jwt',
      name: 'blank',
      data,
      owner: null,
      annotations: null,
      enabled: null,
    });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual((answer.json() as { readonly data: unknown }).data, {
      ca_cert: '',
      jwks_uri: data.jwks_uri,
    });
  });

  it('happens once, however many try at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(jwt('raced'))));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409]);
  });

  it('refuses one that is there, or of which a part is', async () => {
    assertRefused(await create(jwt('ci')), 409, 'The authenticator already exists.');
    await load(admin, '- !webservice half', 'conjur/authn-jwt');
    assertRefused(await create(jwt('half')), 409, 'The authenticator already exists.');
    const left = await admin.send('GET', '/resources/acct/policy/conjur%2Fauthn-jwt%2Fhalf');
    assert.equal(left.status, 404);
    assertRefused(await create({ type: 'gcp', name: 'default' }), 409, 'The authenticator already exists.');
  });

  it('takes create on the policy of its kind', async () => {
    assert.equal((await create(jwt('by-maker'), await as('maker'))).status, 201);
    assertEmpty(await create(jwt('x'), await as('reader')), 403);
    const message = 'acct:policy:conjur/authn-jwt not found in account acct';
    assertRefused(await create(jwt('x'), await as('outsider')), 404, message);
  });

  it('needs an owner that the caller may know of', async () => {
    const maker = await as('maker');
    for (const by of [owner('user', 'app'), owner('host', 'nope')]) {
      const answer = await create({ ...(jwt('x') as object), owner: by }, maker);
      assertRefused(answer, 404, `acct:${by.kind}:${by.id} not found in account acct`);
    }
  });

  it('needs the policy of its kind', async () => {
    const answer = await sendV2(admin, 'POST', '/authenticators/nope', jwt('x'));
    assertRefused(answer, 404, 'nope:policy:conjur/authn-jwt not found in account nope');
  });
});
