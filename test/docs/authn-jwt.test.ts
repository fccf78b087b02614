/** The policies that the pages on JWTs show, loaded and used. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { load, send, type Answer } from '../support/client.ts';
import { openJwtStage, type JwtStage } from '../support/jwt-stage.ts';
import { mint } from '../support/rogue-issuer.ts';
import { startTestService, type TestService } from '../support/service.ts';

function policiesOf(page: string): readonly string[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm);
  return Array.from(blocks, ([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

describe('the pages on JWTs', () => {
  const on = { service: undefined as unknown as TestService };
  let stage: JwtStage;
  before(async () => {
    on.service = await startTestService({
      LATCHKEY_AUTHENTICATORS: 'authn,authn-jwt/ci,authn-azure/prod,authn-k8s/cluster',
    });
    stage = await openJwtStage(on);
  });
  after(async () => {
    await stage.stop();
    await on.service.stop();
  });

  const post = (path: string, claims: Readonly<Record<string, unknown>>): Promise<Answer> => {
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const jwt = mint(stage.key, { exp, ...claims });
    return send(`${on.service.url}/${path}/authenticate`, 'POST', { body: new URLSearchParams({ jwt }) });
  };

  it('show a service of authn-jwt that works', async () => {
    const [policy = ''] = policiesOf('docs/authn-jwt.md');
    await load(stage.admin, policy);
    await stage.set('ci', {
      'jwks-uri': stage.jwksUri,
      issuer: 'https://ci.example',
      audience: 'latchkey',
      'token-app-property': 'project_path',
      'identity-path': 'pipelines',
    });
    const claims = { iss: 'https://ci.example', aud: 'latchkey', project_path: 'shop/web', ref: 'main' };
    assert.equal((await post('authn-jwt/ci/acct', { ...claims, ref_type: 'branch' })).status, 200);
    assert.equal((await post('authn-jwt/ci/acct', { ...claims, ref_type: 'tag' })).status, 401);
    assert.equal((await stage.admin.send('GET', '/authn-jwt/ci/acct/status')).status, 200);
  });

  it('show services of clouds and clusters that work', async () => {
    const policies = policiesOf('docs/authn-cloud.md');
    assert.equal(policies.length, 3);
    // Each defines the same host; together they annotate it for all.
    for (const policy of policies) await load(stage.admin, policy, 'root', 'PATCH');
    await stage.set('prod', { 'provider-uri': stage.issuer.url }, 'authn-azure');
    const resource = '/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/shop';
    const azure = {
      iss: `${stage.issuer.url}/`,
      oid: 'o',
      xms_mirid: `${resource}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-identity`,
    };
    assert.equal((await post('authn-azure/prod/acct/host%2Fshop', azure)).status, 200);
    await stage.set('cluster', { 'jwks-uri': stage.jwksUri, issuer: 'k', audience: 'latchkey' }, 'authn-k8s');
    const projected = { namespace: 'shop', serviceaccount: { name: 'web' } };
    const pod = { iss: 'k', aud: ['latchkey'], 'kubernetes.io': projected };
    assert.equal((await post('authn-k8s/cluster/acct/host%2Fshop', pod)).status, 200);
  });
});
