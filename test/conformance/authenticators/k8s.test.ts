/** authn-k8s by service-account token, and the same workload through authn-jwt. */
import assert from 'node:assert/strict';
import { load, send, type Answer } from '../../support/client.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { mint } from '../../support/rogue-issuer.ts';

const kind = 'authn-k8s';
const issuer = 'https://kubernetes.default.svc';
const audience = 'latchkey';
const namespace = { 'authn-k8s/cluster/namespace': 'shop' };

describeOnStores('authn-k8s by service-account token', (on) => {
  let stage: JwtStage;
  before(async () => {
    stage = await openJwtStage(on);
    await stage.define('cluster', {
      kind,
      variables: { 'jwks-uri': stage.jwksUri, issuer, audience },
      annotations: namespace,
    });
  });
  after(() => stage.stop());

  const token = (claims: Readonly<Record<string, unknown>> = {}): string => {
    const now = Math.floor(Date.now() / 1_000);
    const projected = {
      namespace: 'shop',
      pod: { name: 'web-1', uid: 'u1' },
      serviceaccount: { name: 'web', uid: 'u2' },
      warnafter: now + 300,
    };
    const sub = 'system:serviceaccount:shop:web';
    const usual = { iss: issuer, aud: [audience], sub, iat: now, nbf: now, exp: now + 600 };
    // Kubernetes writes no typ into the header.
    const header = { typ: undefined };
    return mint(stage.key, { ...usual, 'kubernetes.io': projected, ...claims }, { header });
  };
  const post = (jwt: string | undefined, login = 'host/app-cluster', service = 'cluster'): Promise<Answer> =>
    stage.post(`${service}/acct/${encodeURIComponent(login)}`, jwt === undefined ? {} : { jwt }, kind);
  const refused = (answer: Answer, reason: string, status = 401): Promise<void> =>
    stage.refused(answer, `${kind}/cluster`, reason, status);
  const host = async (id: string, annotations: Readonly<Record<string, string>>): Promise<string> => {
    const lines = Object.entries(annotations).map(
      ([name, value]) => `\n    authn-k8s/${name}: ${JSON.stringify(value)}`,
    );
    await load(
      stage.admin,
      `- !host\n  id: ${id}\n  annotations:${lines.join('')}\n    about: test\n` +
        `- !grant { role: !group conjur/${kind}/cluster/hosts, member: !host ${id} }`,
    );
    return `host/${id}`;
  };

  it('lets a workload in by its namespace', async () => {
    assert.equal((await post(token())).status, 200, await stage.record('cluster'));
    assert.match(
      await stage.record('cluster'),
      /acct:host:app-cluster successfully authenticated with authenticator authn-k8s/,
    );
  });

  for (const [id, annotations] of [
    ['general', { namespace: 'shop' }],
    ['account', { 'cluster/namespace': 'shop', 'cluster/service-account': 'web' }],
    ['pod', { namespace: 'shop', 'service-account': 'web', pod: 'web-1' }],
    ['container', { namespace: 'shop', 'authentication-container-name': 'authenticator' }],
  ] as const) {
    it(`lets a workload in by its annotations: ${id}`, async () => {
      assert.equal(
        (await post(token(), await host(`good-${id}`, annotations))).status,
        200,
        await stage.record('cluster'),
      );
    });
  }

  for (const [id, annotations, reason] of [
    ['other-namespace', { namespace: 'other' }, "CONJ00049E Resource restriction 'namespace'"],
    [
      'other-account',
      { namespace: 'shop', 'service-account': 'x' },
      "CONJ00049E Resource restriction 'service-account'",
    ],
    ['other-pod', { namespace: 'shop', pod: 'x' }, "CONJ00049E Resource restriction 'pod'"],
    [
      'none',
      {},
      'CONJ00131E Role must have exactly one of the following required constraints: ["namespace", "namespace-label-selector"]. Role configured with []',
    ],
    ['both', { namespace: 'shop', 'namespace-label-selector': 'a=b' }, 'CONJ00131E'],
    [
      'labels',
      { 'namespace-label-selector': 'a=b' },
      `CONJ00050E Resource restrictions '["namespace-label-selector"]' are not supported`,
    ],
    [
      'deployment',
      { namespace: 'shop', deployment: 'web' },
      `CONJ00050E Resource restrictions '["deployment"]'`,
    ],
    ['stateful-set', { namespace: 'shop', 'stateful-set': 'web' }, 'CONJ00050E'],
  ] as const) {
    it(`refuses a workload by its annotations: ${id}`, async () => {
      await refused(await post(token(), await host(id, annotations)), reason);
    });
  }

  it('refuses tokens for another audience, of another cluster, and expired ones', async () => {
    await refused(await post(token({ aud: ['https://kubernetes.default.svc'] })), 'CONJ00035E');
    await refused(
      await post(token({ aud: undefined })),
      "CONJ00091E Failed to validate token: mandatory claim 'aud'",
    );
    await refused(await post(token({ iss: 'https://elsewhere' })), 'CONJ00035E');
    assert.match((await post(token({ exp: 1 }))).text, /CONJ00016E/);
    await refused(await post(token({ 'kubernetes.io': undefined })), 'CONJ00049E');
  });

  it('demands an audience of the service', async () => {
    await stage.define('unbound', {
      kind,
      variables: { 'jwks-uri': stage.jwksUri, issuer },
      annotations: namespace,
    });
    assert.equal((await post(token(), 'host/app-unbound', 'unbound')).status, 401);
    assert.match(await stage.record('unbound'), /CONJ00036E .*conjur\/authn-k8s\/unbound\/audience/);
  });

  it('tells a client of the flow by certificates that there is none', async () => {
    await refused(await post(undefined), 'CONJ00029E Client SSL certificate is missing from the header');
    const url = `${on.service.url}/authn-k8s/cluster/inject_client_cert`;
    assert.equal((await send(url, 'POST', { body: 'csr' })).status, 501);
    const headers = { 'x-ssl-client-certificate': 'anything' };
    const path = `${on.service.url}/authn-k8s/cluster/acct/host%2Fapp-cluster/authenticate`;
    assert.equal((await send(path, 'POST', { headers })).status, 401);
  });

  it('refuses hosts that there are not, the administrator, and who may not authenticate', async () => {
    await refused(await post(token(), 'host/nobody'), 'CONJ00007E');
    await refused(await post(token(), 'admin'), 'CONJ00017E');
    await load(stage.admin, '- !host { id: alone, annotations: { authn-k8s/namespace: shop } }');
    await refused(await post(token(), 'host/alone'), 'CONJ00006E', 403);
  });

  it('reports its status', async () => {
    const status = (service: string): Promise<Answer> =>
      stage.admin.send('GET', `/authn-k8s/${service}/acct/status`);
    assert.deepEqual((await status('cluster')).json(), { status: 'ok' });
    const unbound = await status('unbound');
    assert.equal(unbound.status, 500);
    assert.match(unbound.text, /RequiredResourceMissing: CONJ00036E/);
    await stage.set('unbound', { issuer }, kind);
    await stage.define('keyless', { kind, variables: { audience }, annotations: namespace });
    assert.match((await status('keyless')).text, /CONJ00122E/);
  });

  it('lets the same workload in through authn-jwt, by the subject and the namespace', async () => {
    await stage.define('pods', {
      variables: {
        'jwks-uri': stage.jwksUri,
        issuer,
        audience,
        'token-app-property': 'sub',
        'identity-path': 'cluster',
      },
      policy: `
- !policy
  id: cluster
  body:
  - !host { id: "system:serviceaccount:shop:web", annotations: { authn-jwt/pods/kubernetes.io/namespace: shop } }
- !grant { role: !group conjur/authn-jwt/pods/hosts, member: !host "cluster/system:serviceaccount:shop:web" }`,
    });
    assert.equal((await stage.post('pods/acct', { jwt: token() })).status, 200, await stage.record('pods'));
    const elsewhere = token({ 'kubernetes.io': { namespace: 'other' } });
    await stage.refused(await stage.post('pods/acct', { jwt: elsewhere }), 'authn-jwt/pods', 'CONJ00049E');
  });
});
