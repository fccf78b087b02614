/** The module of the OpenID Foundation's plan "Config OP", and those of the logout plans about metadata. */
import assert from 'node:assert/strict';
import { importJWK, type JWK } from 'jose';
import { describeOnStores } from '../../support/on-stores.ts';
import { OpenIdWorld, type Application } from '../../support/openid-world.ts';

type Document = Readonly<Record<string, unknown>>;

for (const dialect of ['Vault', 'Akeyless'] as const) {
  describeOnStores(
    `Config OP, at an issuer of ${dialect}’s dialect (oidcc-discovery-endpoint-verification)`,
    (on) => {
      let app: Application;
      let answer: Response;
      let document: Document;
      before(async () => {
        const world = await OpenIdWorld.of(on.service);
        app = await (dialect === 'Vault' ? world.vaultClient('rp') : world.akeylessApp('rp'));
        answer = await fetch(`${app.issuer}/.well-known/openid-configuration`);
        document = (await answer.json()) as Document;
      });
      const list = (name: string): readonly unknown[] => {
        const value = document[name];
        assert.ok(Array.isArray(value), name);
        return value as readonly unknown[];
      };

      it('is JSON at the address that follows from the issuer', () => {
        assert.equal(answer.status, 200);
        assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      });

      it('names the issuer to the letter, as a URL without query and fragment', () => {
        assert.equal(document['issuer'], app.issuer);
        assert.doesNotMatch(app.issuer, /[?#]|\/$/);
      });

      it('names the endpoints, all at the address of the service', () => {
        const names = Object.keys(document).filter((name) => /_(endpoint|uri)$/.test(name));
        for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri']) {
          assert.ok(names.includes(name), name);
        }
        for (const name of names) assert.equal(new URL(String(document[name])).origin, on.service.url, name);
      });

      it('states the code flow, public subjects, RS256 and openid', () => {
        assert.ok(list('response_types_supported').includes('code'));
        assert.deepEqual(list('subject_types_supported'), ['public']);
        assert.ok(list('id_token_signing_alg_values_supported').includes('RS256'));
        assert.ok(!list('id_token_signing_alg_values_supported').includes('none'));
        assert.ok(list('scopes_supported').includes('openid'));
        for (const scope of list('scopes_supported'))
          assert.match(String(scope), /^[\x21\x23-\x5b\x5d-\x7e]+$/);
      });

      it('states the grants, ways to authenticate and challenges that there are', () => {
        for (const grant of ['authorization_code', 'refresh_token'])
          assert.ok(list('grant_types_supported').includes(grant));
        const methods = list('token_endpoint_auth_methods_supported');
        for (const method of ['client_secret_basic', 'client_secret_post', 'none'])
          assert.ok(methods.includes(method));
        assert.ok(list('code_challenge_methods_supported').includes('S256'));
      });

      it('states that it takes no request objects', () => {
        assert.equal(document['request_parameter_supported'], false);
        assert.equal(document['request_uri_parameter_supported'], false);
      });

      it('has a claims_supported, and nothing that is null', () => {
        list('claims_supported');
        for (const [name, value] of Object.entries(document)) assert.ok(value !== null && value !== '', name);
      });

      it('publishes keys that differ by their ids, are public, and can be used', async () => {
        const { keys } = (await (await fetch(String(document['jwks_uri']))).json()) as {
          readonly keys: readonly JWK[];
        };
        assert.ok(keys.length > 0);
        assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length);
        for (const key of keys) {
          assert.deepEqual([key.use, typeof key.alg, key.d, key.k], ['sig', 'string', undefined, undefined]);
          await importJWK(key, key.alg);
        }
      });

      it('oidcc-rp-initiated-logout-discovery-endpoint-verification: names where to sign out', () => {
        assert.ok(URL.canParse(String(document['end_session_endpoint'])));
      });
    },
  );
}

describeOnStores('back-channel logout', (on) => {
  for (const dialect of ['Vault', 'Akeyless']) {
    it(`oidcc-backchannel-logout-discovery-endpoint-verification: is stated, with sessions, at an issuer of ${dialect}’s dialect`, async () => {
      const world = await OpenIdWorld.of(on.service);
      const { metadata } = await (dialect === 'Vault' ? world.vaultClient('rp') : world.akeylessApp('rp'));
      assert.equal(metadata['backchannel_logout_supported'], true);
      assert.equal(metadata['backchannel_logout_session_supported'], true);
    });
  }
});
