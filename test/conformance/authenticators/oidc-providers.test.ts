/** The list of issuers to sign in at with a browser. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { load, send, setSecret, signIn, type Session } from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import {
  clientId,
  codeServicePolicy,
  configureCodeService,
  listedProviders,
} from '../../support/oidc-code.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { redirectUri } from '../../support/sign-in.ts';

const policy = `
${['oidceast', 'okta-west', 'unset', 'unreachable'].map(codeServicePolicy).join('')}
- !policy
  id: conjur/authn-oidc/tokens-only
  body: [ !webservice "", !variable provider-uri, !variable id-token-user-property ]
- !policy
  id: conjur/authn-oidc/half
  body: [ !webservice "", !variable provider-uri, !variable client-id ]
- !policy
  id: conjur/authn-oidc/no-webservice
  body: [ !variable provider-uri, !variable client-id ]
`;

describeOnStores('the list of providers of authn-oidc', (on) => {
  let admin: Session;
  let issuer: Issuer;

  before(async () => {
    issuer = await startIssuer({ algorithms: ['RS256'] });
    admin = await signIn(on.service);
    await load(admin, policy);
    await configureCodeService(admin, 'oidceast', issuer, {
      name: 'The East',
      'provider-scope': 'groups email offline_access',
    });
    await configureCodeService(admin, 'okta-west', issuer);
    await configureCodeService(admin, 'unreachable', issuer, { 'provider-uri': 'http://127.0.0.1:1' });
    await setSecret(admin, 'conjur/authn-oidc/tokens-only/provider-uri', issuer.url);
    await setSecret(admin, 'conjur/authn-oidc/tokens-only/id-token-user-property', 'sub');
  });
  after(() => issuer.stop());

  const list = (account = on.service.account): ReturnType<typeof listedProviders> =>
    listedProviders(on.service.url, account);

  it('has those that take codes and whose issuer answers, by service id, and leaves out the others', async () => {
    const answer = await send(`${on.service.url}/authn-oidc/${on.service.account}/providers`, 'GET');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    assert.deepEqual(
      (await list()).map(({ service_id: id, type, name }) => [id, type, name]),
      [
        ['oidceast', 'authn-oidc', 'The East'],
        ['okta-west', 'authn-oidc', 'Okta West'],
      ],
    );
  });

  it('has exactly the members that clients read', async () => {
    const [provider] = await list();
    assert.deepEqual(Object.keys(provider ?? {}), [
      'service_id',
      'type',
      'name',
      'nonce',
      'code_verifier',
      'redirect_uri',
    ]);
  });

  it('makes a nonce and a code verifier anew each time', async () => {
    const drawn = [...(await list()), ...(await list())].flatMap((provider) => [
      provider.nonce,
      provider.code_verifier,
    ]);
    for (const text of drawn) assert.match(text, /^[0-9a-f]{50}$/);
    assert.equal(new Set(drawn).size, 8);
  });

  it('sends the browser to the issuer with all that it needs but the state, in this order', async () => {
    const [provider] = await list();
    assert.ok(provider !== undefined);
    const challenge = createHash('sha256').update(provider.code_verifier).digest('base64url');
    assert.equal(
      provider.redirect_uri,
      `${issuer.url}/auth?client_id=${clientId}&response_type=code` +
        `&scope=openid%20email%20profile%20groups%20offline_access&nonce=${provider.nonce}` +
        `&code_challenge=${challenge}&code_challenge_method=S256&redirect_uri=${encodeURIComponent(redirectUri)}`,
    );
  });

  it('follows changes of the variables', async () => {
    await setSecret(admin, 'conjur/authn-oidc/okta-west/response-type', 'code id_token');
    await setSecret(admin, 'conjur/authn-oidc/okta-west/name', 'West');
    const provider = (await list()).find(({ service_id: id }) => id === 'okta-west');
    assert.equal(provider?.name, 'West');
    assert.match(provider.redirect_uri, /&response_type=code%20id_token&/);
  });

  it('needs no token, and ignores a bad one', async () => {
    const headers = { authorization: 'Token token="rubbish"' };
    const path = `/authn-oidc/${on.service.account}/providers`;
    assert.equal((await send(on.service.url + path, 'GET', { headers })).status, 200);
    assert.equal((await send(`${on.service.url}${path}/`, 'GET')).status, 200);
    assert.equal((await send(on.service.url + path, 'HEAD')).status, 200);
  });

  it('is empty for an unknown account, and for other kinds of authenticator', async () => {
    assert.deepEqual(await list('none'), []);
    const answer = await send(`${on.service.url}/authn-jwt/${on.service.account}/providers`, 'GET');
    assert.equal(answer.text, '[]');
  });
});
