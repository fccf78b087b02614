import assert from 'node:assert/strict';
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

const policy = `
- !user alice
- !user bob
- !user carol@conjur.net
- !user { id: fenced, restricted_to: 198.51.100.0/24 }
- !host apps/worker
- !group staff
- !policy { id: team, body: [ !user dora ] }
- !grant { role: !group staff, members: [ !user alice, !user fenced, !host apps/worker, !user carol@conjur.net, !user dora@team ] }
- !variable db
- !permit { role: !group staff, privileges: [ read, execute ], resource: !variable db }
- &service !policy
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
  - !group users
  - !permit { role: !group users, privileges: [ read, authenticate ], resource: !webservice "" }
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
- !grant { role: !group conjur/authn-oidc/mail/users, member: !group staff }
- !grant { role: !group conjur/authn-oidc/okta/operators, member: !user alice }
`;

const accounts = Object.fromEntries(
  Object.entries({
    alice: 'alice',
    bob: 'bob',
    admin: 'admin',
    stranger: 'not-in-latchkey',
    fenced: 'fenced',
    worker: 'host/apps/worker',
    dora: 'dora@team',
    group: 'group/staff',
    policyRole: 'policy/conjur/authn-oidc/okta',
    userAdmin: 'user/admin',
    empty: '',
    number: 42,
  }).map(([sub, username]) => [
    sub,
    { username, email: sub === 'alice' ? 'carol@conjur.net' : `${sub}@example.net` },
  ]),
);

describeOnStores(
  'authn-oidc by ID token',
  (on) => {
    let admin: Session;
    let issuer: Issuer;

    before(async () => {
      issuer = await startIssuer({ accounts });
      admin = await signIn(on.service);
      await load(admin, policy);
      await setSecret(admin, 'db', 'the secret');
      for (const service of ['okta', 'mail', 'switched']) {
        await setSecret(admin, `conjur/authn-oidc/${service}/provider-uri`, issuer.url);
        await setSecret(
          admin,
          `conjur/authn-oidc/${service}/id-token-user-property`,
          service === 'mail' ? 'email' : 'username',
        );
      }
      await setSecret(admin, 'conjur/authn-oidc/okta/audience', 'app');
    });
    after(() => issuer.stop());

    const url = (service: string, account = on.service.account): string =>
      `${on.service.url}/authn-oidc/${service}/${account}/authenticate`;
    const form = (token: string): RequestInit => ({ body: new URLSearchParams({ id_token: token }) });
    const authenticate = async (sub: string, service = 'okta'): Promise<Answer> =>
      send(url(service), 'POST', form(await issuer.idToken(sub)));
    const isBare = (answer: Answer, status: number): void => {
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.text, '');
    };
    const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';

    it('trades the ID token of a user for an access token that opens the secret', async () => {
      const answer = await authenticate('alice');
      assert.equal(answer.status, 200, answer.text);
      const alice = sessionOf(on.service, answer.text);
      assert.equal((await alice.send('GET', secretPath(on.service, 'db'))).text, 'the secret');
      const who = (await alice.send('GET', '/whoami')).json() as Record<string, unknown>;
      assert.equal(who['username'], 'alice');
      const { account } = on.service;
      assert.ok(
        (await on.service.auditLines()).some((line) =>
          line.includes(
            `${account}:user:alice successfully authenticated with authenticator authn-oidc service ${account}:webservice:conjur/authn-oidc/okta`,
          ),
        ),
      );
    });

    it('takes the token in the form, as the raw body and in the header, as it is and in base64', async () => {
      const token = await issuer.idToken('alice');
      const base64 = Buffer.from(token).toString('base64');
      const base64url = Buffer.from(token).toString('base64url');
      const forms: RequestInit[] = [
        form(token),
        form(base64),
        form(base64url),
        { body: `id_token=${base64}` },
        { body: `id_token=wrong&id_token=${token}` },
        { body: token },
        { body: `${token}\n` },
        { body: base64 },
        { headers: { authorization: `Bearer ${token}` } },
        { headers: { authorization: `Bearer ${base64}` } },
        { body: 'id_token=', headers: { authorization: `Bearer ${token}` } },
      ];
      for (const [index, init] of forms.entries()) {
        const answer = await send(url('okta'), 'POST', init);
        assert.equal(answer.status, 200, `form ${String(index)}: ${answer.text} ${await lastRecord()}`);
      }
    });

    for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA'] as const) {
      it(`takes a token signed with ${algorithm}`, async () => {
        const answer = await send(url('okta'), 'POST', form(await issuer.idToken('alice', { algorithm })));
        assert.equal(answer.status, 200, await lastRecord());
      });
    }

    it('signs in through an issuer with a private certificate authority once it is told of it', async () => {
      const secure = await startIssuer({ accounts, https: true });
      try {
        await load(
          admin,
          `
- !policy
  id: conjur/authn-oidc/secure
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !permit { role: !user /alice, privileges: [ read, authenticate ], resource: !webservice "" }
`,
        );
        await setSecret(admin, 'conjur/authn-oidc/secure/provider-uri', secure.url);
        await setSecret(admin, 'conjur/authn-oidc/secure/id-token-user-property', 'username');
        const token = await secure.idToken('alice');
        isBare(await send(url('secure'), 'POST', form(token)), 401);
        assert.match(await lastRecord(), /CONJ00011E/);
        await load(admin, '- !variable conjur/authn-oidc/secure/ca-cert');
        await setSecret(admin, 'conjur/authn-oidc/secure/ca-cert', secure.caCert ?? '');
        assert.equal((await send(url('secure'), 'POST', form(token))).status, 200, await lastRecord());
      } finally {
        await secure.stop();
        await load(admin, '- !delete { record: !policy conjur/authn-oidc/secure }', 'root', 'PATCH');
      }
    });

    it('prefers the body to the header', async () => {
      const token = await issuer.idToken('alice');
      isBare(
        await send(url('okta'), 'POST', { ...form('a.b.c'), headers: { authorization: `Bearer ${token}` } }),
        401,
      );
    });

    it('answers in base64 where the client lists that encoding', async () => {
      const init = { ...form(await issuer.idToken('alice')), headers: { 'accept-encoding': 'base64' } };
      const answer = await send(url('okta'), 'POST', init);
      assert.equal(answer.headers.get('content-encoding'), 'base64');
      const session = sessionOf(on.service, Buffer.from(answer.text, 'base64').toString());
      assert.equal((await session.send('GET', '/whoami')).status, 200);
    });

    it('maps host/… to a host, and a name with @ to a user of a nested policy', async () => {
      for (const [sub, username] of [
        ['worker', 'host/apps/worker'],
        ['dora', 'dora@team'],
      ] as const) {
        const answer = await authenticate(sub);
        assert.equal(answer.status, 200, answer.text);
        const who = (await sessionOf(on.service, answer.text).send('GET', '/whoami')).json() as Record<
          string,
          unknown
        >;
        assert.equal(who['username'], username);
      }
    });

    it('serves several services at once, each by its own claim', async () => {
      const answer = await authenticate('alice', 'mail');
      const who = (await sessionOf(on.service, answer.text).send('GET', '/whoami')).json() as Record<
        string,
        unknown
      >;
      assert.equal(who['username'], 'carol@conjur.net');
    });

    const refusals: readonly (readonly [sub: string, status: number, reason: string])[] = [
      ['bob', 403, "CONJ00006E 'bob' does not have 'authenticate' privilege"],
      ['stranger', 401, "CONJ00007E 'not-in-latchkey' not found"],
      ['admin', 401, 'CONJ00017E'],
      ['userAdmin', 401, 'CONJ000'],
      ['group', 401, 'CONJ000'],
      ['policyRole', 401, 'CONJ000'],
      ['fenced', 401, 'CONJ00003E'],
      ['empty', 401, 'CONJ00013E'],
      ['number', 401, 'CONJ000'],
    ];
    for (const [sub, status, reason] of refusals) {
      it(`refuses ${sub} with ${String(status)}, and records why`, async () => {
        isBare(await authenticate(sub), status);
        const record = await lastRecord();
        assert.ok(record.includes('failed to authenticate with authenticator authn-oidc'), record);
        assert.ok(record.includes(reason), record);
      });
    }

    it('refuses a claim that the token does not have', async () => {
      await setSecret(admin, 'conjur/authn-oidc/switched/id-token-user-property', 'no-such-claim');
      await admin.send('PATCH', `/authn-oidc/switched/${on.service.account}`, 'enabled=true');
      isBare(await authenticate('alice', 'switched'), 401);
      assert.match(await lastRecord(), /no-such-claim/);
      await admin.send('PATCH', `/authn-oidc/switched/${on.service.account}`, 'enabled=false');
    });

    it('answers 400 to a request without a token', async () => {
      for (const init of [
        {},
        { body: '' },
        { body: 'id_token=' },
        { body: 'other=1' },
        { headers: { authorization: 'Bearer' } },
      ]) {
        isBare(await send(url('okta'), 'POST', init), 400);
        assert.match(await lastRecord(), /CONJ00009E/);
      }
    });

    it('refuses what is not a token, and one that was made for another audience', async () => {
      isBare(await send(url('okta'), 'POST', form('not-a-token')), 401);
      isBare(await send(url('okta'), 'POST', form('a.b.c')), 401);
      isBare(
        await send(url('okta'), 'POST', form(await issuer.idToken('alice', { clientId: 'other' }))),
        401,
      );
    });

    it('tells an expired token apart, as Conjur does', async () => {
      const expired = await issuer.idToken('alice', { ageSeconds: 3_600 });
      const answer = await send(url('okta'), 'POST', form(expired));
      assert.equal(answer.status, 401);
      assert.deepEqual(answer.json(), {
        error: { code: 'unauthorized', message: 'CONJ00016E Token expired' },
      });
    });

    it('refuses an unknown account, service and webservice, and a service that is not named', async () => {
      const token = await issuer.idToken('alice');
      isBare(await send(url('okta', 'none'), 'POST', form(token)), 401);
      assert.match(await lastRecord(), /CONJ00008E/);
      isBare(await send(url('unknown'), 'POST', form(token)), 401);
      assert.match(await lastRecord(), /CONJ00004E/);
      isBare(await send(url('unmade'), 'POST', form(token)), 401);
      assert.match(await lastRecord(), /CONJ00005E/);
      isBare(
        await send(`${on.service.url}/authn-oidc/${on.service.account}/authenticate`, 'POST', form(token)),
        401,
      );
      assert.match(await lastRecord(), /CONJ00075E/);
    });

    it('refuses a service with a variable missing or without a value', async () => {
      const token = await issuer.idToken('alice');
      isBare(await send(url('half'), 'POST', form(token)), 401);
      assert.match(await lastRecord(), /CONJ00036E/);
      await load(admin, '- !variable conjur/authn-oidc/half/id-token-user-property');
      isBare(await send(url('half'), 'POST', form(token)), 401);
      assert.match(await lastRecord(), /CONJ00037E/);
    });

    it('has no route for a login in the URL', async () => {
      const token = await issuer.idToken('alice');
      const path = `${on.service.url}/authn-oidc/okta/${on.service.account}/alice/authenticate`;
      assert.equal((await send(path, 'POST', form(token))).status, 404);
    });

    it('follows a change of its variables at once', async () => {
      await setSecret(admin, 'conjur/authn-oidc/okta/provider-uri', 'http://127.0.0.1:1');
      isBare(await authenticate('alice'), 401);
      assert.match(await lastRecord(), /CONJ00011E/);
      await setSecret(admin, 'conjur/authn-oidc/okta/provider-uri', issuer.url);
      assert.equal((await authenticate('alice')).status, 200);
    });

    it('never writes a token to the audit', async () => {
      const token = await issuer.idToken('alice');
      await send(url('okta'), 'POST', form(token));
      const [, payload = '', signature = ''] = token.split('.');
      for (const line of await on.service.auditLines()) {
        assert.ok(!line.includes(payload) && !line.includes(signature));
      }
    });
  },
  {
    LATCHKEY_AUTHENTICATORS:
      'authn, authn-oidc/okta, authn-oidc/mail, authn-oidc/half, authn-oidc/unmade, authn-oidc/secure',
  },
);
