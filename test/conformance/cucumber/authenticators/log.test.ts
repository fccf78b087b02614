/** What the debug log tells of refusals, by Conjur's names, where scenarios look for them. */
import assert from 'node:assert/strict';
import { createLog } from '../../../../src/log.ts';
import { load, send, setSecret, signIn } from '../../../support/client.ts';
import { startIssuer, type Issuer } from '../../../support/issuer.ts';
import { codeServicePolicy, configureCodeService, exchangeCode } from '../../../support/oidc-code.ts';
import { startTestService, type TestService } from '../../../support/service.ts';

const policy = `
- !user alice
${codeServicePolicy('keycloak2')}
- !policy
  id: conjur/authn-jwt/raw
  body: [ !webservice "", !webservice status, !variable jwks-uri ]
`;

describe('the debug log of refused authentications', () => {
  const lines: string[] = [];
  let service: TestService;
  let issuer: Issuer;
  before(async () => {
    const log = createLog('debug', { write: (line: string) => lines.push(line) });
    service = await startTestService({ LATCHKEY_AUTHENTICATORS: 'authn,authn-oidc/keycloak2' }, log);
    issuer = await startIssuer({ accounts: { alice: { preferred_username: 'alice' } } });
    const admin = await signIn(service);
    await load(admin, policy);
    await configureCodeService(admin, 'keycloak2', issuer);
    await setSecret(admin, 'conjur/authn-jwt/raw/jwks-uri', 'http://127.0.0.1:1/keys');
  });
  beforeEach(() => {
    lines.length = 0;
  });
  after(async () => {
    await issuer.stop();
    await service.stop();
  });

  const named = (): readonly unknown[] =>
    lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['conjur']).filter(Boolean);
  const isRefused = async (
    parameters: Readonly<Record<string, string>>,
    name: string | RegExp,
    serviceId = 'keycloak2',
  ): Promise<void> => {
    const answer = await exchangeCode(service.url, service.account, serviceId, parameters);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.text, '');
    assert.equal(answer.headers.get('content-type'), null);
    const told = named().join();
    if (typeof name === 'string') assert.equal(told, name);
    else assert.match(told, name);
  };

  it('names a code that is missing or empty', async () => {
    const name =
      "#<Errors::Authentication::RequestBody::MissingRequestParam: CONJ00009E Field 'code' is missing or empty in request body>";
    await isRefused({ nonce: 'x' }, name);
    lines.length = 0;
    await isRefused({ code: '', nonce: 'x' }, name);
  });

  it('names a code that the provider does not know', async () => {
    await isRefused(
      { code: 'bad-code', nonce: 'x', code_verifier: 'y' },
      /^#<Errors::Authentication::AuthnOidc::TokenRetrievalFailed: CONJ00133E .*>$/,
    );
  });

  it('names a service for codes that is not enabled', async () => {
    await isRefused(
      { code: 'x', nonce: 'x' },
      "#<Errors::Authentication::Security::AuthenticatorNotWhitelisted: CONJ00004E 'authn-oidc/non-exist' is not enabled>",
      'non-exist',
    );
  });

  it('names a service for JWTs that is not enabled, in the form that a status answer has', async () => {
    const body = new URLSearchParams({ jwt: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln' });
    const answer = await send(`${service.url}/authn-jwt/raw/${service.account}/authenticate`, 'POST', {
      body,
    });
    assert.equal(answer.status, 401);
    assert.deepEqual(named(), [
      "#<Errors::Authentication::Security::AuthenticatorNotWhitelisted: CONJ00004E 'authn-jwt/raw' is not enabled>",
    ]);
  });

  it('names what a status answer tells', async () => {
    const admin = await signIn(service);
    lines.length = 0;
    const answer = await admin.send('GET', `/authn-jwt/raw/${service.account}/status`);
    assert.equal(answer.status, 500);
    assert.deepEqual(named(), [(answer.json() as { readonly error: string }).error]);
  });
});
