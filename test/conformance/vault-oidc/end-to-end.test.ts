/** Whole sign-ins at Vault's providers, by a relying party's library. */
import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { send } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  askUserinfo,
  assertRefused,
  callback,
  claimsIn,
  flowWorld,
  headerIn,
  withoutTls,
  type Client,
  type FlowWorld,
} from '../../support/vault-flow-world.ts';
import { halfHash } from '../../../src/domain/provider/engine/sign.ts';
import { signingAlgorithms } from '../../../src/domain/provider/registry/records.ts';

interface SignedIn {
  readonly tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;
  readonly code: string;
}

/** What a relying party asks for. */
interface Wanted {
  readonly scope?: string;
  readonly pkce?: boolean;
  readonly maxAgeSeconds?: number;
}

describeOnStores('Vault: a relying party', (on) => {
  let world: FlowWorld;
  let confidential: Client;
  let open: Client;

  before(async () => {
    world = await flowWorld(on.service);
    await world.vault.write('identity/oidc/scope/user', {
      template: '{"username": {{identity.entity.name}}}',
    });
    await world.vault.write('identity/oidc/scope/groups', {
      template: '{"groups": {{identity.entity.groups.names}}}',
    });
    await world.vault.write('identity/oidc/provider/default', { scopes_supported: ['user', 'groups'] });
    const options = { key: 'default', assignments: ['allow_all'], redirect_uris: [callback] };
    confidential = await world.client('confidential', options);
    open = await world.client('open', { ...options, client_type: 'public' });
  });

  const relyingParty = async ({ id, secret }: Client): Promise<oidc.Configuration> => {
    const method = secret === '' ? oidc.None() : oidc.ClientSecretBasic(secret);
    const issuer = new URL(world.issuer('default'));
    const configuration = await oidc.discovery(issuer, id, undefined, method, {
      execute: [withoutTls],
    });
    oidc.enableNonRepudiationChecks(configuration);
    return configuration;
  };

  /** Goes to the authorization endpoint as Vault's own page does: with the user's token. */
  const signInAt = async (configuration: oidc.Configuration, wanted: Wanted): Promise<SignedIn> => {
    const { scope = 'openid', pkce = false, maxAgeSeconds } = wanted;
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: callback,
      scope,
      state,
      nonce,
      ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
      ...(pkce
        ? {
            code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
            code_challenge_method: 'S256',
          }
        : {}),
    });
    const answer = await send(`${world.issuer('default')}/authorize${url.search}`, 'GET', {
      headers: { 'x-vault-token': await world.tokenOf('end-user') },
    });
    assert.equal(answer.status, 200, answer.text);
    const { code } = answer.json() as { code: string };
    const returned = new URL(callback);
    returned.searchParams.set('code', code);
    returned.searchParams.set('state', state);
    const tokens = await oidc.authorizationCodeGrant(configuration, returned, {
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
      ...(pkce ? { pkceCodeVerifier } : {}),
      ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
    });
    return { tokens, code };
  };

  const cases: readonly (readonly [title: string, kind: 'confidential' | 'public', wanted: Wanted])[] = [
    ['plainly', 'confidential', {}],
    ['with max_age', 'confidential', { maxAgeSeconds: 60 }],
    ['with PKCE', 'confidential', { pkce: true }],
    ['with a scope', 'confidential', { scope: 'openid user' }],
    ['with scopes', 'confidential', { scope: 'openid user groups' }],
    ['with PKCE', 'public', { pkce: true }],
    ['with PKCE and max_age', 'public', { pkce: true, maxAgeSeconds: 60 }],
    ['with PKCE and a scope', 'public', { pkce: true, scope: 'openid user' }],
    ['with PKCE and scopes', 'public', { pkce: true, scope: 'openid user groups' }],
  ];
  for (const [title, kind, wanted] of cases) {
    it(`that is a ${kind} client signs a user in ${title}`, async () => {
      const configuration = await relyingParty(kind === 'public' ? open : confidential);
      const { tokens, code } = await signInAt(configuration, wanted);
      const claims = tokens.claims() ?? assert.fail('no ID token');
      const told = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      assert.equal(claims.sub, world.idOf('user:end-user'));
      for (const each of ['iat', 'exp', 'nonce', 'at_hash', 'c_hash']) assert.ok(each in claims, each);
      assert.equal(claims['at_hash'], halfHash('RS256', tokens.access_token));
      assert.equal(claims['c_hash'], halfHash('RS256', code));
      assert.equal('auth_time' in claims, wanted.maxAgeSeconds !== undefined);
      for (const [scope, claim, value] of [
        ['user', 'username', 'end-user'],
        ['groups', 'groups', ['company', 'engineering']],
      ] as const) {
        const expected = wanted.scope?.split(' ').includes(scope) === true ? value : undefined;
        assert.deepEqual([claims[claim], told[claim]], [expected, expected]);
      }
    });
  }

  it('that lost its place in the allow list is told nothing more', async () => {
    await world.vault.write('identity/oidc/provider/emptied', { allowed_client_ids: ['*'] });
    const configuration = await relyingParty(confidential);
    const { tokens } = await signInAt(configuration, {});
    assert.equal((await askUserinfo(world, tokens.access_token, { provider: 'default' })).status, 200);
    await world.vault.write('identity/oidc/provider/default', { allowed_client_ids: [] });
    const answer = await askUserinfo(world, tokens.access_token, { provider: 'default' });
    await world.vault.write('identity/oidc/provider/default', { allowed_client_ids: ['*'] });
    assertRefused(answer, 403, 'access_denied');
  });

  it('verifies ID tokens signed before and after a rotation', async () => {
    const configuration = await relyingParty(confidential);
    const before = await signInAt(configuration, {});
    await world.vault.write('identity/oidc/key/default/rotate');
    const after = await signInAt(await relyingParty(confidential), {});
    const kids = [before, after].map(({ tokens }) => headerIn(tokens.id_token ?? '')['kid']);
    assert.notEqual(kids[0], kids[1]);
  });

  for (const algorithm of signingAlgorithms) {
    it(`verifies ID tokens signed by ${algorithm}, and the hashes in them`, async () => {
      const name = `signs-${algorithm}`;
      await world.vault.write(`identity/oidc/key/${name}`, { algorithm, allowed_client_ids: ['*'] });
      const client = await world.client(name, { key: name, assignments: ['allow_all'] });
      const configuration = await oidc.discovery(
        new URL(world.issuer('default')),
        client.id,
        { id_token_signed_response_alg: algorithm },
        oidc.ClientSecretPost(client.secret),
        { execute: [withoutTls] },
      );
      oidc.enableNonRepudiationChecks(configuration);
      const { tokens, code } = await signInAt(configuration, {});
      const claims = claimsIn(tokens.id_token ?? '');
      assert.equal(headerIn(tokens.id_token ?? '')['alg'], algorithm);
      assert.equal(claims['at_hash'], halfHash(algorithm, tokens.access_token));
      assert.equal(claims['c_hash'], halfHash(algorithm, code));
    });
  }
});

describe('Vault: the hashes in an ID token', () => {
  it('are those of the tokens that Vault documents', () => {
    const accessToken =
      'b.AAAAAQJEH5VXjfjUESCwySTKk2MS1MGVNc9oU-N2EyoLKVo9SYa-NnOWAXloYfrlO45UWC3R1PC5ZShl3JdmRJ0264julNnlBduSNXJkYjgCQsFQwXTKHcjhqdNsmJNMWiPaHPn5NLSpNQVtzAxfHADt4r9rmX-UEG5seOWbmK_Z5WwS_4a8-wcVPB7FpOGzfBydP7yMxHu-3H1TWyQvYVr28XUfYxcBbdlzxhJn0yqkWItgmZ25xEOp7SW7Pg4tYB7AXfk';
    assert.equal(halfHash('RS256', accessToken), '1GeBQ3PWmR2vj6USk0In6Q');
    assert.equal(halfHash('RS256', '4RL50r78p8HsNJY0GVUNGfjLHnpkRf3N'), '7OR9K36hMvYD72dRAKPxMw');
  });
});
