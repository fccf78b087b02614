import assert from 'node:assert/strict';
import {
  refuseAuthorize,
  type AuthorizeFacts,
  type AuthorizeParameters,
  type SubjectFacts,
} from '../../../../../src/domain/provider/vault/flow/authorize-checks.ts';
import { vaultClient, vaultProvider } from '../../../../support/vault-flow.ts';

const challenge = 'hMn-5TBH-t3uN00FEaGsQtYPhyC4Otbx-9vDcPTYHmc';

const parameters: AuthorizeParameters = {
  clientId: 'client-1',
  redirectUri: 'https://localhost:8251/callback',
  responseType: 'code',
  scope: 'openid test-scope',
  state: 'abcdefg',
  nonce: 'hijklmn',
};
const subject: SubjectFacts = { entity: 'there', assigned: true, ageSeconds: 60 };
const facts: AuthorizeFacts = { parameters, client: vaultClient(), provider: vaultProvider(), subject };

const publicClient = vaultClient({ type: 'public' });

function asked(changes: AuthorizeParameters): AuthorizeFacts {
  return { ...facts, parameters: { ...parameters, ...changes } };
}

function without(...names: readonly (keyof AuthorizeParameters)[]): AuthorizeFacts {
  const kept = Object.entries(parameters).filter(
    ([name]) => !names.includes(name as keyof AuthorizeParameters),
  );
  return { ...facts, parameters: Object.fromEntries(kept) };
}

/** The checks in Vault's order: what fails each, and only those after it. */
const rows: readonly (readonly [title: string, refused: string, reason: RegExp, facts: AuthorizeFacts])[] = [
  ['client_id is missing', 'invalid_client_id', /client_id is missing/, without('clientId')],
  ['client_id is empty', 'invalid_client_id', /client_id is missing/, asked({ clientId: '' })],
  ['the client is unknown', 'invalid_client_id', /no such client/, { ...facts, client: undefined }],
  [
    'the client may not use codes',
    'invalid_grant',
    /may not use authorization codes/,
    { ...facts, client: vaultClient({ grants: ['client_credentials'] }) },
  ],
  ['redirect_uri is missing', 'invalid_request', /redirect_uri is missing/, without('redirectUri')],
  [
    'redirect_uri is not registered',
    'invalid_redirect_uri',
    /not registered/,
    asked({ redirectUri: 'https://other.example/' }),
  ],
  ['the provider is unknown', 'invalid_request', /no such provider/, { ...facts, provider: undefined }],
  [
    'the provider does not allow the client',
    'unauthorized_client',
    /does not allow/,
    { ...facts, provider: vaultProvider({ allowedClientIds: ['client-2'] }) },
  ],
  [
    'the provider allows nobody',
    'unauthorized_client',
    /does not allow/,
    { ...facts, provider: vaultProvider({ allowedClientIds: [] }) },
  ],
  ['request is given', 'request_not_supported', /request object/, asked({ request: '' })],
  ['request_uri is given', 'request_uri_not_supported', /request_uri/, asked({ requestUri: '' })],
  ['scope is missing', 'invalid_request', /without openid/, without('scope')],
  ['scope lacks openid', 'invalid_request', /without openid/, asked({ scope: 'test-scope' })],
  ['response_type is missing', 'invalid_request', /response_type is missing/, without('responseType')],
  ['response_type is id_token', 'unsupported_response_type', /not code/, asked({ responseType: 'id_token' })],
  [
    'the token is of no user',
    'access_denied',
    /no user or host/,
    { ...facts, subject: { ...subject, entity: 'none' } },
  ],
  ['the role is gone', 'access_denied', /gone/, { ...facts, subject: { ...subject, entity: 'gone' } }],
  [
    'the role is not assigned',
    'access_denied',
    /assignment/,
    { ...facts, subject: { ...subject, assigned: false } },
  ],
  [
    'a public client sends no challenge',
    'invalid_request',
    /no code_challenge/,
    { ...facts, client: publicClient },
  ],
  [
    'the method is unknown',
    'invalid_request',
    /method is unknown/,
    asked({ codeChallenge: challenge, codeChallengeMethod: 'S512' }),
  ],
  [
    'the challenge is empty',
    'invalid_request',
    /too short/,
    asked({ codeChallenge: '', codeChallengeMethod: 'S256' }),
  ],
  ['the challenge is too long', 'invalid_request', /too long/, asked({ codeChallenge: 'x'.repeat(129) })],
  ['max_age is negative', 'invalid_request', /negative/, asked({ maxAgeSeconds: -1 })],
  [
    'the session is gone and max_age given',
    'access_denied',
    /session ended/,
    { ...asked({ maxAgeSeconds: 30 }), subject: { ...subject, ageSeconds: undefined } },
  ],
  ['the authentication is too old', 'max_age_violation', /older/, asked({ maxAgeSeconds: 30 })],
  [
    'max_age is 0 and the authentication not of now',
    'max_age_violation',
    /older/,
    asked({ maxAgeSeconds: 0 }),
  ],
];

describe('refuseAuthorize', () => {
  for (const [title, refused, reason, given] of rows) {
    it(`answers ${refused} where ${title}`, () => {
      const refusal = refuseAuthorize(given);
      assert.equal(refusal?.refused, refused);
      assert.match(refusal.reason, reason);
    });
  }

  it('gives each check a reason of its own', () => {
    const reasons = new Set(rows.map(([, , , given]) => refuseAuthorize(given)?.reason));
    assert.equal(reasons.size, 21);
  });

  it('answers with the first check that fails, whatever else is wrong', () => {
    // What is wrong here is mended step by step, in Vault's order.
    let current: AuthorizeFacts = {
      parameters: {
        request: 'x',
        requestUri: 'y',
        codeChallenge: 'x',
        codeChallengeMethod: 'S512',
        maxAgeSeconds: -1,
      },
      client: undefined,
      provider: undefined,
      subject: { entity: 'none', assigned: false, ageSeconds: 99 },
    };
    const noCodes = vaultClient({ grants: [] });
    const mend = (changes: AuthorizeParameters, rest: Partial<AuthorizeFacts> = {}): void => {
      current = { ...current, ...rest, parameters: { ...current.parameters, ...changes } };
    };
    const dropped = (name: keyof AuthorizeParameters): void => {
      const kept = Object.entries(current.parameters).filter(([each]) => each !== name);
      current = { ...current, parameters: Object.fromEntries(kept) };
    };
    const seen: (string | undefined)[] = [];
    const steps: readonly (() => void)[] = [
      () => {
        mend({ clientId: 'client-1' });
      },
      () => {
        mend({}, { client: noCodes });
      },
      () => {
        mend({}, { client: vaultClient() });
      },
      () => {
        mend({ redirectUri: 'https://other.example' });
      },
      () => {
        mend({ redirectUri: 'https://localhost:8251/callback' });
      },
      () => {
        mend({}, { provider: vaultProvider({ allowedClientIds: [] }) });
      },
      () => {
        mend({}, { provider: vaultProvider() });
      },
      () => {
        dropped('request');
      },
      () => {
        dropped('requestUri');
      },
      () => {
        mend({ scope: 'openid' });
      },
      () => {
        mend({ responseType: 'token' });
      },
      () => {
        mend({ responseType: 'code' });
      },
      () => {
        mend({}, { subject: { entity: 'gone', assigned: false, ageSeconds: 99 } });
      },
      () => {
        mend({}, { subject: { entity: 'there', assigned: false, ageSeconds: 99 } });
      },
      () => {
        mend({}, { subject: { entity: 'there', assigned: true, ageSeconds: 99 } });
      },
      () => {
        mend({ codeChallengeMethod: 'S256' });
      },
      () => {
        mend({ codeChallenge: challenge });
      },
      () => {
        mend({ maxAgeSeconds: 10 });
      },
      () => {
        mend({ maxAgeSeconds: 99 });
      },
    ];
    for (const step of steps) {
      seen.push(refuseAuthorize(current)?.refused);
      step();
    }
    assert.deepEqual(seen, [
      'invalid_client_id',
      'invalid_client_id',
      'invalid_grant',
      'invalid_request',
      'invalid_redirect_uri',
      'invalid_request',
      'unauthorized_client',
      'request_not_supported',
      'request_uri_not_supported',
      'invalid_request',
      'invalid_request',
      'unsupported_response_type',
      'access_denied',
      'access_denied',
      'access_denied',
      'invalid_request',
      'invalid_request',
      'invalid_request',
      'max_age_violation',
    ]);
    assert.equal(refuseAuthorize(current), undefined);
  });

  for (const [title, given] of [
    ['a plain request', facts],
    ['a request without nonce and state', without('nonce', 'state')],
    [
      'any client, where the provider allows all',
      { ...facts, provider: vaultProvider({ allowedClientIds: ['*'] }) },
    ],
    ['a public client with a challenge', { ...asked({ codeChallenge: challenge }), client: publicClient }],
    ['a method without a challenge, whatever it is', asked({ codeChallengeMethod: 'S512' })],
    ['an authentication as old as max_age', asked({ maxAgeSeconds: 60 })],
  ] as const) {
    it(`finds nothing against ${title}`, () => {
      assert.equal(refuseAuthorize(given), undefined);
    });
  }
});
