/** authn-oidc by ID token, as Conjur's scenarios state it, and as the vendor's page sets it up. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const service = 'conjur/authn-oidc/keycloak';

function servicePolicy(
  name: string,
  privileges = 'read, authenticate',
  variables = ['provider-uri', 'id-token-user-property'],
): string {
  return `
- !policy
  id: conjur/authn-oidc/${name}
  body:
  - !webservice
${variables.map((variable) => `  - !variable ${variable}`).join('\n')}
  - !group users
  - !permit { role: !group users, privilege: [ ${privileges} ], resource: !webservice "" }
- !grant { role: !group conjur/authn-oidc/${name}/users, member: !user alice }
`;
}

const policy = `
- !user alice
- !user bob.somebody
- !user bob
- !user alice@conjur.net
- !group more-users
- !grant { role: !group more-users, member: !user bob.somebody }
- !variable test-variable
- !permit { role: !user alice, privileges: [ read, execute ], resource: !variable test-variable }
${servicePolicy('keycloak')}
- !grant { role: !group conjur/authn-oidc/keycloak/users, members: [ !user alice@conjur.net, !group more-users ] }
${servicePolicy('read-only', 'read')}
${servicePolicy('no-claim', 'read, authenticate', ['provider-uri'])}
${servicePolicy('no-uri', 'read, authenticate', ['id-token-user-property'])}
`;

const accounts = Object.fromEntries(
  Object.entries({
    alice: 'alice',
    bob: 'bob',
    nested: 'bob.somebody',
    stranger: 'not_in_conjur',
    admin: 'admin',
  }).map(([sub, name]) => [sub, { preferred_username: name, email: `${sub}@conjur.net` }]),
);

const enabled = ['keycloak', 'read-only', 'no-claim', 'no-uri', 'not-in-policy', 'okta'];

describeOnStores(
  'authn-oidc by ID token, as scenarios state it',
  (on) => {
    let admin: Session;
    let issuer: Issuer;

    before(async () => {
      issuer = await startIssuer({ accounts, algorithms: ['RS256'] });
      admin = await signIn(on.service);
      await load(admin, policy);
      await setSecret(admin, 'test-variable', 'test-secret');
      for (const name of ['keycloak', 'read-only', 'no-claim'])
        await setSecret(admin, `conjur/authn-oidc/${name}/provider-uri`, issuer.url);
      for (const name of ['keycloak', 'read-only', 'no-uri'])
        await setSecret(admin, `conjur/authn-oidc/${name}/id-token-user-property`, 'preferred_username');
    });
    after(() => issuer.stop());

    const post = (init: RequestInit, name = 'keycloak', account = on.service.account): Promise<Answer> =>
      send(`${on.service.url}/authn-oidc/${name}/${account}/authenticate`, 'POST', init);
    const inBody = (token: string): RequestInit => ({ body: new URLSearchParams({ id_token: token }) });
    const authenticate = async (user: string, name?: string): Promise<Answer> =>
      post(inBody(await issuer.idToken(user)), name);
    const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';
    const isRefused = async (answer: Answer, status: number, reason: string, role = ''): Promise<void> => {
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.text, '');
      const record = await lastRecord();
      assert.ok(record.includes(reason), record);
      assert.ok(record.includes(`${role} failed to authenticate with authenticator authn-oidc`), record);
    };
    const isAlice = async (answer: Answer): Promise<void> => {
      assert.equal(answer.status, 200, `${answer.text} ${await lastRecord()}`);
      const { account } = on.service;
      assert.ok(
        (await lastRecord()).includes(
          `${account}:user:alice successfully authenticated with authenticator authn-oidc service ${account}:webservice:${service}`,
        ),
      );
      const alice = sessionOf(on.service, answer.text);
      assert.equal((await alice.send('GET', secretPath(on.service, 'test-variable'))).text, 'test-secret');
    };
    const whoIs = async (answer: Answer): Promise<unknown> => {
      const who = await sessionOf(on.service, answer.text).send('GET', '/whoami');
      return (who.json() as Record<string, unknown>)['username'];
    };

    it('takes the token of the Authorization header', async () => {
      await isAlice(await post({ headers: { authorization: `Bearer ${await issuer.idToken('alice')}` } }));
    });

    it('reads no token from JSON: the header counts, and without one it is 400', async () => {
      const token = await issuer.idToken('alice');
      const json = { body: JSON.stringify({ id_token: token }) };
      await isAlice(await post({ ...json, headers: { authorization: `Bearer ${token}` } }));
      await isRefused(await post(json), 400, 'CONJ00009E');
    });

    it('takes the token of the body', async () => {
      await isAlice(await authenticate('alice'));
    });

    it('maps an e-mail address where id-token-user-property names that claim', async () => {
      await setSecret(admin, `${service}/id-token-user-property`, 'email');
      assert.equal(await whoIs(await authenticate('alice')), 'alice@conjur.net');
      await setSecret(admin, `${service}/id-token-user-property`, 'preferred_username');
    });

    it('lets in who is in a group that is in the group of users', async () => {
      assert.equal(await whoIs(await authenticate('nested')), 'bob.somebody');
    });

    it('answers 401 to a user whom policy does not know, and names them in the record', async () => {
      const role = `${on.service.account}:user:not_in_conjur`;
      await isRefused(await authenticate('stranger'), 401, 'CONJ00007E', role);
    });

    it('answers 403 to a user who is not in the group of users, and records it', async () => {
      await isRefused(await authenticate('bob'), 403, 'CONJ00006E', `${on.service.account}:user:bob`);
    });

    it('answers 401 where the token lacks the claim, and names claim and variable', async () => {
      await setSecret(admin, `${service}/id-token-user-property`, 'non_existing_field');
      await isRefused(
        await authenticate('alice'),
        401,
        "CONJ00013E Claim 'non_existing_field' not found or empty in ID token. This claim is defined in the id-token-user-property variable.",
      );
      await setSecret(admin, `${service}/id-token-user-property`, 'preferred_username');
    });

    it('answers 400 without an ID token', async () => {
      const role = `${on.service.account}:user:USERNAME_MISSING`;
      await isRefused(await post({}), 400, "CONJ00009E Field 'id_token' is missing or empty", role);
    });

    it('answers 400 to an empty ID token', async () => {
      const role = `${on.service.account}:user:USERNAME_MISSING`;
      await isRefused(await post({ body: 'id_token=' }), 400, 'CONJ00009E', role);
    });

    it('answers 401 to an unknown account, and records it under that name', async () => {
      const answer = await post(inBody(await issuer.idToken('alice')), 'keycloak', 'non-existing');
      await isRefused(answer, 401, 'CONJ00008E', 'non-existing:user:USERNAME_MISSING');
    });

    it('answers 401 to the administrator, without naming it in the record', async () => {
      const role = `${on.service.account}:user:USERNAME_MISSING`;
      await isRefused(await authenticate('admin'), 401, 'CONJ00017E', role);
    });

    it('follows provider-uri to a dead host and back', async () => {
      await setSecret(admin, `${service}/provider-uri`, 'https://127.0.0.1:1');
      await isRefused(await authenticate('alice'), 401, 'CONJ00011E');
      await setSecret(admin, `${service}/provider-uri`, issuer.url);
      await isAlice(await authenticate('alice'));
    });

    it('answers 401 where provider-uri has a host that is no issuer', async () => {
      await setSecret(admin, `${service}/provider-uri`, 'http://127.0.0.1.com/');
      await isRefused(await authenticate('alice'), 401, 'CONJ00011E');
      await setSecret(admin, `${service}/provider-uri`, issuer.url);
    });

    for (const login of ['alice', 'non-existing']) {
      it(`has no route for the login ${login} in the URL`, async () => {
        const path = `/authn-oidc/keycloak/${on.service.account}/${login}/authenticate`;
        const answer = await send(on.service.url + path, 'POST', inBody(await issuer.idToken('alice')));
        assert.equal(answer.status, 404);
      });
    }

    it('answers 401 where id-token-user-property is not declared', async () => {
      await isRefused(await authenticate('alice', 'no-claim'), 401, 'CONJ00036E');
    });

    it('answers 401 where provider-uri is not declared', async () => {
      await isRefused(await authenticate('alice', 'no-uri'), 401, 'CONJ00036E');
    });

    it('answers 401 where the webservice is not in policy', async () => {
      await isRefused(await authenticate('alice', 'not-in-policy'), 401, 'CONJ00005E');
    });

    it('answers 403 to a user who may only read the webservice', async () => {
      await isRefused(await authenticate('alice', 'read-only'), 403, 'CONJ00006E');
    });

    it('answers 401 to a URL without a service', async () => {
      const path = `/authn-oidc/${on.service.account}/authenticate`;
      const answer = await send(on.service.url + path, 'POST', inBody(await issuer.idToken('alice')));
      await isRefused(answer, 401, 'CONJ00075E');
    });

    describe('set up as the documentation shows', () => {
      const variable = 'the-application/required-var';

      before(async () => {
        for (const file of ['the-application', 'authn-oidc-okta', 'authn-oidc-okta-users'])
          await load(admin, await readFile(`policies/${file}.yml`, 'utf8'), 'root', 'PATCH');
        await setSecret(admin, 'conjur/authn-oidc/okta/provider-uri', issuer.url);
        await setSecret(admin, 'conjur/authn-oidc/okta/id-token-user-property', 'preferred_username');
        await setSecret(admin, 'conjur/authn-oidc/okta/audience', 'the-application');
        await setSecret(admin, variable, 'its secret');
      });
      const token = (user: string): Promise<string> => issuer.idToken(user, { clientId: 'the-application' });

      it('trades a base64-encoded ID token for an access token that opens the secret of the application', async () => {
        const encoded = Buffer.from(await token('alice')).toString('base64');
        const answer = await post(inBody(encoded), 'okta');
        assert.equal(answer.status, 200, await lastRecord());
        const alice = sessionOf(on.service, answer.text);
        assert.equal((await alice.send('GET', secretPath(on.service, variable))).text, 'its secret');
      });

      it('tells by its status that it is configured', async () => {
        const answer = await admin.send('GET', `/authn-oidc/okta/${on.service.account}/status`);
        assert.equal(answer.text, '{"status":"ok"}');
      });

      it('refuses who is not among its users, and the administrator', async () => {
        await isRefused(await post(inBody(await token('bob')), 'okta'), 403, 'CONJ00006E');
        await isRefused(await post(inBody(await token('admin')), 'okta'), 401, 'CONJ00017E');
      });

      it('refuses a user once policy has removed them, though the issuer still knows them', async () => {
        await load(admin, '- !delete { record: !user bob.somebody }', 'root', 'PATCH');
        await isRefused(await post(inBody(await token('nested')), 'okta'), 401, 'CONJ00007E');
      });
    });
  },
  { LATCHKEY_AUTHENTICATORS: ['authn', ...enabled.map((name) => `authn-oidc/${name}`)].join(',') },
);
