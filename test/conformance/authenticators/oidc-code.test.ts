/** authn-oidc by authorization code, as Conjur's scenarios and table of statuses state it. */
import assert from 'node:assert/strict';
import {
  load,
  secretPath,
  sessionOf,
  setSecret,
  signIn,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import {
  clientId,
  clientSecret,
  codeServicePolicy,
  configureCodeService,
  exchangeCode,
  signInWithBrowser,
  type SignedIn,
} from '../../support/oidc-code.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { redirectUri } from '../../support/sign-in.ts';

/** The names of its variables as `client_id`. */
const withUnderscores = (text: string): string =>
  text.replace(/(?<=!variable )\S+/g, (name) => name.replaceAll('-', '_'));

const services = ['keycloak2', 'long-lived', 'unpermitted', 'unset', 'switched-off'] as const;
const policy = `
- !user alice
- !user bob
- !user bob.somebody
- !user alice@conjur.net
- !user { id: fenced, restricted_to: 198.51.100.0/24 }
- !group more-users
- !grant { role: !group more-users, member: !user bob.somebody }
- !variable test-variable
- !permit { role: !user alice, privileges: [ read, execute ], resource: !variable test-variable }
${services.map(codeServicePolicy).join('')}
- !grant { role: !group conjur/authn-oidc/keycloak2/users, members: [ !user alice, !user alice@conjur.net, !user fenced, !group more-users ] }
- !grant { role: !group conjur/authn-oidc/long-lived/users, member: !user alice }
${withUnderscores(codeServicePolicy('underscored'))}
- !grant { role: !group conjur/authn-oidc/underscored/users, member: !user alice }
- !policy
  id: conjur/authn-oidc/half
  body: [ !webservice "", !variable provider-uri, !variable client-id ]
- !policy
  id: conjur/authn-oidc/both
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !variable client-id
  - !variable client-secret
  - !variable claim-mapping
  - !variable redirect-uri
  - !permit { role: !user /alice, privileges: [ read, authenticate ], resource: !webservice "" }
`;

const accounts = Object.fromEntries(
  Object.entries({
    alice: 'alice',
    bob: 'bob',
    nested: 'bob.somebody',
    stranger: 'not_in_conjur',
    admin: 'admin',
    kind: 'policy/conjur/authn-oidc/keycloak2',
    userAdmin: 'user/admin',
    fenced: 'fenced',
    number: 42,
  }).map(([sub, name]) => [sub, { preferred_username: name, email: `${sub}@conjur.net` }]),
);

const enabled = [
  'keycloak2',
  'long-lived',
  'unpermitted',
  'unset',
  'underscored',
  'half',
  'both',
  'undefined-service',
]
  .map((name) => `authn-oidc/${name}`)
  .join(', ');

describeOnStores(
  'authn-oidc by authorization code',
  (on) => {
    let admin: Session;
    let issuer: Issuer;

    before(async () => {
      issuer = await startIssuer({ accounts, algorithms: ['RS256'] });
      admin = await signIn(on.service);
      await load(admin, policy);
      await setSecret(admin, 'test-variable', 'test-secret');
      await configureCodeService(admin, 'keycloak2', issuer);
      await configureCodeService(admin, 'long-lived', issuer, { 'token-ttl': 'PT2H' });
      await configureCodeService(admin, 'unpermitted', issuer);
      await configureCodeService(admin, 'switched-off', issuer);
    });
    after(() => issuer.stop());

    const browse = (user: string, service = 'keycloak2'): Promise<SignedIn> =>
      signInWithBrowser(on.service.url, on.service.account, service, issuer, user);
    const exchange = (
      parameters: Partial<SignedIn> & Readonly<Record<string, string>>,
      service: string | undefined = 'keycloak2',
      account = on.service.account,
    ): Promise<Answer> => exchangeCode(on.service.url, account, service, parameters);
    const authenticate = async (user: string, service = 'keycloak2'): Promise<Answer> =>
      exchange({ ...(await browse(user, service)) }, service);
    const isBare = (answer: Answer, status: number): void => {
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.text, '');
    };
    const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';
    const isRefused = async (answer: Answer, status: number, reason: string): Promise<void> => {
      isBare(answer, status);
      const record = await lastRecord();
      assert.ok(record.includes('failed to authenticate with authenticator authn-oidc'), record);
      assert.ok(record.includes(reason), record);
    };
    const timesOf = (answer: Answer): { readonly sub: string; readonly ttl: number } => {
      const { payload } = answer.json() as { payload: string };
      const { sub, exp, iat } = JSON.parse(Buffer.from(payload, 'base64').toString()) as {
        sub: string;
        exp: number;
        iat: number;
      };
      return { sub, ttl: exp - iat };
    };

    it('trades a code for an access token of 60 minutes that opens a secret, and records it', async () => {
      const answer = await authenticate('alice');
      assert.equal(answer.status, 200, `${answer.text} ${await lastRecord()}`);
      const { account } = on.service;
      assert.match(
        await lastRecord(),
        new RegExp(
          `${account}:user:alice successfully authenticated with authenticator authn-oidc service ${account}:webservice:conjur/authn-oidc/keycloak2`,
        ),
      );
      assert.deepEqual(timesOf(answer), { sub: 'alice', ttl: 3_600 });
      const alice = sessionOf(on.service, answer.text);
      assert.equal((await alice.send('GET', secretPath(on.service, 'test-variable'))).text, 'test-secret');
    });

    it('gives the token the life that token-ttl states', async () => {
      assert.deepEqual(timesOf(await authenticate('alice', 'long-lived')), { sub: 'alice', ttl: 7_200 });
    });

    it('gives no token more than five hours', async () => {
      await setSecret(admin, 'conjur/authn-oidc/long-lived/token-ttl', 'P1D');
      assert.equal(timesOf(await authenticate('alice', 'long-lived')).ttl, 18_000);
      await setSecret(admin, 'conjur/authn-oidc/long-lived/token-ttl', 'PT2H');
    });

    it('answers 401 while token-ttl is no duration', async () => {
      await setSecret(admin, 'conjur/authn-oidc/long-lived/token-ttl', 'two hours');
      await isRefused(await authenticate('alice', 'long-lived'), 401, 'CONJ00134E');
      await setSecret(admin, 'conjur/authn-oidc/long-lived/token-ttl', 'PT2H');
    });

    it('answers in base64 where the client lists that encoding', async () => {
      const parameters = { ...(await browse('alice')) };
      const answer = await exchangeCode(on.service.url, on.service.account, 'keycloak2', parameters, {
        headers: { 'accept-encoding': 'base64' },
      });
      assert.equal(answer.headers.get('content-encoding'), 'base64');
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
      assert.match(Buffer.from(answer.text, 'base64').toString(), /^\{"protected":/);
    });

    it('takes the URL with a slash before the query, and unknown parameters', async () => {
      const query = new URLSearchParams({ ...(await browse('alice')), state: 'kept by the client' });
      const path = `/authn-oidc/keycloak2/${on.service.account}/authenticate/?${query.toString()}`;
      assert.equal((await fetch(on.service.url + path)).status, 200);
    });

    it('maps another claim where claim-mapping names it', async () => {
      await setSecret(admin, 'conjur/authn-oidc/keycloak2/claim-mapping', 'email');
      assert.equal(timesOf(await authenticate('alice')).sub, 'alice@conjur.net');
      await setSecret(admin, 'conjur/authn-oidc/keycloak2/claim-mapping', 'preferred_username');
    });

    it('knows variables with underscores in their names by the same settings', async () => {
      const settings = {
        provider_uri: issuer.url,
        client_id: clientId,
        client_secret: clientSecret,
        claim_mapping: 'preferred_username',
        redirect_uri: redirectUri,
        token_ttl: 'PT2H',
      };
      for (const [name, value] of Object.entries(settings))
        await setSecret(admin, `conjur/authn-oidc/underscored/${name}`, value);
      assert.deepEqual(timesOf(await authenticate('alice', 'underscored')), { sub: 'alice', ttl: 7_200 });
    });

    it('lets in who is in a group that is in the group of users', async () => {
      assert.equal(timesOf(await authenticate('nested')).sub, 'bob.somebody');
    });

    const refusals: readonly (readonly [user: string, why: string, status: number, reason: string])[] = [
      ['stranger', 'a user whom policy does not know', 400, "CONJ00007E 'not_in_conjur' not found"],
      ['bob', 'a user without authenticate on the webservice', 403, 'CONJ00006E'],
      ['fenced', 'a user who may not come from here', 401, 'CONJ00003E'],
      ['admin', 'the administrator', 401, 'CONJ00017E'],
      ['userAdmin', 'the administrator by another spelling', 401, 'CONJ00017E'],
      ['kind', 'a claim that would name another kind of role', 400, 'CONJ00007E'],
      ['number', 'a claim that is no text', 400, 'CONJ00035E'],
    ];
    for (const [user, why, status, reason] of refusals) {
      it(`answers ${String(status)} to ${why}`, async () => {
        await isRefused(await authenticate(user), status, reason);
      });
    }

    it('answers 401 where the token has no such claim, and names the variable in the record', async () => {
      await setSecret(admin, 'conjur/authn-oidc/keycloak2/claim-mapping', 'non_existing_field');
      await isRefused(
        await authenticate('alice'),
        401,
        "CONJ00013E Claim 'non_existing_field' not found or empty in ID token. This claim is defined in the claim-mapping variable.",
      );
      await setSecret(admin, 'conjur/authn-oidc/keycloak2/claim-mapping', 'preferred_username');
    });

    it('answers 400 without a code, with an empty one, and where the sign-in brought none', async () => {
      for (const parameters of [
        { nonce: 'n' },
        { code: '', nonce: 'n' },
        { error: 'access_denied', nonce: 'n' },
      ])
        await isRefused(await exchange(parameters), 400, "CONJ00009E Field 'code' is missing or empty");
    });

    it('answers 400 without a nonce, and with an empty one', async () => {
      for (const parameters of [{ code: 'c' }, { code: 'c', nonce: '' }])
        await isRefused(await exchange(parameters), 400, "CONJ00009E Field 'nonce' is missing or empty");
    });

    it('answers 400 to a code that the issuer does not know, and to one that was used', async () => {
      const parameters = { ...(await browse('alice')) };
      await isRefused(await exchange({ ...parameters, code: 'bad-code' }), 400, 'CONJ00133E');
      assert.equal((await exchange(parameters)).status, 200);
      await isRefused(await exchange(parameters), 400, 'CONJ00133E');
    });

    it('answers 400 to another nonce than the one in the token', async () => {
      const parameters = { ...(await browse('alice')), nonce: 'of another sign-in' };
      await isRefused(await exchange(parameters), 400, 'CONJ00153E');
    });

    it('answers 400 to another code verifier, and to none where there was a challenge', async () => {
      const { code, nonce } = await browse('alice');
      await isRefused(await exchange({ code, nonce, code_verifier: 'f'.repeat(50) }), 400, 'CONJ00133E');
      const again = await browse('alice');
      await isRefused(await exchange({ code: again.code, nonce: again.nonce }), 400, 'CONJ00133E');
    });

    it('answers 400 where the issuer does not take the client secret', async () => {
      await setSecret(admin, 'conjur/authn-oidc/keycloak2/client-secret', 'wrong');
      await isRefused(await authenticate('alice'), 400, 'CONJ00133E');
      await configureCodeService(admin, 'keycloak2', issuer);
    });

    it('answers 400 to a service that is not enabled, and to a URL without one', async () => {
      const parameters = { ...(await browse('alice')) };
      await isRefused(
        await exchange(parameters, 'non-exist'),
        400,
        "CONJ00004E 'authn-oidc/non-exist' is not enabled",
      );
      await isRefused(await exchange(parameters, 'switched-off'), 400, 'CONJ00004E');
      const bare = await exchangeCode(on.service.url, on.service.account, undefined, parameters);
      await isRefused(bare, 400, "CONJ00004E 'authn-oidc' is not enabled");
    });

    it('answers 401 to an unknown account, and to an enabled service that is not in policy', async () => {
      await isRefused(await exchange({ code: 'c', nonce: 'n' }, 'keycloak2', 'none'), 401, 'CONJ00008E');
      await isRefused(await exchange({ code: 'c', nonce: 'n' }, 'undefined-service'), 401, 'CONJ00005E');
    });

    it('answers 401 to a service with a variable that is not declared, or has no value', async () => {
      await isRefused(await exchange({ code: 'c', nonce: 'n' }, 'half'), 401, 'CONJ00037E');
      await isRefused(await exchange({ code: 'c', nonce: 'n' }, 'unset'), 401, 'CONJ00037E');
    });

    it('follows a change of provider-uri at once, there and back', async () => {
      assert.equal((await authenticate('alice')).status, 200);
      const parameters = { ...(await browse('alice')) };
      for (const address of ['http://127.0.0.1:1', 'http://127.0.0.1.com/']) {
        await setSecret(admin, 'conjur/authn-oidc/keycloak2/provider-uri', address);
        await isRefused(await exchange(parameters), 401, 'CONJ00011E');
      }
      await setSecret(admin, 'conjur/authn-oidc/keycloak2/provider-uri', issuer.url);
      assert.equal((await exchange(parameters)).status, 200);
    });

    it('serves ID tokens beside codes on one service, chosen by the method', async () => {
      await configureCodeService(admin, 'both', issuer);
      await setSecret(admin, 'conjur/authn-oidc/both/id-token-user-property', 'preferred_username');
      const body = new URLSearchParams({ id_token: await issuer.idToken('alice') });
      const path = `/authn-oidc/both/${on.service.account}/authenticate`;
      assert.equal((await fetch(on.service.url + path, { method: 'POST', body })).status, 200);
      assert.equal((await authenticate('alice', 'both')).status, 200);
    });

    it('has no GET to authenticate with for the other authenticators', async () => {
      const { url, account } = on.service;
      for (const path of [`/authn/${account}/alice/authenticate`, `/authn-jwt/x/${account}/authenticate`])
        assert.equal((await fetch(url + path)).status, 404);
    });

    it('works with an issuer under a private authority once ca-cert has it', async () => {
      const secure = await startIssuer({ accounts, https: true, algorithms: ['RS256'] });
      try {
        await configureCodeService(admin, 'long-lived', secure, { 'ca-cert': secure.caCert ?? '' });
        const parameters = await signInWithBrowser(
          on.service.url,
          on.service.account,
          'long-lived',
          secure,
          'alice',
        );
        const answer = await exchange({ ...parameters }, 'long-lived');
        assert.equal(answer.status, 200, await lastRecord());
      } finally {
        await secure.stop();
      }
    });
  },
  { LATCHKEY_AUTHENTICATORS: `authn, ${enabled}` },
);
