/** Who may switch an authn-oidc service on and off, what the lists say of it, and its status. */
import assert from 'node:assert/strict';
import { load, send, sessionOf, setSecret, signIn, type Answer, type Session } from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const policy = `
- !user alice
- !host apps/worker
- !group staff
- !grant { role: !group staff, members: [ !user alice, !host apps/worker ] }
- !policy
  id: conjur/authn-oidc/okta
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !variable audience
  - !group users
  - !permit { role: !group users, privileges: [ read, authenticate ], resource: !webservice "" }
  - !webservice status
  - !group operators
  - !permit { role: !group operators, privileges: [ read ], resource: !webservice status }
- !policy
  id: conjur/authn-oidc/mail
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
- !policy
  id: conjur/authn-oidc/half
  body:
  - !webservice
  - !variable provider-uri
- !policy
  id: conjur/authn-oidc/switched
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
- !grant { role: !group conjur/authn-oidc/okta/users, member: !group staff }
- !grant { role: !group conjur/authn-oidc/okta/operators, member: !user alice }
`;

const accounts = { alice: { username: 'alice' }, worker: { username: 'host/apps/worker' } };

describeOnStores(
  'the administration of authn-oidc',
  (on) => {
    let admin: Session;
    let issuer: Issuer;

    before(async () => {
      issuer = await startIssuer({ accounts });
      admin = await signIn(on.service);
      await load(admin, policy);
      for (const service of ['okta', 'mail', 'switched']) {
        await setSecret(admin, `conjur/authn-oidc/${service}/provider-uri`, issuer.url);
        await setSecret(admin, `conjur/authn-oidc/${service}/id-token-user-property`, 'username');
      }
      await setSecret(admin, 'conjur/authn-oidc/okta/audience', 'app');
    });
    after(() => issuer.stop());

    const authenticate = async (sub: string): Promise<Answer> =>
      send(`${on.service.url}/authn-oidc/okta/${on.service.account}/authenticate`, 'POST', {
        body: new URLSearchParams({ id_token: await issuer.idToken(sub) }),
      });
    const isBare = (answer: Answer, status: number): void => {
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.text, '');
    };

    it('is switched on and off by who has update on it, in a form, in JSON, and with the slash encoded', async () => {
      const { account } = on.service;
      const enabled = async (): Promise<boolean> => {
        const lists = (await send(`${on.service.url}/authenticators`, 'GET')).json() as Record<
          string,
          string[]
        >;
        return lists['enabled']?.includes('authn-oidc/switched') ?? false;
      };
      const patch = (path: string, body: string, headers = {}): Promise<Answer> =>
        admin.send('PATCH', path, body, headers);
      assert.equal(await enabled(), false);
      assert.equal((await patch(`/authn-oidc/switched/${account}`, 'enabled=true')).status, 204);
      assert.equal(await enabled(), true);
      const json = { 'content-type': 'application/json' };
      assert.equal((await patch(`/authn-oidc/switched/${account}`, '{"enabled":false}', json)).status, 204);
      assert.equal(await enabled(), false);
      assert.equal(
        (await patch(`/authn-oidc%2Fswitched/${account}`, 'enabled=true', { 'content-type': 'text/plain' }))
          .status,
        204,
      );
      assert.equal(await enabled(), true);
      assert.equal((await patch(`/authn-oidc/switched/${account}`, 'enabled=maybe')).status, 204);
      assert.equal(await enabled(), false);
      isBare(await patch(`/authn-oidc/switched/${account}`, '{', json), 400);
      isBare(await patch(`/authn-oidc/nowhere/${account}`, 'enabled=true'), 401);
      isBare(await patch(`/authn-oidc/okta%2Fstatus/${account}`, 'enabled=true'), 401);
      const alice = sessionOf(on.service, (await authenticate('alice')).text);
      isBare(await alice.send('PATCH', `/authn-oidc/switched/${account}`, 'enabled=true'), 403);
    });

    it('lists what is installed, configured and enabled', async () => {
      const kinds = 'authn authn-azure authn-gcp authn-iam authn-jwt authn-k8s authn-ldap authn-oidc';
      assert.deepEqual((await send(`${on.service.url}/authenticators`, 'GET')).json(), {
        installed: kinds.split(' '),
        configured: ['authn', 'authn-oidc/half', 'authn-oidc/mail', 'authn-oidc/okta', 'authn-oidc/switched'],
        enabled: [
          'authn',
          'authn-oidc/half',
          'authn-oidc/mail',
          'authn-oidc/okta',
          'authn-oidc/secure',
          'authn-oidc/unmade',
        ],
      });
    });

    it('tells whoever may read its status that it works, or why not', async () => {
      const { account } = on.service;
      const alice = sessionOf(on.service, (await authenticate('alice')).text);
      const status = (session: Session, service: string): Promise<Answer> =>
        session.send('GET', `/authn-oidc/${service}/${account}/status`);
      assert.deepEqual((await status(alice, 'okta')).json(), { status: 'ok' });
      const worker = sessionOf(on.service, (await authenticate('worker')).text);
      const forbidden = await status(worker, 'okta');
      assert.equal(forbidden.status, 403);
      assert.match(
        (forbidden.json() as { error: string }).error,
        /^#<Errors::Authentication::Security::RoleNotAuthorizedOnResource: CONJ00006E /,
      );
      const missing = await status(admin, 'mail');
      assert.equal(missing.status, 404);
      assert.match(
        (missing.json() as { error: string }).error,
        /Webservice 'authn-oidc\/mail\/status' not found/,
      );
      const unsupported = await admin.send('GET', `/authn/${account}/status`);
      assert.equal(unsupported.status, 501);
      assert.equal((await admin.send('GET', `/authn-nonexist/x/${account}/status`)).status, 404);
      assert.equal((await admin.send('GET', '/authn-oidc/okta/none/status')).status, 500);
    });

    it('reports an issuer that does not answer, and warns of a missing audience', async () => {
      await load(admin, '- !webservice conjur/authn-oidc/mail/status');
      const path = `/authn-oidc/mail/${on.service.account}/status`;
      const warned = (await admin.send('GET', path)).json() as { status: string; warnings: string[] };
      assert.equal(warned.status, 'ok');
      assert.match(warned.warnings[0] ?? '', /audience/);
      await setSecret(admin, 'conjur/authn-oidc/mail/provider-uri', 'http://127.0.0.1:1');
      const down = await admin.send('GET', path);
      assert.equal(down.status, 500);
      assert.match((down.json() as { error: string }).error, /ProviderDiscoveryFailed: CONJ00011E/);
    });
  },
  {
    LATCHKEY_AUTHENTICATORS:
      'authn, authn-oidc/okta, authn-oidc/mail, authn-oidc/half, authn-oidc/unmade, authn-oidc/secure',
  },
);
