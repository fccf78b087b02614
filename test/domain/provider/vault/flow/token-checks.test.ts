import assert from 'node:assert/strict';
import {
  grantOf,
  refuseClientCredentials,
  refuseCodeRequest,
  refuseRedemption,
  refuseTokenRequest,
  type RedemptionFacts,
  type TokenFacts,
  type TokenParameters,
} from '../../../../../src/domain/provider/vault/flow/token-checks.ts';
import { vaultClient, vaultKey, vaultProvider } from '../../../../support/vault-flow.ts';

const parameters: TokenParameters = {
  grantType: 'authorization_code',
  code: 'code',
  redirectUri: 'https://localhost:8251/callback',
};
const facts: TokenFacts = {
  parameters,
  provider: vaultProvider(),
  clientId: 'client-1',
  client: vaultClient(),
  authenticated: true,
  key: vaultKey(),
};

function asking(grantType: string | undefined, grants = vaultClient().grants): TokenFacts {
  return {
    ...facts,
    client: vaultClient({ grants }),
    parameters: { code: 'code', ...(grantType === undefined ? {} : { grantType }) },
  };
}

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

describe('refuseTokenRequest', () => {
  for (const [title, refused, reason, given] of [
    ['the provider is unknown', 'invalid_request', /no such provider/, { ...facts, provider: undefined }],
    [
      'no client is named',
      'invalid_request',
      /client_id/,
      { ...facts, clientId: undefined, client: undefined },
    ],
    [
      'the client is unknown',
      'invalid_client',
      /no such client/,
      { ...facts, client: undefined, authenticated: false },
    ],
    ['the secret is wrong', 'invalid_client', /secret/, { ...facts, authenticated: false }],
    [
      'the provider does not allow the client',
      'invalid_client',
      /does not allow the client/,
      { ...facts, provider: vaultProvider({ allowedClientIds: ['client-2'] }) },
    ],
    ['the key is missing', 'server_error', /key of the client/, { ...facts, key: undefined }],
    [
      'the key does not allow the client',
      'invalid_client',
      /key does not allow/,
      { ...facts, key: vaultKey({ allowedClientIds: [] }) },
    ],
    ['grant_type is missing', 'unsupported_grant_type', /grant_type/, asking(undefined)],
    ['grant_type is empty', 'unsupported_grant_type', /grant_type/, asking('')],
    ['grant_type is unknown', 'unsupported_grant_type', /grant_type/, asking('password')],
    ['grant_type is a name of every object', 'unsupported_grant_type', /grant_type/, asking('constructor')],
    ['the client has no refresh tokens', 'unsupported_grant_type', /grant_type/, asking('refresh_token')],
    ['the client exchanges no tokens', 'unsupported_grant_type', /grant_type/, asking(exchange)],
    ['the client may not use codes', 'invalid_grant', /this grant/, asking('authorization_code', [])],
    ['the client has no tokens of its own', 'invalid_grant', /this grant/, asking('client_credentials')],
  ] as const) {
    it(`answers ${refused} where ${title}`, () => {
      const refusal = refuseTokenRequest(given);
      assert.equal(refusal?.refused, refused);
      assert.match(refusal.reason, reason);
    });
  }

  it('tells a client that is unknown and a wrong secret alike', () => {
    const unknown = refuseTokenRequest({ ...facts, client: undefined, authenticated: false });
    const wrong = refuseTokenRequest({ ...facts, authenticated: false });
    assert.equal(unknown?.description, wrong?.description);
    assert.notEqual(unknown?.reason, wrong?.reason);
  });

  for (const [grantType, grant] of [
    ['authorization_code', 'authorization_code'],
    ['client_credentials', 'client_credentials'],
    ['refresh_token', 'refresh_token'],
    [exchange, 'token_exchange'],
  ] as const) {
    it(`finds nothing against ${grantType} of a client that may use it`, () => {
      assert.equal(refuseTokenRequest(asking(grantType, [grant])), undefined);
      assert.equal(grantOf(grantType), grant);
    });
  }
});

describe('refuseCodeRequest', () => {
  it('demands a code', () => {
    assert.equal(
      refuseCodeRequest({ ...facts, parameters: { grantType: 'authorization_code' } })?.refused,
      'invalid_request',
    );
    assert.equal(
      refuseCodeRequest({ ...facts, parameters: { ...parameters, code: '' } })?.refused,
      'invalid_request',
    );
    assert.equal(refuseCodeRequest(facts), undefined);
  });
});

describe('refuseClientCredentials', () => {
  const given = { ...facts, parameters: { grantType: 'client_credentials', scope: 'openid' } };

  it('refuses a public client, which has none', () => {
    const client = vaultClient({ type: 'public', grants: ['client_credentials'] });
    assert.equal(refuseClientCredentials({ ...given, client })?.refused, 'unauthorized_client');
  });

  it('demands the scope openid', () => {
    const refusal = refuseClientCredentials({
      ...given,
      parameters: { ...given.parameters, scope: 'groups' },
    });
    assert.equal(refusal?.refused, 'invalid_request');
  });

  it('finds nothing against a confidential client that asks for openid', () => {
    assert.equal(refuseClientCredentials(given), undefined);
  });
});

const verifier = '43_char_min_abcdefghijklmnopqrstuvwxyzabcde';
const code = { clientId: 'client-1', redirectUri: 'https://localhost:8251/callback' };
const withPlain = { ...code, challenge: { value: verifier, method: 'plain' } } as const;
const withS256 = {
  ...code,
  challenge: { value: 'hMn-5TBH-t3uN00FEaGsQtYPhyC4Otbx-9vDcPTYHmc', method: 'S256' },
} as const;
const redemption: RedemptionFacts = {
  parameters,
  client: vaultClient(),
  code,
  entity: 'there',
  assigned: true,
  conflict: false,
};

function redeeming(changes: TokenParameters, issued: RedemptionFacts['code'] = code): RedemptionFacts {
  return { ...redemption, code: issued, parameters: { ...parameters, ...changes } };
}

describe('refuseRedemption', () => {
  for (const [title, refused, reason, given] of [
    ['the code is unknown', 'invalid_grant', /unknown, expired, used/, { ...redemption, code: undefined }],
    [
      'the code is of another client',
      'invalid_grant',
      /another client/,
      { ...redemption, code: { ...code, clientId: 'client-2' } },
    ],
    ['redirect_uri is missing', 'invalid_request', /redirect_uri is missing/, redeeming({ redirectUri: '' })],
    [
      'redirect_uri has another port than in the authorization request',
      'invalid_grant',
      /differs/,
      redeeming({ redirectUri: 'https://localhost:8252/callback' }),
    ],
    ['the role is gone', 'invalid_request', /role is gone/, { ...redemption, entity: 'gone' }],
    ['the role is no longer assigned', 'invalid_request', /assignment/, { ...redemption, assigned: false }],
    [
      'a public client had no challenge',
      'invalid_request',
      /public client/,
      { ...redemption, client: vaultClient({ type: 'public' }) },
    ],
    [
      'a verifier was sent without challenge',
      'invalid_request',
      /without challenge/,
      redeeming({ codeVerifier: verifier }),
    ],
    ['the verifier is missing', 'invalid_request', /verifier is missing/, redeeming({}, withPlain)],
    [
      'the verifier is empty',
      'invalid_request',
      /verifier is missing/,
      redeeming({ codeVerifier: '' }, withS256),
    ],
    [
      'a plain verifier is wrong',
      'invalid_grant',
      /does not match/,
      redeeming({ codeVerifier: 'x' }, withPlain),
    ],
    [
      'an S256 verifier is wrong',
      'invalid_grant',
      /does not match/,
      redeeming({ codeVerifier: 'x' }, withS256),
    ],
    ['scopes claim the same', 'invalid_request', /claim the same/, { ...redemption, conflict: true }],
  ] as const) {
    it(`answers ${refused} where ${title}`, () => {
      const refusal = refuseRedemption(given);
      assert.equal(refusal?.refused, refused);
      assert.match(refusal.reason, reason);
    });
  }

  it('tells a code that is unknown and one of another client alike', () => {
    const told = [undefined, { ...code, clientId: 'c' }].map(
      (issued) => refuseRedemption({ ...redemption, code: issued })?.description,
    );
    assert.equal(new Set(told).size, 1);
  });

  it('finds nothing against a good code, plain and S256 challenges included', () => {
    assert.equal(refuseRedemption(redemption), undefined);
    assert.equal(refuseRedemption(redeeming({ codeVerifier: verifier }, withPlain)), undefined);
    assert.equal(refuseRedemption(redeeming({ codeVerifier: verifier }, withS256)), undefined);
  });
});
