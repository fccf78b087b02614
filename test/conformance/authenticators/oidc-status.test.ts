/** The status of authenticators: of authn-oidc by its two flows, and what all kinds share. */
import assert from 'node:assert/strict';
import { load, send, sessionOf, setSecret, signIn, type Answer, type Session } from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { codeServicePolicy, configureCodeService } from '../../support/oidc-code.ts';
import { describeOnStores } from '../../support/on-stores.ts';

function servicePolicy(name: string, records: readonly string[]): string {
  return `
- !policy
  id: conjur/authn-oidc${name === '' ? '' : `/${name}`}
  body:
${records.map((record) => `  - ${record}`).join('\n')}
  - !group managers
  - !permit { role: !group managers, privilege: [ read ], resource: !webservice status }
- !grant { role: !group conjur/authn-oidc${name === '' ? '' : `/${name}`}/managers, member: !user alice }
`;
}

const [main, status] = ['!webservice', '!webservice status'];
const [uri, claim] = ['!variable provider-uri', '!variable id-token-user-property'];
const policy = `
- !user alice
- !user bob
${servicePolicy('good', [main, status, uri, claim])}
${servicePolicy('no-uri', [main, status, claim])}
${servicePolicy('no-claim', [main, status, uri])}
${servicePolicy('unset', [main, status, uri, claim])}
${servicePolicy('no-main', [status, uri, claim])}
${servicePolicy('off', [main, status, uri, claim])}
${servicePolicy('', [main, status, uri, claim])}
- !policy { id: conjur/authn-oidc/no-status, body: [ !webservice "", !variable provider-uri ] }
${codeServicePolicy('codes')}
${codeServicePolicy('codes-unset')}
- !grant { role: !group conjur/authn-oidc/codes/managers, member: !user alice }
- !grant { role: !group conjur/authn-oidc/codes-unset/managers, member: !user alice }
- !policy
  id: conjur/authn-oidc/codes-half
  body:
  - !webservice
  - !webservice status
  - !variable provider-uri
  - !variable client-id
  - !permit { role: !user /alice, privilege: read, resource: !webservice status }
`;
const services = [
  'good',
  'no-uri',
  'no-claim',
  'unset',
  'no-main',
  'no-status',
  'codes',
  'codes-unset',
  'codes-half',
];

describeOnStores(
  'the status of an authenticator',
  (on) => {
    let issuer: Issuer;
    let admin: Session;
    let alice: Session;
    let bob: Session;

    before(async () => {
      issuer = await startIssuer({ algorithms: ['RS256'] });
      admin = await signIn(on.service);
      const { created_roles: roles } = await load(admin, policy);
      const keyOf = (name: string): string => roles[`${on.service.account}:user:${name}`]?.api_key ?? '';
      alice = await signIn(on.service, 'alice', keyOf('alice'));
      bob = await signIn(on.service, 'bob', keyOf('bob'));
      for (const name of ['good', 'no-claim'])
        await setSecret(admin, `conjur/authn-oidc/${name}/provider-uri`, issuer.url);
      for (const name of ['good', 'no-uri'])
        await setSecret(admin, `conjur/authn-oidc/${name}/id-token-user-property`, 'preferred_username');
      await configureCodeService(admin, 'codes', issuer);
    });
    after(() => issuer.stop());

    const ask = (authenticator: string, session = alice, account = on.service.account): Promise<Answer> =>
      session.send('GET', `/${authenticator}/${account}/status`);
    const isWrong = async (answer: Answer, code: number, error: string): Promise<void> => {
      assert.equal(answer.status, code, answer.text);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      const body = answer.json() as { status: string; error: string };
      assert.equal(body.status, 'error');
      assert.ok(body.error.startsWith('#<Errors::'), body.error);
      assert.ok(body.error.includes(error), body.error);
    };

    it('is ok for a service that takes ID tokens and is configured', async () => {
      const answer = await ask('authn-oidc/good');
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      assert.equal((answer.json() as Record<string, unknown>)['status'], 'ok');
      assert.match(
        (await on.service.auditLines()).at(-1) ?? '',
        /acct:user:alice successfully validated status for authenticator authn-oidc service acct:webservice:conjur\/authn-oidc\/good/,
      );
    });

    it('is ok for a service that takes codes and is configured', async () => {
      const answer = await ask('authn-oidc/codes');
      assert.equal(answer.text, '{"status":"ok"}');
    });

    it('is 500 while the issuer does not answer', async () => {
      for (const [name, address] of [
        ['good', 'https://127.0.0.1:1'],
        ['codes', 'https://127.0.0.1:1'],
      ] as const) {
        await setSecret(admin, `conjur/authn-oidc/${name}/provider-uri`, address);
        await isWrong(await ask(`authn-oidc/${name}`), 500, 'ProviderDiscoveryFailed: CONJ00011E');
        await setSecret(admin, `conjur/authn-oidc/${name}/provider-uri`, issuer.url);
        assert.equal((await ask(`authn-oidc/${name}`)).status, 200);
      }
    });

    it('is 500 while the keys of the issuer cannot be had, also where they are remembered', async () => {
      assert.equal((await ask('authn-oidc/good')).status, 200);
      await issuer.stop();
      await isWrong(await ask('authn-oidc/good'), 500, 'CONJ00011E');
      await issuer.restart();
      assert.equal((await ask('authn-oidc/good')).status, 200);
    });

    it('is 500 where provider-uri is not declared', async () => {
      await isWrong(await ask('authn-oidc/no-uri'), 500, 'RequiredResourceMissing: CONJ00036E');
    });

    it('is 500 where id-token-user-property is not declared', async () => {
      await isWrong(await ask('authn-oidc/no-claim'), 500, 'RequiredResourceMissing: CONJ00036E');
    });

    it('is 500 where a variable has no value', async () => {
      await isWrong(await ask('authn-oidc/unset'), 500, 'RequiredSecretMissing: CONJ00037E');
      await isWrong(await ask('authn-oidc/codes-unset'), 500, 'RequiredSecretMissing: CONJ00037E');
    });

    it('is 500 where client-id is declared, but not all else that codes take', async () => {
      await isWrong(await ask('authn-oidc/codes-half'), 500, 'RequiredResourceMissing: CONJ00036E');
    });

    it('is 500 where token-ttl is no duration', async () => {
      await setSecret(admin, 'conjur/authn-oidc/codes/token-ttl', 'soon');
      await isWrong(await ask('authn-oidc/codes'), 500, 'InvalidTokenTTL: CONJ00134E');
      await setSecret(admin, 'conjur/authn-oidc/codes/token-ttl', 'PT1H');
    });

    it('is 500 for an authn-oidc without a service', async () => {
      await isWrong(await ask('authn-oidc'), 500, 'Errors::Authentication::AuthnOidc::ServiceIdMissing');
    });

    it('is 403 to who has no read on the status webservice', async () => {
      await isWrong(
        await ask('authn-oidc/good', bob),
        403,
        "RoleNotAuthorizedOnResource: CONJ00006E 'bob' does not have 'read' privilege on acct:webservice:conjur/authn-oidc/good/status",
      );
    });

    it('is 501 for kinds that have no check', async () => {
      for (const kind of ['authn-ldap/test', 'authn-iam/test', 'authn'])
        await isWrong(await ask(kind), 501, 'StatusNotSupported: CONJ00056E');
    });

    it('is 404 for a kind that does not exist', async () => {
      await isWrong(await ask('authn-nonexist/test'), 404, 'AuthenticatorNotSupported: CONJ00001E');
    });

    it('is 404 where the status webservice is not in policy', async () => {
      await isWrong(
        await ask('authn-oidc/no-status'),
        404,
        "WebserviceNotFound: CONJ00005E Webservice 'authn-oidc/no-status/status' not found",
      );
    });

    it('is 404 where the webservice itself is not in policy', async () => {
      await isWrong(
        await ask('authn-oidc/no-main'),
        404,
        "WebserviceNotFound: CONJ00005E Webservice 'authn-oidc/no-main' not found",
      );
    });

    it('is 500 for an unknown account', async () => {
      await isWrong(
        await ask('authn-oidc/good', alice, 'non-existing'),
        500,
        'AccountNotDefined: CONJ00008E',
      );
    });

    it('is 500 where the service is not enabled', async () => {
      await isWrong(await ask('authn-oidc/off'), 500, 'AuthenticatorNotWhitelisted: CONJ00004E');
    });

    it('is 401 without a token', async () => {
      const url = `${on.service.url}/authn-oidc/good/${on.service.account}/status`;
      assert.equal((await send(url, 'GET')).status, 401);
    });

    it('is 500 to a role that is gone', async () => {
      const { created_roles: roles } = await load(admin, '- !user gone');
      const gone = await signIn(on.service, 'gone', roles[`${on.service.account}:user:gone`]?.api_key ?? '');
      await load(admin, '- !delete { record: !user gone }', 'root', 'PATCH');
      await isWrong(
        await ask('authn-oidc/good', sessionOf(on.service, gone.token)),
        500,
        'RoleNotFound: CONJ00007E',
      );
    });
  },
  {
    LATCHKEY_AUTHENTICATORS: ['authn', 'authn-oidc', ...services.map((name) => `authn-oidc/${name}`)].join(
      ',',
    ),
  },
);
