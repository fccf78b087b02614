/** Too many wrong proofs at the authenticators that have a webservice. */
import assert from 'node:assert/strict';
import { basicHeader, load, send, signIn, type Answer } from '../../support/client.ts';
import { roleSession, signedHeaders, startFakeSts, type FakeSts } from '../../support/fake-sts.ts';
import { hostWith, openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { mint } from '../../support/rogue-issuer.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { startLdap, type LdapServer } from '../../support/slapd.ts';

/** Of one name from one address; of what cannot be guessed ten times as many. */
const maxFailures = 2;
const maxProofFailures = 10 * maxFailures;
const maxFailuresOfUser = 5;

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

function assertLimited(answer: Answer): void {
  assert.equal(answer.status, 429, answer.text);
  const seconds = Number(answer.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 300, answer.headers.get('retry-after') ?? 'no Retry-After');
}

describe('wrong proofs that cannot be guessed, too often', () => {
  const awsRole = roleSession('188945769008', 'app');
  const otherRole = roleSession('188945769008', 'other');
  const now = Math.floor(Date.now() / 1_000);
  let sts: FakeSts;
  let service: TestService;
  let stage: JwtStage;

  before(async () => {
    sts = await startFakeSts([awsRole, otherRole]);
    service = await startTestService({
      LATCHKEY_MAX_FAILURES: String(maxFailures),
      LATCHKEY_AUTHENTICATORS: 'authn, authn-gcp',
      LATCHKEY_STS_ENDPOINT: sts.url,
    });
    stage = await openJwtStage({ service });
    await load(stage.admin, '- !policy { id: conjur/authn-gcp, body: [ !webservice "" ] }\n- !host robot');
  });
  after(async () => {
    await stage.stop();
    await service.stop();
    await sts.stop();
  });

  interface Kind {
    readonly path: string;
    readonly define: () => Promise<void>;
    /** The body of a proof that is right, but for what is changed of it. */
    readonly right?: () => string;
    readonly wrong: () => string;
  }

  const form = (field: string, token: string): string => new URLSearchParams({ [field]: token }).toString();
  const withWrongSignature = (token: string): string => {
    const [head = '', claims = '', signature = ''] = token.split('.');
    return [head, claims, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
  };
  const tokens = (field: string, token: () => string): Pick<Kind, 'right' | 'wrong'> => ({
    right: () => form(field, token()),
    wrong: () => form(field, withWrongSignature(token())),
  });
  const times = { iat: now, exp: now + 600 };
  const host = (name: string): string => encodeURIComponent(`host/${name}`);

  const kinds: Readonly<Record<string, Kind>> = {
    'authn-jwt': {
      path: 'plain/acct',
      define: () => stage.define('plain'),
      ...tokens('jwt', () => stage.token('plain')),
    },
    'authn-oidc': {
      path: 'people/acct',
      define: async () => {
        const variables = { 'provider-uri': stage.issuer.url, 'id-token-user-property': 'name' };
        await stage.define('people', { kind: 'authn-oidc', variables });
      },
      ...tokens('id_token', () =>
        mint(stage.key, { ...times, iss: stage.issuer.url, aud: 'x', sub: 'x', name: 'host/app-people' }),
      ),
    },
    'authn-azure': {
      path: `cloud/acct/${host('app-cloud')}`,
      define: () =>
        stage.define('cloud', {
          kind: 'authn-azure',
          variables: { 'provider-uri': `${stage.issuer.url}/` },
          annotations: {
            'authn-azure/cloud/subscription-id': 'sub',
            'authn-azure/cloud/resource-group': 'g',
          },
        }),
      ...tokens('jwt', () => {
        const machine = 'providers/Microsoft.Compute/virtualMachines/vm';
        const place = { xms_mirid: `/subscriptions/sub/resourcegroups/g/${machine}`, oid: 'x' };
        return mint(stage.key, { ...times, iss: `${stage.issuer.url}/`, aud: 'x', ...place });
      }),
    },
    'authn-k8s': {
      path: `cluster/acct/${host('app-cluster')}`,
      define: () =>
        stage.define('cluster', {
          kind: 'authn-k8s',
          variables: { 'jwks-uri': stage.jwksUri, issuer: 'https://cluster.example', audience: 'latchkey' },
          annotations: { 'authn-k8s/cluster/namespace': 'shop' },
        }),
      ...tokens('jwt', () => {
        const workload = { namespace: 'shop', serviceaccount: { name: 'web', uid: 'u' } };
        const claims = { iss: 'https://cluster.example', aud: ['latchkey'], 'kubernetes.io': workload };
        return mint(stage.key, { ...times, ...claims, sub: 'system:serviceaccount:shop:web' });
      }),
    },
    'authn-iam': {
      path: `aws/acct/${host('188945769008/app')}`,
      define: () =>
        stage.define('aws', {
          kind: 'authn-iam',
          variables: {},
          policy: [
            hostWith('', 'authn-iam', {}).replace('app-\n', '188945769008/app\n'),
            '- !grant { role: !group conjur/authn-iam/aws/hosts, member: !host 188945769008/app }',
          ].join('\n'),
        }),
      right: () => JSON.stringify(signedHeaders(awsRole)),
      wrong: () => JSON.stringify(signedHeaders(otherRole)),
    },
    'authn-gcp': {
      path: 'acct',
      define: async () => undefined,
      wrong: () => form('jwt', 'no.token.atAll'),
    },
  };

  for (const [place, [kind, { path, define, right, wrong }]] of Object.entries(kinds).entries()) {
    it(`are answered 429 at ${kind}, and keep nobody out who is right`, async () => {
      await define();
      const address = `203.0.113.${String(place)}`;
      const present = (body: string, at = address): Promise<Answer> =>
        send(`${service.url}/${kind}/${path}/authenticate`, 'POST', { headers: from(at), body });
      if (right !== undefined) assert.equal((await present(right())).status, 200, await lastRecord());
      for (let count = 0; count < maxProofFailures; count += 1)
        assert.equal((await present(wrong())).status, 401);
      assertLimited(await present(wrong()));
      if (right !== undefined) assert.equal((await present(right())).status, 200);
      assert.equal((await present(wrong(), '198.51.100.1')).status, 401);
    });
  }

  async function lastRecord(): Promise<string> {
    return (await service.auditLines()).at(-1) ?? '';
  }

  it('are counted by address, whatever they name', async () => {
    const strict = await startTestService({
      LATCHKEY_MAX_FAILURES: '2',
      LATCHKEY_MAX_FAILURES_PER_ADDRESS: '2',
    });
    try {
      const present = (name: string, address: string): Promise<Answer> =>
        send(`${strict.url}/authn/acct/${name}/authenticate`, 'POST', { headers: from(address), body: 'x' });
      for (let count = 0; count < 20; count += 1)
        assert.equal((await present(`name-${String(count)}`, '203.0.113.40')).status, 401);
      assertLimited(await present('one-more', '203.0.113.40'));
      assert.equal((await present('one-more', '203.0.113.41')).status, 401);
    } finally {
      await strict.stop();
    }
  });
});

describe("wrong passwords of a directory's people, too often", () => {
  let directory: LdapServer;
  let service: TestService;

  before(async () => {
    directory = await startLdap(['alice', 'bob'].map((uid) => ({ uid, password: `${uid}-password` })));
    service = await startTestService({
      LATCHKEY_MAX_FAILURES: String(maxFailures),
      LATCHKEY_MAX_FAILURES_PER_ROLE: String(maxFailuresOfUser),
      LATCHKEY_AUTHENTICATORS: 'authn, authn-ldap/people',
      LDAP_URI: directory.url,
      LDAP_BASE: directory.baseDn,
      LDAP_BINDDN: directory.bindDn,
      LDAP_BINDPW: directory.bindPassword,
    });
    const admin = await signIn(service);
    await load(
      admin,
      '- !user alice\n- !user bob\n- !policy { id: conjur/authn-ldap/people, body: [ !webservice "" ] }\n' +
        ['alice', 'bob']
          .map(
            (name) =>
              `- !permit { role: !user ${name}, privilege: [ authenticate ], resource: !webservice conjur/authn-ldap/people }\n`,
          )
          .join(''),
    );
  });
  after(async () => {
    await service.stop();
    await directory.stop();
  });

  const login = (name: string, password: string, address: string): Promise<Answer> =>
    send(`${service.url}/authn-ldap/people/acct/login`, 'GET', {
      headers: { ...basicHeader(name, password), ...from(address) },
    });
  const authenticate = (name: string, secret: string, address: string): Promise<Answer> =>
    send(`${service.url}/authn-ldap/people/acct/${name}/authenticate`, 'POST', {
      headers: from(address),
      body: secret,
    });

  it('end at the login and at authenticate together, for that name at that address', async () => {
    assert.equal((await login('alice', 'wrong', '203.0.113.50')).status, 401);
    assert.equal((await authenticate('alice', 'wrong', '203.0.113.50')).status, 401);
    assertLimited(await login('alice', 'alice-password', '203.0.113.50'));
    assertLimited(await authenticate('alice', 'alice-password', '203.0.113.50'));
    assert.equal((await login('bob', 'bob-password', '203.0.113.50')).status, 200);
    assert.equal((await login('alice', 'alice-password', '203.0.113.51')).status, 200);
  });

  it('of one user from many addresses end for new ones; API keys, known addresses and others go on', async () => {
    const known = await login('alice', 'alice-password', '203.0.113.60');
    assert.equal(known.status, 200);
    let limited = 0;
    for (let place = 61; place < 61 + maxFailuresOfUser; place += 1)
      if ((await login('alice', 'wrong', `203.0.113.${String(place)}`)).status === 429) limited += 1;
    // Those of the test before count as well.
    assert.ok(limited <= 2, `${String(limited)} were refused early`);
    assertLimited(await login('alice', 'alice-password', '203.0.113.80'));
    assert.equal((await authenticate('alice', known.text, '203.0.113.80')).status, 200);
    assert.equal((await login('alice', 'alice-password', '203.0.113.60')).status, 200);
    assert.equal((await login('bob', 'bob-password', '203.0.113.80')).status, 200);
  });
});
