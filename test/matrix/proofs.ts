/** The rows of what proves somebody by another thing than a token: a key, a password, another issuer's token. */
import { basicHeader } from '../support/client.ts';
import { openJwtStage } from '../support/jwt-stage.ts';
import { createSigningKey, mint } from '../support/rogue-issuer.ts';
import type { Attempt, Row, Rows, Stage } from './row.ts';

const garbage = 'x'.repeat(40);

function basics(login: string, key: (stage: Stage) => string): NonNullable<Row['attempts']> {
  return async (stage) => {
    const by = (secret: string): Attempt => ({ headers: basicHeader(login, secret) });
    return {
      none: {},
      garbage: by(garbage),
      foreign: by(stage.adminKeyOfOther),
      nobody: by(stage.apiKey('host:nobody')),
      right: by(key(stage)),
    };
  };
}

/** Somebody else's word is needed, which the tests of each authenticator have; here nobody has it. */
function elsewhere(type: string): Row {
  return {
    with: { account: 'acct', service: 'absent' },
    policy: '',
    neverServed: `what ${type} proves is proven in its own tests`,
    attempts: async () => ({
      none: { body: '' },
      garbage: { body: garbage, headers: basicHeader('nobody', garbage) },
    }),
  };
}

export const proofRows: Rows = {
  login: {
    policy: '- !user login',
    with: { account: 'acct' },
    attempts: basics('login', ({ apiKey }) => apiKey('user:login')),
  },
  changePassword: {
    policy: '- !user change-password',
    with: { account: 'acct' },
    body: 'Correct-HOrse-7-battery',
    attempts: basics('change-password', ({ apiKey }) => apiKey('user:change-password')),
  },
  authenticateWithApiKey: {
    policy: '- !user authenticate',
    with: { account: 'acct', login: 'authenticate' },
    attempts: async ({ apiKey, adminKeyOfOther }) => ({
      none: { body: '' },
      garbage: { body: garbage },
      foreign: { body: adminKeyOfOther },
      nobody: { body: apiKey('host:nobody') },
      right: { body: apiKey('user:authenticate') },
    }),
  },
  authenticateWithJwt: {
    with: { account: 'acct', service: 'proof' },
    attempts: jwtAttempts,
  },
  authenticateWithCode: elsewhere('authn-oidc'),
};

/** Each an ID token of the issuer but for one thing. */
async function jwtAttempts(stage: Stage): Promise<Readonly<Record<string, Attempt>>> {
  const jwt = await openJwtStage(stage);
  stage.atEnd(() => jwt.stop());
  await jwt.define('proof', {
    variables: { 'jwks-uri': jwt.jwksUri, 'token-app-property': 'host', issuer: '127.0.0.1' },
    policy: '- !host { id: app-unpermitted, annotations: { authn-jwt/proof/project: blue } }',
  });
  const by = (token: string): Attempt => ({ body: new URLSearchParams({ jwt: token }) });
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: '127.0.0.1', host: 'app-proof', project: 'blue', iat: now, exp: now + 600 };
  return {
    none: { body: '' },
    garbage: by('x.y.z'),
    expired: by(jwt.token('proof', { iat: now - 7_200, exp: now - 3_600 })),
    foreign: by(jwt.token('proof', { iss: 'https://elsewhere.example' })),
    signature: by(mint(createSigningKey('RS256', { kid: 'stage' }), claims)),
    'other-kid': by(mint(createSigningKey('RS256', { kid: 'another' }), claims)),
    'alg-none': by(
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
    ),
    nobody: by(jwt.token('proof', { host: 'app-unpermitted' })),
    right: by(jwt.token('proof')),
  };
}
