/** authn-ldap and authn-oidc, made with the management API. */
import assert from 'node:assert/strict';
import {
  basicHeader,
  load,
  send,
  sessionOf,
  signIn,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { startLdap, type LdapServer } from '../../support/slapd.ts';

const env: Record<string, string> = {};

describe('authenticators made with the management API', () => {
  let directory: LdapServer;
  let issuer: Issuer;
  before(async () => {
    directory = await startLdap([{ uid: 'alice', password: 'alice' }]);
    issuer = await startIssuer({ algorithms: ['RS256'] });
    Object.assign(env, {
      LDAP_URI: directory.url,
      LDAP_BASE: directory.baseDn,
      LDAP_BINDDN: directory.bindDn,
      LDAP_BINDPW: directory.bindPassword,
    });
  });
  after(async () => {
    await directory.stop();
    await issuer.stop();
  });

  describeOnStores(
    'as a service',
    (on) => {
      let admin: Session;

      before(async () => {
        admin = await signIn(on.service);
        await load(admin, '- !user alice\n- !policy conjur/authn-ldap\n- !policy conjur/authn-oidc');
        await make({ type: 'ldap', name: 'api-ldap', enabled: true });
        await make({
          type: 'ldap',
          name: 'api-ldap-variables',
          enabled: true,
          data: { bind_password: directory.bindPassword, tls_ca_cert: directory.caCert },
          annotations: {
            'ldap-authn/base_dn': directory.baseDn,
            'ldap-authn/bind_dn': directory.bindDn,
            'ldap-authn/connect_type': 'tls',
            'ldap-authn/host': '127.0.0.1',
            'ldap-authn/port': String(directory.port),
            'ldap-authn/filter_template': '(uid=%s)',
          },
        });
        await make({
          type: 'oidc',
          name: 'api-oidc',
          enabled: true,
          data: { provider_uri: issuer.url, id_token_user_property: 'preferred_username' },
        });
        for (const name of ['authn-ldap/api-ldap', 'authn-ldap/api-ldap-variables', 'authn-oidc/api-oidc'])
          await load(admin, `- !grant { role: !group conjur/${name}/apps, member: !user alice }`);
      });

      const make = async (authenticator: unknown): Promise<void> => {
        const path = `/authenticators/${on.service.account}`;
        const answer = await admin.send('POST', path, JSON.stringify(authenticator), {
          accept: 'application/x.secretsmgr.v2beta+json',
          'content-type': 'application/json',
        });
        assert.equal(answer.status, 201, answer.text);
      };
      const login = (name: string): Promise<Answer> =>
        send(`${on.service.url}/authn-ldap/${name}/${on.service.account}/login`, 'GET', {
          headers: basicHeader('alice', 'alice'),
        });
      const authenticate = (name: string, body: string): Promise<Answer> =>
        send(`${on.service.url}/authn-ldap/${name}/${on.service.account}/alice/authenticate`, 'POST', {
          body,
        });
      const isAlice = async (answer: Answer, service: string): Promise<void> => {
        assert.equal(answer.status, 200, answer.text);
        const record = (await on.service.auditLines()).at(-1) ?? '';
        assert.ok(
          record.includes(`acct:user:alice successfully authenticated with authenticator ${service}`),
          record,
        );
        const who = await sessionOf(on.service, answer.text).send('GET', '/whoami');
        assert.equal((who.json() as Record<string, unknown>)['username'], 'alice');
      };

      for (const name of ['api-ldap', 'api-ldap-variables']) {
        it(`lets a user of the directory log in at ${name}, and authenticate with the key`, async () => {
          const key = await login(name);
          assert.equal(key.status, 200, (await on.service.auditLines()).at(-1));
          const service = `authn-ldap service acct:webservice:conjur/authn-ldap/${name}`;
          await isAlice(await authenticate(name, key.text), service);
        });
      }

      it('lets a user of the directory authenticate with the password', async () => {
        const service = 'authn-ldap service acct:webservice:conjur/authn-ldap/api-ldap';
        await isAlice(await authenticate('api-ldap', 'alice'), service);
      });

      it('lets a user in with an ID token of the header', async () => {
        const headers = { authorization: `Bearer ${await issuer.idToken('alice')}` };
        const path = `/authn-oidc/api-oidc/${on.service.account}/authenticate`;
        const answer = await send(on.service.url + path, 'POST', { headers });
        await isAlice(answer, 'authn-oidc service acct:webservice:conjur/authn-oidc/api-oidc');
      });
    },
    env,
  );
});
