/** The token endpoint of Akeyless’ dialect: what a token of `auth` is exchanged for. */
import assert from 'node:assert/strict';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { AkeylessWorld, type AppCredentials, type Body } from '../../support/akeyless.ts';
import { exchangeGrant, isRefused, TokenClient } from '../../support/akeyless-tokens.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores('token exchange of Akeyless’ dialect', (on) => {
  let world: AkeylessWorld;
  let client: TokenClient;

  before(async () => {
    world = await AkeylessWorld.of(on.service);
    client = await TokenClient.of(world);
  });

  describe('the answer', () => {
    it('has the members of the documented one', async () => {
      const { body, headers } = await client.exchange({ scope: 'openid email' });
      const { access_token: accessToken, id_token: idToken, ...rest } = body;
      assert.deepEqual(rest, { expires_in: 3_599, scope: 'openid email', token_type: 'bearer' });
      assert.ok(typeof accessToken === 'string' && typeof idToken === 'string');
      assert.equal(headers.get('cache-control'), 'no-store');
    });

    it('has an access token with the claims of the documented one', async () => {
      const before = Math.floor(Date.now() / 1_000);
      const own = await world.accessIdOf('authn/alice');
      const { access_token: accessToken = '' } = await client.exchanged({ scope: 'openid ClientUniqueId' });
      const header = decodeProtectedHeader(accessToken);
      assert.match(String(header.kid), /^k-[a-z0-9]{12}$/);
      assert.deepEqual(header, { alg: 'RS256', kid: header.kid, typ: 'JWT' });
      const { iat = 0, nbf, exp = 0, jti, ...claims } = decodeJwt(accessToken);
      assert.ok(iat >= before && nbf === iat && exp === iat + 3_600, JSON.stringify({ iat, nbf, exp }));
      assert.ok(typeof jti === 'string' && jti.length > 20);
      assert.deepEqual(claims, {
        iss: client.issuer,
        sub: `${own}/${own}`,
        aud: [],
        scp: ['openid', 'ClientUniqueId'],
        ext: { ClientUniqueId: own },
        ClientUniqueId: own,
      });
    });

    it('has an ID token for the client, with the claims of the documented one', async () => {
      const { id_token: idToken = '' } = await client.exchanged({
        scope: 'openid email',
        audience: 'api://one',
      });
      const own = await world.accessIdOf('authn/alice');
      const { iat = 0, exp, jti, auth_time: authTime, ...claims } = decodeJwt(idToken);
      assert.equal(exp, iat + 3_600);
      assert.ok(typeof jti === 'string' && typeof authTime === 'number' && authTime <= iat);
      assert.deepEqual(claims, {
        iss: client.issuer,
        sub: `${own}/${own}`,
        aud: [client.app.clientId],
        email: 'alice@example.com',
      });
      assert.equal(decodeProtectedHeader(idToken).typ, 'JWT');
    });

    it('has tokens that verify by the keys that discovery names', async () => {
      const discovery = await fetch(`${client.issuer}/.well-known/openid-configuration`);
      const document = (await discovery.json()) as Body;
      const keys = createRemoteJWKSet(new URL(String(document['jwks_uri'])));
      const issued = await client.exchanged({ scope: 'openid', audience: 'api://one' });
      await jwtVerify(issued['id_token'] ?? '', keys, {
        issuer: client.issuer,
        audience: client.app.clientId,
        algorithms: ['RS256'],
      });
      await jwtVerify(issued['access_token'] ?? '', keys, {
        issuer: client.issuer,
        audience: 'api://one',
        algorithms: ['RS256'],
      });
    });

    it('is kept by nothing, and says where the endpoints are', async () => {
      const discovery = await fetch(`${client.issuer}/.well-known/openid-configuration`);
      const document = (await discovery.json()) as Body;
      const { issuer: named, token_endpoint: tokens, authorization_endpoint: authorization } = document;
      assert.deepEqual(
        [named, tokens, authorization],
        [client.issuer, `${client.issuer}/oauth2/token`, `${client.issuer}/oauth2/auth`],
      );
      assert.equal(document['jwks_uri'], `${client.issuer}/.well-known/jwks.json`);
      assert.equal(document['userinfo_endpoint'], `${client.issuer}/userinfo`);
      assert.deepEqual(document['grant_types_supported'], [
        exchangeGrant,
        'authorization_code',
        'refresh_token',
      ]);
    });
  });

  describe('scopes', () => {
    const claimsFor = async (scope: string, login = 'alice'): Promise<Body> => {
      const { access_token: accessToken = '' } = await client.exchanged({ scope }, login);
      return decodeJwt(accessToken)['ext'] as Body;
    };

    it('copy the sub-claims that they name, annotations and groups included', async () => {
      assert.deepEqual(await claimsFor('email department login groups'), {
        email: 'alice@example.com',
        department: 'Payments',
        login: 'alice',
        groups: ['backend', 'developers'],
      });
    });

    it('may name a group: its name is in groups for who is in it, by way of another as well', async () => {
      assert.deepEqual(await claimsFor('developers machines'), { groups: ['developers'] });
      assert.deepEqual(await claimsFor('developers machines', 'host/ci'), { groups: ['machines'] });
      assert.deepEqual(await claimsFor('developers', 'bob'), {});
    });

    it('are granted without a claim where the caller has none', async () => {
      assert.deepEqual(await claimsFor('unheard email', 'bob'), {});
    });

    it('never set a claim of the protocol, whatever annotation there is', async () => {
      const own = await world.accessIdOf('authn/alice');
      const { access_token: accessToken = '' } = await client.exchanged({ scope: 'sub' });
      assert.equal(decodeJwt(accessToken).sub, `${own}/${own}`);
      assert.deepEqual(decodeJwt(accessToken)['ext'], {});
    });

    it('are not needed: without any there is only an access token', async () => {
      const issued = await client.exchanged();
      assert.deepEqual(Object.keys(issued).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
      assert.equal(issued['scope'], '');
      assert.deepEqual(decodeJwt(issued['access_token'] ?? '')['scp'], []);
    });

    it('are refused where the app may not ask for them', async () => {
      await isRefused(client.exchange({ scope: 'openid phone' }), 400, 'invalid_scope');
    });
  });

  describe('audiences', () => {
    const audienceOf = async (audience: string | readonly string[]): Promise<unknown> =>
      decodeJwt((await client.exchanged({ audience }))['access_token'] ?? '').aud;

    it('are those that are asked for, with blanks between or as several parameters', async () => {
      assert.deepEqual(await audienceOf('api://one'), ['api://one']);
      assert.deepEqual(await audienceOf('api://two api://one'), ['api://two', 'api://one']);
      assert.deepEqual(await audienceOf(['api://one', 'api://two']), ['api://one', 'api://two']);
    });

    it('are refused where the app may not ask for them', async () => {
      await isRefused(client.exchange({ audience: 'api://one api://three' }), 400, 'invalid_target');
    });
  });

  describe('the client', () => {
    it('may send its id and secret by Basic', async () => {
      const basic = Buffer.from(`${client.app.clientId}:${client.app.clientSecret}`).toString('base64');
      const form = { grant_type: exchangeGrant, assertion: await world.tokenOf('alice') };
      assert.equal((await client.token(form, { authorization: `Basic ${basic}` })).status, 200);
    });

    it('is refused alike where it is unknown and where its secret is wrong', async () => {
      const wrong = await client.exchange({ client_secret: '0'.repeat(64) });
      const unknown = await client.exchange({ client_id: `c-${'0'.repeat(20)}` });
      assert.deepEqual([wrong.status, wrong.body], [401, unknown.body]);
      assert.equal(wrong.body['error'], 'invalid_client');
    });

    it('sends its id alone where it is public, and no secret', async () => {
      const open = await world.app('open', { public: true });
      await client.exchanged({ client_secret: undefined }, 'alice', open);
      await isRefused(client.exchange({ client_secret: 'x' }, 'alice', open), 401, 'invalid_client');
    });

    it('has both secrets for a while after a rotation, and only the new one where no overlap is wanted', async () => {
      const old = await world.app('turning');
      const rotate = async (overlap: number): Promise<AppCredentials> => {
        const settings = { name: 'turning', 'overlap-seconds': overlap };
        const { client_secret: secret } = await world.done('rotate-oidc-app-secret', settings);
        return { ...old, clientSecret: String(secret) };
      };
      const second = await rotate(600);
      await client.exchanged({}, 'alice', old);
      await client.exchanged({}, 'alice', second);
      const third = await rotate(0);
      await isRefused(client.exchange({}, 'alice', old), 401, 'invalid_client');
      await isRefused(client.exchange({}, 'alice', second), 401, 'invalid_client');
      await client.exchanged({}, 'alice', third);
    });

    it('is unknown as soon as it is deleted', async () => {
      const gone = await world.app('gone');
      await client.exchanged({}, 'alice', gone);
      await world.done('delete-item', { name: 'gone' });
      await isRefused(client.exchange({}, 'alice', gone), 401, 'invalid_client');
    });
  });

  describe('the assertion', () => {
    it('may be an access token of Conjur’s API', async () => {
      const issued = await client.exchanged(
        { assertion: await world.accessTokenOf('alice') },
        'alice',
        await ownApp(),
      );
      assert.match(decodeJwt(issued['access_token'] ?? '').sub ?? '', /^(p-[a-z0-9]{12})\/\1$/);
    });

    it('may come by its name of RFC 8693; the answer then says what was issued', async () => {
      const issued = await client.exchanged({
        assertion: undefined,
        subject_token: await world.tokenOf('alice'),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      });
      assert.equal(issued['issued_token_type'], 'urn:ietf:params:oauth:token-type:access_token');
    });

    it('is needed once, and of a type that there is', async () => {
      await isRefused(client.exchange({ assertion: undefined }), 400, 'invalid_request');
      await isRefused(client.exchange({ subject_token: `t-${'0'.repeat(32)}` }), 400, 'invalid_request');
      const types = { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' };
      await isRefused(client.exchange(types), 400, 'invalid_request');
      await isRefused(client.exchange({ actor_token: 'x' }), 400, 'invalid_request');
    });

    it('is refused where it is unknown, or no token', async () => {
      for (const assertion of [`t-${'0'.repeat(32)}`, 'none', 'e30=']) {
        await isRefused(client.exchange({ assertion }), 400, 'invalid_grant');
      }
    });

    it('is refused once the role is gone, and once its API key was rotated', async () => {
      const session = await client.newcomer('leaver');
      await client.exchanged({ assertion: session });
      await world.admin.send('PUT', `/authn/${on.service.account}/api_key?role=user:leaver`);
      await isRefused(client.exchange({ assertion: session }), 400, 'invalid_grant');
    });

    const ownApp = async (): Promise<AppCredentials> => {
      const entry = { access_id: await world.accessIdOf('authn/alice'), sub_claims: {} };
      return world.app(`own-${Math.random()}`, { 'permission-assignment': [entry] });
    };
  });

  describe('who may use the app', () => {
    let number = 0;
    const appFor = async (assignment: readonly unknown[]): Promise<AppCredentials> =>
      world.app(`for-${(number += 1)}`, { 'permission-assignment': assignment });
    const admits = async (assignment: readonly unknown[], ...logins: readonly string[]): Promise<void> => {
      const other = await appFor(assignment);
      const admitted: string[] = [];
      for (const login of ['alice', 'bob', 'host/ci']) {
        const { status, body } = await client.exchange({}, login, other);
        if (status === 200) admitted.push(login);
        else assert.deepEqual([status, body['error']], [400, 'access_denied']);
      }
      assert.deepEqual(admitted, logins);
    };

    it('is nobody without an assignment', async () => {
      await admits([]);
    });

    it('is whoever signed in by a method, where no sub-claims are named', async () => {
      const authn = await world.accessIdOf('authn');
      await admits([{ access_id: authn, sub_claims: {} }], 'alice', 'bob', 'host/ci');
      await admits([{ access_id: authn }], 'alice', 'bob', 'host/ci');
    });

    it('is nobody who signed in by another method', async () => {
      await admits([{ access_id: await world.accessIdOf('authn-oidc/okta') }]);
    });

    it('is the role whose own access id is named', async () => {
      await admits([{ access_id: await world.accessIdOf('authn/bob') }], 'bob');
    });

    it('is who has one of the values of each claim that is named', async () => {
      const id = await world.accessIdOf('authn');
      await admits([{ access_id: id, sub_claims: { login: ['bob', 'host/ci'] } }], 'bob', 'host/ci');
      await admits(
        [{ access_id: id, sub_claims: { login: ['alice', 'bob'], department: ['Payments'] } }],
        'alice',
      );
      await admits(
        [{ access_id: id, sub_claims: { groups: ['developers', 'machines'] } }],
        'alice',
        'host/ci',
      );
      await admits([{ access_id: id, sub_claims: { email: ['somebody@example.com'] } }]);
    });

    it('is who fits any of several entries', async () => {
      const id = await world.accessIdOf('authn');
      const entries = ['bob', 'alice'].map((login) => ({ access_id: id, sub_claims: { login: [login] } }));
      await admits(entries, 'alice', 'bob');
    });

    it('is who is in a group, narrowed by sub-claims', async () => {
      const groupId = await world.groupIdOf('developers');
      await admits([{ group_id: groupId }], 'alice');
      await admits([{ group_id: groupId, sub_claims: { department: ['Sales'] } }]);
      await admits([{ group_id: await world.groupIdOf('machines') }], 'host/ci');
    });

    it('is not the administrator of the account by owning a group', async () => {
      const other = await appFor([{ group_id: await world.groupIdOf('developers') }]);
      await isRefused(client.exchange({}, 'admin', other), 400, 'access_denied');
    });

    it('is decided by policy as it is now', async () => {
      const other = await appFor([{ group_id: await world.groupIdOf('empty') }]);
      await isRefused(client.exchange({}, 'bob', other), 400, 'access_denied');
      await client.patchPolicy('- !grant { role: !group empty, member: !user bob }');
      await client.exchanged({}, 'bob', other);
      await client.patchPolicy('- !revoke { role: !group empty, member: !user bob }');
      await isRefused(client.exchange({}, 'bob', other), 400, 'access_denied');
    });

    it('is recorded with the reason', async () => {
      const other = await appFor([]);
      await client.exchange({ scope: 'openid' }, 'alice', other);
      const line = (await on.service.auditLines()).findLast((each) => each.includes(other.clientId)) ?? '';
      assert.match(line, /user:alice/);
      assert.match(line, /no permission assignment of the app fits the role/);
    });
  });
});
