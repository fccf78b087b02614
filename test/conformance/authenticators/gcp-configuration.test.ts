/** authn-gcp that is configured badly (Conjur's scenarios). The issuer is not even asked. */
import assert from 'node:assert/strict';
import { load, send, signIn, type Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { createSigningKey, mint, startRogueIssuer, type RogueIssuer } from '../../support/rogue-issuer.ts';
import { freePort } from '../../support/free-port.ts';

const port = await freePort();
const url = `http://127.0.0.1:${port}`;

describeOnStores(
  'authn-gcp that is configured badly',
  (on) => {
    const key = createSigningKey('RS256', { kid: 'google' });
    let issuer: RogueIssuer;
    before(async () => {
      issuer = await startRogueIssuer({ keys: [key], port });
    });
    after(() => issuer.stop());

    const post = (): Promise<Answer> => {
      const exp = Math.floor(Date.now() / 1_000) + 600;
      const jwt = mint(key, {
        iss: url,
        aud: 'conjur/acct/host/test-app',
        sub: 's',
        exp,
        google: { compute_engine: { project_id: 'project' } },
      });
      return send(`${on.service.url}/authn-gcp/acct/authenticate`, 'POST', {
        body: new URLSearchParams({ jwt }),
      });
    };
    const last = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';
    const policy = (privileges: string): string => `
- !policy
  id: conjur/authn-gcp
  body:
  - !webservice
  - !group apps
  - !permit { role: !group apps, privileges: [ ${privileges} ], resource: !webservice "" }
- !host { id: test-app, annotations: { authn-gcp/project-id: project } }
- !grant { role: !group conjur/authn-gcp/apps, member: !host test-app }`;

    it('is 401 without a webservice, 403 while hosts may only read, then 200', async () => {
      const admin = await signIn(on.service);
      assert.equal((await post()).status, 401);
      assert.ok((await last()).includes(": CONJ00005E Webservice 'authn-gcp' not found"));
      assert.deepEqual(issuer.requests, []);
      await load(admin, policy('read'));
      assert.equal((await post()).status, 403);
      assert.ok(
        (await last()).includes(": CONJ00006E 'host/test-app' does not have 'authenticate' privilege"),
      );
      await load(admin, policy('read, authenticate'));
      assert.equal((await post()).status, 200);
    });

    it('has no service id: neither a route nor a webservice', async () => {
      const answer = await send(`${on.service.url}/authn-gcp/myservice/acct/authenticate`, 'POST');
      assert.equal(answer.status, 404);
    });
  },
  { LATCHKEY_GCP_ISSUER: url, LATCHKEY_AUTHENTICATORS: 'authn,authn-gcp' },
);
