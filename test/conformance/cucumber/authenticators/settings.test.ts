/** Variables that policy declares and nobody has set, as scenarios have them. */
import assert from 'node:assert/strict';
import { load, send, setSecret, signIn } from '../../../support/client.ts';
import { startIssuer, type Issuer } from '../../../support/issuer.ts';
import { openJwtStage, type JwtStage } from '../../../support/jwt-stage.ts';
import { describeOnStores } from '../../../support/on-stores.ts';

describeOnStores('authn-jwt: settings of which some have no value', (on) => {
  let stage: JwtStage;
  before(async () => {
    stage = await openJwtStage(on);
  });
  after(() => stage.stop());

  const unset = { 'token-app-property': undefined, audience: undefined, 'enforced-claims': undefined };

  it('tells a fault of the sources of keys before a variable without a value (8694, 8696)', async () => {
    const both = 'jwks-uri and provider-uri cannot be defined simultaneously';
    const cases: readonly [string, Readonly<Record<string, string>>, string][] = [
      ['two-sources', { 'jwks-uri': 'x', 'provider-uri': 'y' }, both],
      ['no-source', {}, 'One of the following must be defined: jwks-uri, public-keys, or provider-uri'],
    ];
    for (const [service, variables, fault] of cases) {
      await stage.define(service, { variables: { ...unset, ...variables } });
      const reason = `CONJ00122E Invalid signing key settings: ${fault}`;
      await stage.refused(await stage.authenticate(service), service, reason);
    }
  });

  it('still refuses each of them once the sources are right', async () => {
    for (const name of ['audience', 'algorithms', 'enforced-claims', 'claim-aliases', 'token-app-property']) {
      const service = `unset-${name}`;
      await stage.define(service, { variables: { 'jwks-uri': stage.jwksUri, [name]: undefined } });
      const reason = `CONJ00037E Missing value for resource: acct:variable:conjur/authn-jwt/${service}/${name}`;
      await stage.refused(await stage.authenticate(service), service, reason);
    }
    const variables = { 'jwks-uri': stage.jwksUri, 'token-app-property': 'host', 'identity-path': undefined };
    await stage.define('unset-path', { variables });
    const path = 'acct:variable:conjur/authn-jwt/unset-path/identity-path';
    const reason = `CONJ00037E Missing value for resource: ${path}`;
    await stage.refused(await stage.authenticate('unset-path'), 'unset-path', reason);
  });
});

describeOnStores(
  'authn-oidc by ID token: a ca-cert that is declared without a value',
  (on) => {
    let issuer: Issuer;
    before(async () => {
      issuer = await startIssuer({ accounts: { alice: { preferred_username: 'alice' } } });
      const admin = await signIn(on.service);
      await load(
        admin,
        `
- !user alice
- !policy
  id: conjur/authn-oidc/keycloak
  body:
  - !webservice
  - !webservice status
  - !variable provider-uri
  - !variable id-token-user-property
  - !variable ca-cert
  - !permit { role: !user /alice, privileges: [ read, authenticate ], resource: !webservice "" }
`,
      );
      await setSecret(admin, 'conjur/authn-oidc/keycloak/provider-uri', issuer.url);
      await setSecret(admin, 'conjur/authn-oidc/keycloak/id-token-user-property', 'preferred_username');
    });
    after(() => issuer.stop());

    it("means the system's trust store, for tokens and for the status", async () => {
      const { url, account } = on.service;
      const body = new URLSearchParams({ id_token: await issuer.idToken('alice') });
      const answer = await send(`${url}/authn-oidc/keycloak/${account}/authenticate`, 'POST', { body });
      assert.equal(answer.status, 200, answer.text);
      const status = await (await signIn(on.service)).send('GET', `/authn-oidc/keycloak/${account}/status`);
      assert.equal(status.status, 200, status.text);
    });
  },
  { LATCHKEY_AUTHENTICATORS: 'authn,authn-oidc/keycloak' },
);
