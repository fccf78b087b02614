/** authn-ldap, as Conjur's scenarios and table of statuses state it, against a real directory. */
import assert from 'node:assert/strict';
import {
  basicHeader,
  load,
  secretPath,
  send,
  sessionOf,
  setSecret,
  signIn,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { startIssuer } from '../../support/issuer.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { startLdap, type LdapServer } from '../../support/slapd.ts';

const people = [
  ...['alice', 'bob', 'eve', 'admin', 'stranger', 'fenced'].map((name) => ({ uid: name, password: name })),
  { uid: 'twin', password: 'twin', cn: 'one twin' },
  { uid: 'twin', password: 'twin', cn: 'other twin' },
  { uid: 'odd)(uid=*', password: 'odd', cn: 'odd' },
  { uid: 'group/crew', password: 'crew', cn: 'crew' },
  { uid: 'nul', password: 'nul\0nul' },
];

const services = ['test', 'secure', 'ldaps', 'untrusting', 'far', 'elsewhere', 'broken', 'off'] as const;

/** A service whose directory is that of the configuration, unless its annotations name another. */
function servicePolicy(name: string, annotations: Readonly<Record<string, string | number>> = {}): string {
  const pairs = Object.entries(annotations).map(
    ([key, value]) => `ldap-authn/${key}: ${JSON.stringify(value)}`,
  );
  return `
- !policy
  id: conjur/authn-ldap/${name}
  body:
  - !webservice { annotations: { ${pairs.join(', ')} } }
  - !group clients
  - !permit { role: !group clients, privilege: [ read, authenticate ], resource: !webservice "" }
  - !variable bind-password
  - !variable tls-ca-cert
- !grant { role: !group conjur/authn-ldap/${name}/clients, members: [ !user alice, !user eve, !user twin, !user fenced, !user "odd)(uid=*", !user nobody, !user "*", !group crew, !user nul ] }
`;
}

const users = `
- !user alice
- !user bob
- !user eve
- !user twin
- !user { id: fenced, restricted_to: 198.51.100.0/24 }
- !user "odd)(uid=*"
- !user nobody
- !user "*"
- !group crew
- !user nul
- !variable test-variable
- !permit { role: !user alice, privileges: [ read, execute ], resource: !variable test-variable }
`;

let directory: LdapServer;
const env: Record<string, string> = {
  // Far more of alice's passwords are wrong here than any person's.
  LATCHKEY_MAX_FAILURES: '1000',
  LATCHKEY_AUTHENTICATORS: `authn, authn-ldap, authn-oidc/side, ${services
    .filter((name) => name !== 'off')
    .map((name) => `authn-ldap/${name}`)
    .join(', ')}`,
};

describe('authn-ldap', () => {
  before(async () => {
    directory = await startLdap(people);
    Object.assign(env, {
      LDAP_URI: directory.url,
      LDAP_BASE: directory.baseDn,
      LDAP_BINDDN: directory.bindDn,
      LDAP_BINDPW: directory.bindPassword,
    });
  });
  after(() => directory.stop());

  describeOnStores(
    'as a service',
    (on) => {
      let admin: Session;

      before(async () => {
        admin = await signIn(on.service);
        const { port, tlsUrl, baseDn, bindDn, caCert, bindPassword } = directory;
        const place = { base_dn: baseDn, bind_dn: bindDn, filter_template: '(uid=%s)' };
        const tls = { ...place, host: '127.0.0.1', port, connect_type: 'tls' };
        await load(
          admin,
          [
            users,
            servicePolicy('test'),
            servicePolicy('secure', tls),
            servicePolicy('ldaps', { ...place, uri: tlsUrl }),
            servicePolicy('untrusting', tls),
            servicePolicy('far', { ...place, uri: 'ldap://ldap.example.net' }),
            servicePolicy('elsewhere', { uri: directory.url, base_dn: baseDn }),
            servicePolicy('broken', { filter_template: '(&(uid=%s)' }),
            servicePolicy('off'),
          ].join(''),
        );
        for (const name of ['secure', 'ldaps', 'untrusting', 'far'])
          await setSecret(admin, `conjur/authn-ldap/${name}/bind-password`, bindPassword);
        for (const name of ['secure', 'ldaps'])
          await setSecret(admin, `conjur/authn-ldap/${name}/tls-ca-cert`, caCert);
        await setSecret(admin, 'test-variable', 'test-secret');
      });

      const login = (user: string, password: string, name: string = 'test'): Promise<Answer> =>
        send(`${on.service.url}/authn-ldap/${name}/${on.service.account}/login`, 'GET', {
          headers: basicHeader(user, password),
        });
      const authenticate = (user: string, secret: string, name: string = 'test'): Promise<Answer> => {
        const path = `/authn-ldap/${name}/${on.service.account}/${encodeURIComponent(user)}/authenticate`;
        return send(on.service.url + path, 'POST', { body: secret });
      };
      const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';
      const isRefused = async (answer: Answer, status: number, reason: string): Promise<void> => {
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.text, '');
        const record = await lastRecord();
        assert.ok(record.includes(reason), record);
      };
      const opensTheSecret = async (answer: Answer): Promise<void> => {
        assert.equal(answer.status, 200, `${answer.text} ${await lastRecord()}`);
        const alice = sessionOf(on.service, answer.text);
        assert.equal((await alice.send('GET', secretPath(on.service, 'test-variable'))).text, 'test-secret');
      };

      it('answers the API key for a good password, which then authenticates, and records both', async () => {
        const answer = await login('alice', 'alice');
        assert.equal(answer.status, 200, await lastRecord());
        assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
        const { account } = on.service;
        const service = `authenticator authn-ldap service ${account}:webservice:conjur/authn-ldap/test`;
        assert.ok(
          (await lastRecord()).includes(`${account}:user:alice successfully logged in with ${service}`),
        );
        const authenticated = await authenticate('alice', answer.text);
        assert.ok(
          (await lastRecord()).includes(`${account}:user:alice successfully authenticated with ${service}`),
        );
        await opensTheSecret(authenticated);
      });

      it('does the same over StartTLS, by the annotations and variables of the service', async () => {
        const answer = await login('alice', 'alice', 'secure');
        assert.equal(answer.status, 200, await lastRecord());
        await opensTheSecret(await authenticate('alice', answer.text, 'secure'));
      });

      it('does the same over ldaps', async () => {
        assert.equal((await login('alice', 'alice', 'ldaps')).status, 200, await lastRecord());
        await isRefused(await login('alice', 'wrong', 'ldaps'), 401, 'CONJ00002E');
      });

      it('authenticates with the password itself', async () => {
        await opensTheSecret(await authenticate('alice', 'alice'));
        await opensTheSecret(await authenticate('alice', 'alice', 'secure'));
      });

      it('refuses a wrong password, and records the failure in the words of syslog', async () => {
        await isRefused(await login('alice', 'BAD_PASSWORD'), 401, 'CONJ00002E Invalid credentials');
        const { account } = on.service;
        const service = `${account}:webservice:conjur/authn-ldap/test`;
        assert.match(
          await lastRecord(),
          new RegExp(
            String.raw`^<84>1 \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z - conjur \S+ authn ` +
              String.raw`\[subject@43868 role="${account}:user:alice"\]\[auth@43868 user="${account}:user:alice" authenticator="authn-ldap" service="${service}"\]` +
              String.raw`\[client@43868 ip="[\d.]+"\]\[action@43868 result="failure" operation="login"\] ` +
              `${account}:user:alice failed to login with authenticator authn-ldap service ${service}: CONJ00002E Invalid credentials$`,
          ),
        );
        await isRefused(await authenticate('alice', 'BAD_PASSWORD'), 401, 'CONJ00002E');
      });

      it('refuses the administrator, with the right password and with the API key', async () => {
        await isRefused(await login('admin', 'admin'), 401, 'CONJ00017E');
        await isRefused(await authenticate('admin', 'admin'), 401, 'CONJ00017E');
        await isRefused(await authenticate('admin', on.service.adminKey), 401, 'CONJ00017E');
      });

      it('refuses with 403 who is in the directory and in policy, but may not authenticate here', async () => {
        await isRefused(await login('bob', 'bob'), 403, "CONJ00006E 'bob' does not have 'authenticate'");
        await isRefused(await authenticate('bob', 'bob'), 403, 'CONJ00006E');
      });

      it('refuses with 401 who is in the directory, but not in policy', async () => {
        await isRefused(await login('stranger', 'stranger'), 401, "CONJ00007E 'stranger' not found");
        await isRefused(await authenticate('stranger', 'stranger'), 401, 'CONJ00007E');
      });

      it('refuses with 401 who is in policy, but not in the directory', async () => {
        await isRefused(await login('nobody', 'nobody'), 401, 'CONJ00002E');
      });

      it('never takes an empty password, or one of blanks', async () => {
        for (const password of ['', ' ', '\n']) {
          await isRefused(await login('alice', password), 401, 'CONJ00002E');
          await isRefused(await authenticate('alice', password), 401, 'CONJ00002E');
        }
      });

      it('never takes a password with a NUL, behind which some directories see nothing', async () => {
        await isRefused(await authenticate('nul', 'nul\0nul'), 401, 'CONJ00002E');
      });

      it('lets nobody in as a group, whatever the directory calls its people', async () => {
        await isRefused(await login('group/crew', 'crew'), 401, 'CONJ00007E');
        await isRefused(await authenticate('group/crew', 'crew'), 401, 'CONJ00007E');
      });

      it('takes no character of a login name for part of the filter', async () => {
        assert.equal((await login('odd)(uid=*', 'odd')).status, 200, await lastRecord());
        await isRefused(await login('*', 'alice'), 401, 'CONJ00002E');
      });

      it('refuses a login name that two entries have', async () => {
        await isRefused(await login('twin', 'twin'), 401, 'CONJ00002E');
      });

      it('looks at the address of the client when it authenticates, not when it logs in', async () => {
        assert.equal((await login('fenced', 'fenced')).status, 200);
        await isRefused(await authenticate('fenced', 'fenced'), 401, 'CONJ00003E');
      });

      it('refuses a service that is not enabled, one that is not in policy, and an unknown account', async () => {
        await isRefused(await login('alice', 'alice', 'off'), 401, 'CONJ00004E');
        await isRefused(await authenticate('alice', 'alice', 'off'), 401, 'CONJ00004E');
        const bare = `${on.service.url}/authn-ldap/${on.service.account}/login`;
        const headers = basicHeader('alice', 'alice');
        await isRefused(await send(bare, 'GET', { headers }), 401, 'CONJ00005E');
        const foreign = `${on.service.url}/authn-ldap/test/none/login`;
        await isRefused(await send(foreign, 'GET', { headers }), 401, 'CONJ00008E');
      });

      it('answers 401 to a login without Basic credentials', async () => {
        const url = `${on.service.url}/authn-ldap/test/${on.service.account}/login`;
        assert.equal((await send(url, 'GET')).status, 401);
        const { authorization } = basicHeader('alice', 'alice');
        assert.equal((await send(`${url}/`, 'HEAD', { headers: { authorization } })).status, 200);
      });

      it('speaks to no directory whose certificate it cannot verify', async () => {
        await isRefused(await login('alice', 'alice', 'untrusting'), 401, 'The directory could not be asked');
      });

      it('sends no password without TLS to another machine', async () => {
        await isRefused(await login('alice', 'alice', 'far'), 401, '--allow-insecure-ldap');
      });

      it('keeps the password of its configuration from a directory that policy names', async () => {
        // Anonymous clients find nobody in this directory.
        await isRefused(await login('alice', 'alice', 'elsewhere'), 401, 'failed to login');
      });

      it('says that a filter cannot be used', async () => {
        await isRefused(await login('alice', 'alice', 'broken'), 401, 'is not a filter');
      });

      it('follows a change of its variables at once', async () => {
        const variable = 'conjur/authn-ldap/secure/bind-password';
        await setSecret(admin, variable, 'wrong');
        await isRefused(await login('alice', 'alice', 'secure'), 401, 'refused the bind DN');
        await setSecret(admin, variable, directory.bindPassword);
        assert.equal((await login('alice', 'alice', 'secure')).status, 200);
      });

      it('has no status check', async () => {
        const answer = await admin.send('GET', `/authn-ldap/test/${on.service.account}/status`);
        assert.equal(answer.status, 501);
        assert.match(answer.text, /Errors::Authentication::StatusNotSupported: CONJ00056E/);
      });

      it('works beside authn-oidc', async () => {
        const issuer = await startIssuer({ algorithms: ['RS256'] });
        try {
          await load(
            admin,
            `
- !policy
  id: conjur/authn-oidc/side
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !permit { role: !user /alice, privileges: [ read, authenticate ], resource: !webservice "" }
`,
          );
          await setSecret(admin, 'conjur/authn-oidc/side/provider-uri', issuer.url);
          await setSecret(admin, 'conjur/authn-oidc/side/id-token-user-property', 'preferred_username');
          const path = `/authn-oidc/side/${on.service.account}/authenticate`;
          const body = new URLSearchParams({ id_token: await issuer.idToken('alice') });
          await opensTheSecret(await send(on.service.url + path, 'POST', { body }));
          await opensTheSecret(await authenticate('alice', 'alice'));
        } finally {
          await issuer.stop();
        }
      });
    },
    env,
  );
});
