import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { openCodeExchange } from '../../../src/drivers/issuer/code-exchange.ts';
import { Issuers } from '../../../src/drivers/issuer/issuers.ts';
import type { CodeClient, CodeExchange } from '../../../src/ports/code-exchange.ts';
import {
  answerBody,
  answerEndless,
  answerJson,
  answerNever,
  answerRedirect,
  answerStatus,
  mint,
  startRogueIssuer,
  tokenPath,
  type Answer,
  type RogueIssuer,
} from '../../support/rogue-issuer.ts';
import { sharedKey } from './fixture.ts';

const clientSecret = 'a secret: 100% + more';

describe('openCodeExchange', () => {
  let issuer: RogueIssuer;
  let issuers: Issuers;
  let codes: CodeExchange;

  beforeEach(async () => {
    issuer = await startRogueIssuer({ keys: [sharedKey('RS256')] });
    issuer.answerMetadata((response, request) => {
      answerJson(metadata())(response, request);
    });
    issuers = new Issuers({ clock: { now: Date.now }, totalTimeoutMs: 2_000 });
    codes = openCodeExchange(issuers);
  });
  afterEach(async () => {
    await issuers.close();
    await issuer.stop();
  });

  const metadata = (changes: Readonly<Record<string, unknown>> = {}): unknown =>
    issuer.metadata({
      authorization_endpoint: `${issuer.url}/authorize?tenant=1`,
      token_endpoint: `${issuer.url}${tokenPath}`,
      ...changes,
    });
  const client = (changes: Partial<CodeClient> = {}): CodeClient => ({
    issuer: { providerUri: issuer.url },
    clientId: 'app:1',
    clientSecret,
    redirectUri: 'https://app.example/callback',
    ...changes,
  });
  const idToken = (changes: Readonly<Record<string, unknown>> = {}): string => {
    return mint(sharedKey('RS256'), { ...claimsOf(issuer.url), ...changes });
  };
  const claimsOf = (iss: string): Readonly<Record<string, unknown>> => {
    const now = Math.floor(Date.now() / 1_000);
    return { iss, sub: 'alice', aud: 'app:1', iat: now, exp: now + 600 };
  };
  const tokens = (changes: Readonly<Record<string, unknown>> = {}): Answer =>
    answerJson({ access_token: 'opaque', token_type: 'Bearer', id_token: idToken(), ...changes });
  const exchange = (changes: Partial<CodeClient> = {}): Promise<string> =>
    codes.exchange(client(changes), { code: 'code-4711', codeVerifier: 'v'.repeat(50) });
  const fails = async (code: ErrorCode, promise = exchange()): Promise<void> => {
    await assert.rejects(promise, (error) => {
      assert.ok(isFailure(error, code), String(error));
      assert.ok(!JSON.stringify([error.message, String(error.cause)]).includes('code-4711'));
      return true;
    });
  };

  it('sends code, verifier and redirect URI in a form, and client id and secret in the header', async () => {
    let body: Promise<string> | undefined;
    let authorization: string | undefined;
    issuer.answerCodes((response, request) => {
      authorization = request.headers.authorization;
      body = text(request);
      void body.then(() => {
        tokens()(response, request);
      });
    });
    assert.equal((await exchange()).split('.').length, 3);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(await body)), {
      grant_type: 'authorization_code',
      code: 'code-4711',
      code_verifier: 'v'.repeat(50),
      redirect_uri: 'https://app.example/callback',
    });
    const [id = '', secret = ''] = Buffer.from(authorization?.split(' ')[1] ?? '', 'base64')
      .toString()
      .split(':')
      .map((part) => new URLSearchParams(`v=${part}`).get('v') ?? '');
    assert.deepEqual([id, secret], ['app:1', clientSecret]);
  });

  it('sends the secret in the form where the issuer takes it nowhere else', async () => {
    issuer.answerMetadata(
      answerJson(metadata({ token_endpoint_auth_methods_supported: ['client_secret_post'] })),
    );
    let body = '';
    issuer.answerCodes((response, request) => {
      void text(request).then((form) => {
        body = form;
        tokens()(response, request);
      });
    });
    await exchange();
    assert.equal(new URLSearchParams(body).get('client_secret'), clientSecret);
  });

  it('sends no redirect URI where there is none', async () => {
    let body = '';
    issuer.answerCodes((response, request) => {
      void text(request).then((form) => {
        body = form;
        tokens()(response, request);
      });
    });
    const { issuer: place, clientId } = client();
    await codes.exchange({ issuer: place, clientId, clientSecret }, { code: 'code-4711' });
    assert.deepEqual([...new URLSearchParams(body).keys()].sort(), ['code', 'grant_type']);
  });

  const answers: readonly (readonly [string, () => Answer])[] = [
    [
      'an OAuth error',
      () => (response, request) => {
        response.statusCode = 400;
        answerJson({ error: 'invalid_grant', error_description: 'the code was used' })(response, request);
      },
    ],
    ['no ID token, though an access token', () => tokens({ id_token: undefined })],
    ['what is no JSON', () => answerBody('application/json', 'rubbish')],
    ['another type', () => answerBody('text/html', '<html></html>')],
    ['a redirect', () => answerRedirect('https://example.net/')],
    ['no content', () => answerStatus(204)],
    ['an error of its own', () => answerStatus(500)],
    ['no end', () => answerEndless()],
    ['nothing', () => answerNever],
    ['an ID token that is none', () => tokens({ id_token: 'a.b.c' })],
  ];
  for (const [title, answer] of answers) {
    it(`fails where the issuer answers with ${title}`, async () => {
      issuer.answerCodes(answer());
      await fails('CODE_EXCHANGE_FAILED');
    });
  }

  const causes: readonly (readonly [string, ErrorCode | undefined, Answer])[] = [
    ['the code', undefined, oauthError(400, 'invalid_grant')],
    ['the issuer', 'ISSUER_INVALID', oauthError(500, 'server_error')],
    ['the issuer', 'ISSUER_INVALID', answerStatus(500)],
    ['the issuer', 'ISSUER_INVALID', answerBody('text/html', '<html></html>')],
    ['the issuer', 'ISSUER_INVALID', answerRedirect('https://example.net/')],
  ];
  for (const [place, [who, code, answer]] of causes.entries()) {
    it(`tells whether ${who} is at fault (${place + 1})`, async () => {
      issuer.answerCodes(answer);
      await assert.rejects(exchange(), (error) => {
        assert.ok(isFailure(error, 'CODE_EXCHANGE_FAILED'));
        assert.equal(isFailure(error.cause) ? error.cause.code : undefined, code, String(error));
        return true;
      });
    });
  }

  const claims: readonly (readonly [ErrorCode, Readonly<Record<string, unknown>>])[] = [
    ['ID_TOKEN_ISSUER_MISMATCH', { iss: 'https://other.example' }],
    ['ID_TOKEN_AUDIENCE_MISMATCH', { aud: 'another' }],
    ['ID_TOKEN_EXPIRED', { exp: 1 }],
  ];
  for (const [code, changes] of claims) {
    it(`fails with ${code} for ${JSON.stringify(changes)}`, async () => {
      issuer.answerCodes(tokens({ id_token: idToken(changes) }));
      await fails(code);
    });
  }

  it('keeps no other issuer waiting while codes wait for one that says nothing', async () => {
    const other = await startRogueIssuer({ keys: [sharedKey('RS256')] });
    const patient = new Issuers({ clock: { now: Date.now }, totalTimeoutMs: 60_000 });
    const codesOfBoth = openCodeExchange(patient);
    const presented = { code: 'code-4711' };
    const asked = (): number => issuer.requests.filter((path) => path === tokenPath).length;
    try {
      issuer.answerCodes(answerNever);
      const waiting = Array.from({ length: 100 }, () => codesOfBoth.exchange(client(), presented));
      const ended = Promise.allSettled(waiting);
      while (asked() < 16) await new Promise((resolve) => setTimeout(resolve, 5));
      other.answerMetadata((response, request) => {
        const endpoints = { token_endpoint: `${other.url}${tokenPath}` };
        answerJson(other.metadata(endpoints))(response, request);
      });
      other.answerCodes(tokens({ id_token: mint(sharedKey('RS256'), claimsOf(other.url)) }));
      await codesOfBoth.exchange(client({ issuer: { providerUri: other.url } }), presented);
      assert.equal(asked(), 16);
      await patient.close();
      assert.ok((await ended).every(({ status }) => status === 'rejected'));
    } finally {
      await patient.close();
      await other.stop();
    }
  });

  it('refuses a token endpoint that may not be called', async () => {
    for (const endpoint of ['http://example.net/token', 'https://169.254.169.254/', 'ftp://127.0.0.1/']) {
      const fresh = new Issuers({ clock: { now: Date.now } });
      issuer.answerMetadata(answerJson(metadata({ token_endpoint: endpoint })));
      const exchanged = openCodeExchange(fresh).exchange(client(), { code: 'code-4711' });
      await fails('ISSUER_NOT_ALLOWED', exchanged);
      await fresh.close();
    }
  });

  it('fails as discovery does where there is no issuer, or no token endpoint', async () => {
    await fails('ISSUER_UNREACHABLE', exchange({ issuer: { providerUri: 'http://127.0.0.1:1' } }));
    issuer.answerMetadata(answerJson(metadata({ token_endpoint: undefined })));
    await fails('ISSUER_INVALID');
  });

  it('answers where a browser signs in, and remembers it', async () => {
    const endpoint = `${issuer.url}/authorize?tenant=1`;
    assert.equal(await codes.authorizationEndpoint(client().issuer), endpoint);
    const asked = issuer.requests.length;
    assert.equal(await codes.authorizationEndpoint(client().issuer), endpoint);
    assert.equal(issuer.requests.length, asked);
  });
});

function oauthError(status: number, error: string): Answer {
  return (response, request) => {
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ error }));
    request.resume();
  };
}
