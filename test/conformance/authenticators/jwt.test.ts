/** authn-jwt: requests, enablement, privileges, the standard claims (Conjur's scenarios by their ids). */
import assert from 'node:assert/strict';
import { load, secretPath, send, sessionOf } from '../../support/client.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores(
  'authn-jwt',
  (on) => {
    let stage: JwtStage;
    before(async () => {
      stage = await openJwtStage(on);
      await stage.define('raw', {
        policy: `
- !variable db
- !permit { role: !host app-raw, privileges: [ read, execute ], resource: !variable db }`,
      });
      await stage.admin.send('POST', secretPath(on.service, 'db'), 'the secret');
    });
    after(() => stage.stop());

    describe('requests', () => {
      it('trades a token for an access token that opens a secret, and says so in the audit', async () => {
        const answer = await stage.authenticate('raw');
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
        const host = sessionOf(on.service, answer.text);
        assert.equal((await host.send('GET', secretPath(on.service, 'db'))).text, 'the secret');
        const lines = await on.service.auditLines();
        assert.match(
          lines.find((line) => line.includes('acct:host:app-raw successfully')) ?? '',
          /acct:host:app-raw successfully authenticated with authenticator authn-jwt service acct:webservice:conjur\/authn-jwt\/raw$/,
        );
      });

      it('answers base64 where that is accepted', async () => {
        const answer = await send(`${on.service.url}/authn-jwt/raw/acct/authenticate`, 'POST', {
          body: new URLSearchParams({ jwt: stage.token('raw') }),
          headers: { 'accept-encoding': 'base64' },
        });
        assert.equal(answer.status, 200);
        assert.ok('payload' in (JSON.parse(Buffer.from(answer.text, 'base64').toString()) as object));
      });

      it('takes the last of several fields, with a line break at its end, whatever the type says', async () => {
        for (const body of [
          `jwt=${stage.token('raw')}`,
          `jwt=x&jwt=${stage.token('raw')}`,
          `jwt=${stage.token('raw')}%0A`,
          `other=1&jwt=${stage.token('raw')}`,
        ]) {
          const url = `${on.service.url}/authn-jwt/raw/acct/authenticate`;
          const headers = { 'content-type': 'text/plain' };
          assert.equal((await send(url, 'POST', { body, headers })).status, 200, body.slice(0, 8));
        }
      });

      it('is 400 without a token (8594)', async () => {
        const reason = "CONJ00009E Field 'jwt' is missing or empty in request body";
        await stage.refused(await stage.post('raw/acct', {}), 'raw', reason, 400);
        await stage.refused(await stage.post('raw/acct', { jwt: '' }), 'raw', reason, 400);
        await stage.refused(
          await stage.post('raw/acct', { id_token: stage.token('raw') }),
          'raw',
          reason,
          400,
        );
      });

      it('is 401 for what is not a token (8594)', async () => {
        const reason = 'CONJ00077E The request body does not contain JWT token';
        for (const jwt of ['not-token-string', ' ', 'a.b', 'a.b.', '..', `${stage.token('raw')}.x`])
          await stage.refused(await stage.post('raw/acct', { jwt }), 'raw', reason);
      });

      it('is 401 for an empty payload (8594)', async () => {
        const empty = { iss: undefined, host: undefined, project: undefined, iat: undefined, exp: undefined };
        await stage.refused(
          await stage.authenticate('raw', empty),
          'raw',
          'CONJ00085E Token is empty or not found.',
        );
      });

      it('has a limit for the size of a body and of a token', async () => {
        const tooLarge = await stage.post('raw/acct', { jwt: 'x'.repeat(65 * 1_024) });
        assert.equal(tooLarge.status, 413);
        const padded = await stage.authenticate('raw', { padding: 'x'.repeat(20 * 1_024) });
        await stage.refused(padded, 'raw', 'CONJ00035E');
      });

      it('tolerates a slash at the end and knows no GET', async () => {
        const body = new URLSearchParams({ jwt: stage.token('raw') });
        assert.equal(
          (await send(`${on.service.url}/authn-jwt/raw/acct/authenticate/`, 'POST', { body })).status,
          200,
        );
        assert.equal((await send(`${on.service.url}/authn-jwt/raw/acct/authenticate`, 'GET')).status, 404);
      });
    });

    describe('services, accounts and privileges', () => {
      it('is 401 for a service that is not enabled, and audits it (8598, 8579)', async () => {
        const answer = await stage.post('non-existing/acct', { jwt: stage.token('raw') });
        await stage.refused(answer, 'non-existing', "CONJ00004E 'authn-jwt/non-existing' is not enabled");
        const line = await stage.record('non-existing');
        assert.ok(
          line.includes('acct:user:USERNAME_MISSING failed to authenticate with authenticator authn-jwt'),
        );
      });

      it('is 401 for an unknown account', async () => {
        const answer = await stage.post('raw/nowhere', { jwt: stage.token('raw') });
        await stage.refused(answer, 'nowhere', 'CONJ00008E');
      });

      it('is 401 where the webservice is not in policy (8600)', async () => {
        const answer = await stage.post('undefined/acct', { jwt: stage.token('raw') });
        await stage.refused(answer, 'undefined', "CONJ00005E Webservice 'authn-jwt/undefined' not found");
      });

      it('is 401 where configuration enables authn-jwt without a service', async () => {
        await load(stage.admin, '- !policy { id: conjur/authn-jwt, body: [ !webservice ] }');
        assert.equal((await stage.post('acct', { jwt: stage.token('raw') })).status, 401);
        assert.ok(
          ((await on.service.auditLines()).at(-1) ?? '').includes(': CONJ00097E Service ID is required'),
        );
      });

      it('is 403 for a host that may only read (8601)', async () => {
        await stage.define('read-only', { privileges: 'read' });
        await stage.refused(
          await stage.authenticate('read-only'),
          'read-only',
          "CONJ00006E 'host/app-read-only' does not have 'authenticate' privilege on acct:webservice:conjur/authn-jwt/read-only",
          403,
        );
      });

      it('is 401 from an address that the host is not restricted to', async () => {
        await stage.define('fenced', {
          policy: `
- !host { id: outside, restricted_to: 198.51.100.0/24, annotations: { authn-jwt/fenced/project: blue } }
- !grant { role: !group conjur/authn-jwt/fenced/hosts, member: !host outside }`,
        });
        await stage.refused(await stage.authenticate('fenced', { host: 'outside' }), 'fenced', 'CONJ00003E');
      });
    });

    describe('standard claims', () => {
      const missing = (claim: string): string =>
        `CONJ00091E Failed to validate token: mandatory claim '${claim}' is missing.`;

      it('demands iss (CONJSE-1920)', async () => {
        await stage.refused(await stage.authenticate('raw', { iss: undefined }), 'raw', missing('iss'));
        await stage.define('with-issuer', {
          variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'host', issuer: 'http://jwks' },
        });
        await stage.refused(
          await stage.authenticate('with-issuer', { iss: undefined }),
          'with-issuer',
          missing('iss'),
        );
      });

      it('tells of an expired token in the body (8714)', async () => {
        const answer = await stage.authenticate('raw', { exp: 0 });
        assert.equal(answer.status, 401);
        assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
        assert.deepEqual(answer.json(), {
          error: { code: 'unauthorized', message: 'CONJ00016E Token expired' },
        });
        assert.ok((await stage.record('raw')).includes(': CONJ00016E Token expired'));
      });

      it('says of an expired token of another issuer that it expired', async () => {
        const answer = await stage.authenticate('raw', { exp: 1, iss: 'elsewhere' });
        assert.match(answer.text, /CONJ00016E/);
      });

      it('demands exp (8711)', async () => {
        await stage.refused(await stage.authenticate('raw', { exp: undefined }), 'raw', missing('exp'));
      });

      it('refuses iat and nbf in the future (8715, 8716), and what is no number', async () => {
        for (const claims of [{ iat: 7_624_377_528 }, { nbf: 7_624_377_528 }, { iat: 'now' }, { nbf: 'now' }])
          await stage.refused(await stage.authenticate('raw', claims), 'raw', 'CONJ00035E');
      });

      it('refuses a declared issuer without a value, with and without iss (8718, 8719)', async () => {
        await stage.define('unset-issuer', {
          variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'host', issuer: undefined },
        });
        const reason =
          'CONJ00037E Missing value for resource: acct:variable:conjur/authn-jwt/unset-issuer/issuer';
        for (const iss of ['127.0.0.1', undefined])
          await stage.refused(await stage.authenticate('unset-issuer', { iss }), 'unset-issuer', reason);
      });

      it('accepts the issuer that is set, and no other (8728)', async () => {
        await stage.set('with-issuer', { issuer: 'http://jwks' });
        assert.equal((await stage.authenticate('with-issuer', { iss: 'http://jwks' })).status, 200);
        for (const iss of ['http://jwks/', '127.0.0.1', ['http://jwks']])
          await stage.refused(await stage.authenticate('with-issuer', { iss }), 'with-issuer', 'CONJ00035E');
      });

      it('expects the host name of jwks-uri as issuer by default', async () => {
        await stage.refused(await stage.authenticate('raw', { iss: stage.issuer.url }), 'raw', 'CONJ00035E');
      });

      it('demands the audience that is set (11154, 11156, 11158)', async () => {
        await stage.define('with-audience', {
          variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'host', audience: 'valid-audience' },
        });
        const service = 'with-audience';
        await stage.refused(await stage.authenticate(service, { other: 'claim' }), service, missing('aud'));
        await stage.refused(await stage.authenticate(service, { aud: 'invalid' }), service, 'CONJ00035E');
        for (const aud of ['valid-audience', ['value1', 'valid-audience', 'value2']])
          assert.equal((await stage.authenticate(service, { aud })).status, 200);
        const delegated = { aud: ['account', 'valid-audience'], azp: 'my-client' };
        assert.equal((await stage.authenticate(service, delegated)).status, 200);
      });
    });
  },
  { LATCHKEY_AUTHENTICATORS: 'authn,authn-jwt,authn-jwt/undefined' },
);
