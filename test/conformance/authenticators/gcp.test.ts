/** authn-gcp against an issuer on this machine in Google's place (Conjur's scenarios of GCE and GCF). */
import assert from 'node:assert/strict';
import { freePort } from '../../support/free-port.ts';
import {
  load,
  secretPath,
  send,
  sessionOf,
  setSecret,
  signIn,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { describeOnStores, type OnStore } from '../../support/on-stores.ts';
import {
  createSigningKey,
  mint,
  startRogueIssuer,
  type RogueIssuer,
  type SigningKey,
} from '../../support/rogue-issuer.ts';

type Claims = Readonly<Record<string, unknown>>;

const full = {
  email: 'app@project.iam.gserviceaccount.com',
  email_verified: true,
  google: { compute_engine: { project_id: 'project', instance_name: 'instance', zone: 'z' } },
};
const account = {
  'service-account-id': '1234567890',
  'service-account-email': full.email,
};
const everything: Readonly<Record<string, string>> = {
  'project-id': 'project',
  'instance-name': 'instance',
  ...account,
};
/** What a token of Compute Engine in standard format lacks. */
const standard: Claims = { email: undefined, google: undefined };
/** What a token of Cloud Functions lacks. */
const functions: Claims = { google: undefined };

/** One issuer for both stores: its address is a setting of the service. */
const stand: { issuer?: RogueIssuer; key?: SigningKey } = {};
const port = await freePort();

describe('authn-gcp', () => {
  before(async () => {
    stand.key = createSigningKey('RS256', { kid: 'google' });
    stand.issuer = await startRogueIssuer({ keys: [stand.key], port });
  });
  after(() => stand.issuer?.stop());
  const env = { LATCHKEY_GCP_ISSUER: `http://127.0.0.1:${port}`, LATCHKEY_AUTHENTICATORS: 'authn,authn-gcp' };
  describeOnStores('tokens', suite, env);
});

function tokenFor(login: string, claims: Claims = {}, key = stand.key): string {
  assert.ok(key && stand.issuer);
  const now = Math.floor(Date.now() / 1_000);
  const aud = `conjur/acct/${login}`;
  const usual = {
    iss: stand.issuer.url,
    aud,
    azp: '1234567890',
    sub: '1234567890',
    iat: now,
    exp: now + 600,
  };
  return mint(key, { ...usual, ...full, ...claims });
}

function suite(on: OnStore): void {
  let admin: Session;
  const hosts: string[] = [];
  before(async () => {
    admin = await signIn(on.service);
    await load(
      admin,
      `
- !policy
  id: conjur/authn-gcp
  body:
  - !webservice
  - !webservice status
  - !group apps
  - !permit { role: !group apps, privileges: [ read, authenticate ], resource: !webservice "" }
  - !permit { role: !group apps, privileges: [ read ], resource: !webservice status }
- !variable test-variable`,
    );
    await setSecret(admin, 'test-variable', 'test-secret');
  });

  const annotated = (annotations: Readonly<Record<string, string>>): string =>
    Object.entries(annotations)
      .map(([name, value]) => `\n    authn-gcp/${name}: ${JSON.stringify(value)}`)
      .join('');
  /** Defines a host of its own for a test. */
  const host = async (annotations: Readonly<Record<string, string>>, extra = ''): Promise<string> => {
    const id = `app-${hosts.length}`;
    hosts.push(id);
    await load(
      admin,
      `
- !host
  id: ${id}
  annotations:${annotated(annotations)}
    description: test${extra}
- !grant { role: !group conjur/authn-gcp/apps, member: !host ${id} }
- !permit { role: !host ${id}, privileges: [ read, execute ], resource: !variable test-variable }`,
    );
    return `host/${id}`;
  };
  const post = (jwt: string | undefined, path = 'acct'): Promise<Answer> =>
    send(`${on.service.url}/authn-gcp/${path}/authenticate`, 'POST', {
      body: new URLSearchParams(jwt === undefined ? {} : { jwt }),
    });
  const last = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';
  const refused = async (answer: Answer, reason: string | RegExp, status = 401): Promise<void> => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.text, '');
    const line = await last();
    if (typeof reason === 'string') assert.ok(line.includes(`: ${reason}`), line);
    else assert.match(line, reason);
  };

  for (const [title, annotations, claims] of [
    ['all annotations', everything, {}],
    ['project-id only', { 'project-id': 'project' }, {}],
    ['service-account-id only', { 'service-account-id': '1234567890' }, {}],
    ['service-account-email only', { 'service-account-email': full.email }, {}],
    [
      'service-account-id only, by a token in standard format',
      { 'service-account-id': '1234567890' },
      standard,
    ],
    ['the annotations of a function', account, functions],
    ['service-account-id of a function', { 'service-account-id': '1234567890' }, functions],
    ['service-account-email of a function', { 'service-account-email': full.email }, functions],
    ['an annotation without a value, which does not count', { ...account, 'project-id': '' }, {}],
  ] as const) {
    it(`lets a host in with ${title}, and to its secret`, async () => {
      const login = await host(annotations);
      const answer = await post(tokenFor(login, claims));
      assert.equal(answer.status, 200, await last());
      const id = login.slice('host/'.length);
      const line = `acct:host:${id} successfully authenticated with authenticator authn-gcp service acct:webservice:conjur/authn-gcp`;
      assert.ok((await last()).endsWith(line));
      const secret = await sessionOf(on.service, answer.text).send(
        'GET',
        secretPath(on.service, 'test-variable'),
      );
      assert.equal(secret.text, 'test-secret');
    });
  }

  for (const [title, annotations, claims, reason] of [
    [
      'instance-name only',
      { 'instance-name': 'instance' },
      {},
      'CONJ00069E Role must have at least one of the following constraints: ["project-id", "service-account-id", "service-account-email"]',
    ],
    [
      'instance-name only, by a token in standard format',
      { 'instance-name': 'instance' },
      standard,
      'CONJ00069E Role must have at least one of the following constraints: ["project-id", "service-account-id", "service-account-email"]',
    ],
    ['no annotation', {}, {}, 'CONJ00069E'],
    [
      'another project-id',
      { ...everything, 'project-id': 'x' },
      {},
      "CONJ00049E Resource restriction 'project-id'",
    ],
    [
      'another instance-name',
      { ...everything, 'instance-name': 'x' },
      {},
      "CONJ00049E Resource restriction 'instance-name'",
    ],
    [
      'another service-account-email',
      { ...everything, 'service-account-email': 'x' },
      {},
      "CONJ00049E Resource restriction 'service-account-email'",
    ],
    [
      'another service-account-id',
      { ...everything, 'service-account-id': 'x' },
      {},
      "CONJ00049E Resource restriction 'service-account-id'",
    ],
    [
      'an annotation that is none',
      { ...everything, 'invalid-key': 'x' },
      {},
      `CONJ00050E Resource restrictions '["invalid-key"]' are not supported`,
    ],
    [
      'service-account-email, by a token in standard format',
      { 'service-account-email': full.email },
      standard,
      "CONJ00068E Claim 'service-account-email' is missing from Google's JWT token. Verify that you configured the host with permitted restrictions. In case of Compute Engine token, verify that you requested the token using 'format=full'",
    ],
    [
      'project-id, by a token in standard format',
      { 'project-id': 'project' },
      standard,
      "CONJ00068E Claim 'project-id' is missing",
    ],
    [
      'another service account, for a function',
      { 'service-account-id': 'x' },
      functions,
      "CONJ00049E Resource restriction 'service-account-id'",
    ],
    [
      'another e-mail address, for a function',
      { 'service-account-email': 'x' },
      functions,
      "CONJ00049E Resource restriction 'service-account-email'",
    ],
    [
      'the right service account and another e-mail address, for a function',
      { ...account, 'service-account-email': 'x' },
      functions,
      "CONJ00049E Resource restriction 'service-account-email'",
    ],
    [
      'the right e-mail address and another service account, for a function',
      { ...account, 'service-account-id': 'x' },
      functions,
      "CONJ00049E Resource restriction 'service-account-id'",
    ],
    [
      'project-id, for a function',
      { ...account, 'project-id': 'project' },
      functions,
      "CONJ00068E Claim 'project-id' is missing from Google's JWT token",
    ],
    [
      'instance-name, for a function',
      { ...account, 'instance-name': 'instance' },
      functions,
      "CONJ00068E Claim 'instance-name' is missing from Google's JWT token",
    ],
  ] as const) {
    it(`refuses a host with ${title}`, async () => {
      await refused(await post(tokenFor(await host(annotations), claims)), reason);
    });
  }

  it('lets users in, and hosts of other policies', async () => {
    await load(
      admin,
      `
- !user
  id: test-app
  annotations:${annotated(everything)}
- !policy
  id: non-rooted
  body:
  - !host
    id: test-app
    annotations:${annotated(everything).replaceAll('\n', '\n    ')}
- !grant { role: !group conjur/authn-gcp/apps, members: [ !user test-app, !host non-rooted/test-app ] }`,
    );
    for (const login of ['test-app', 'host/non-rooted/test-app']) {
      const answer = await post(tokenFor(login));
      assert.equal(answer.status, 200, await last());
      const who = (await sessionOf(on.service, answer.text).send('GET', '/whoami')).json();
      assert.equal((who as Record<string, unknown>)['username'], login);
    }
  });

  it('refuses a host that there is not, and the administrator', async () => {
    await refused(await post(tokenFor('host/non-existing')), "CONJ00007E 'host/non-existing' not found");
    assert.match(await last(), /acct:host:non-existing failed to authenticate with authenticator authn-gcp/);
    await refused(await post(tokenFor('admin')), 'CONJ00017E');
    await refused(await post(tokenFor('policy/conjur/authn-gcp')), 'CONJ00007E');
  });

  it('refuses the account of another in the audience, and an unknown one in the URL', async () => {
    const login = await host(everything);
    const foreign = tokenFor(login, { aud: `conjur/non-existing/${login}` });
    await refused(
      await post(foreign),
      /CONJ00070E 'audience' token claim .* is invalid. The account in the audience .* does not match the account in the URL request .*/,
    );
    assert.match(
      await last(),
      /acct:user:USERNAME_MISSING failed to authenticate with authenticator authn-gcp service/,
    );
    await refused(
      await post(tokenFor(login), 'non-existing'),
      /CONJ00008E Account '.*' is not defined|CONJ00008E/,
    );
    assert.match(
      await last(),
      /non-existing:user:USERNAME_MISSING failed to authenticate with authenticator authn-gcp/,
    );
  });

  it('refuses an audience that names nothing here, and repeats none', async () => {
    for (const aud of [
      'https://secret.example',
      'conjur/acct',
      'conjur/acct/',
      'other/acct/host/x',
      '/conjur/acct/x',
    ])
      await refused(
        await post(tokenFor('x', { aud })),
        /CONJ00067E 'audience' token claim .* is invalid. The format should be 'conjur\/<account-name>\/<host-id>'/,
      );
    assert.doesNotMatch((await on.service.auditLines()).join('\n'), /secret\.example/);
    for (const claims of [
      { aud: undefined },
      { aud: ['conjur/acct/host/x'] },
      { sub: undefined },
      { sub: '' },
    ])
      await refused(await post(tokenFor('host/x', claims)), 'CONJ00051E');
  });

  it('knows no login in the URL', async () => {
    for (const login of ['host%2Fapp-0', 'host%2Fnon-existing'])
      assert.equal((await post(undefined, `acct/${login}`)).status, 404);
  });

  it('is 400 without a token, 401 for none', async () => {
    const reason = "CONJ00009E Field 'jwt' is missing or empty in request body";
    await refused(await post(undefined), reason, 400);
    await refused(await post(''), reason, 400);
    await refused(await post('no-token'), 'CONJ00077E');
  });

  it('refuses tokens that another signed, with a key id and without, and of another issuer', async () => {
    const login = await host(everything);
    const own = createSigningKey('RS256', { kid: 'own' });
    await refused(await post(tokenFor(login, {}, own)), 'CONJ00035E');
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: 'self-signed', aud: 'my_service', sub: 'foo_bar', exp: now + 600 };
    await refused(await post(mint(own, claims, { header: { kid: undefined } })), 'CONJ00035E');
    await refused(await post(tokenFor(login, { iss: 'accounts.google.com' })), 'CONJ00035E');
    await refused(await post(tokenFor(login, { exp: undefined })), 'CONJ00035E');
  });

  it('says of an expired token that it expired', async () => {
    const answer = await post(tokenFor('host/x', { exp: 1 }));
    assert.equal(answer.status, 401);
    assert.match(answer.text, /CONJ00016E Token expired/);
  });

  it('refuses the token of a host that is not in the group', async () => {
    await load(admin, `- !host\n  id: alone\n  annotations:${annotated(everything)}`);
    await refused(
      await post(tokenFor('host/alone')),
      "CONJ00006E 'host/alone' does not have 'authenticate' privilege on acct:webservice:conjur/authn-gcp",
      403,
    );
  });

  it('passes its status check, which fails once the issuer is gone', async () => {
    const status = (): Promise<Answer> => admin.send('GET', '/authn-gcp/acct/status');
    assert.deepEqual((await status()).json(), { status: 'ok' });
    await stand.issuer?.down();
    const gone = await status();
    assert.equal(gone.status, 500);
    assert.match(gone.text, /ProviderDiscoveryFailed: CONJ00011E/);
    await stand.issuer?.up();
    assert.equal((await status()).status, 200);
  });
}
