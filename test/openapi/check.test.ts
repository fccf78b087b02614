import assert from 'node:assert/strict';
import { answersChecked, checkAnswer, operationOf } from '../support/openapi.ts';

const base = 'http://127.0.0.1:1';

function check(
  method: string,
  path: string,
  status: number,
  headers: Record<string, string> = {},
  text = '',
): string | undefined {
  const answer = { status, headers: new Headers(headers), text, bytes: Buffer.from(text) };
  return checkAnswer(method, base + path, answer)?.operationId;
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const plain = { 'content-type': 'text/plain; charset=utf-8' };

describe('holding answers against the document', () => {
  it('finds the operation of a request, the more literal path first', () => {
    const wanted = {
      'GET /': 'getRoot',
      'GET /secrets/': 'getSecrets',
      'GET /secrets/acct/variable/a/b%2Fc': 'getSecret',
      'HEAD /secrets/acct/variable/a': 'getSecret',
      'POST /authn/acct/host%2Fa/authenticate': 'authenticateWithApiKey',
      'POST /authn/acct/host/a/authenticate': 'authenticateWithRawLogin',
      'PATCH /authn-oidc%2Fokta/acct': 'switchAuthenticator',
      'PATCH /authn-oidc/okta/acct': 'switchAuthenticatorService',
      'GET //resources//acct/group/a': 'getResource',
    };
    for (const [request, operationId] of Object.entries(wanted)) {
      const [method = '', path = ''] = request.split(' ');
      assert.equal(operationOf(method, base + path)?.operationId, operationId, request);
    }
  });

  it('leaves alone what the document does not have', () => {
    for (const path of ['/nope', '/resources/acct/nothing/a']) {
      assert.equal(check('GET', path, 404), undefined);
    }
    assert.equal(check('DELETE', '/whoami', 404), undefined);
  });

  it('accepts what is stated', () => {
    assert.equal(check('GET', '/accounts', 200, json, '["acct"]'), 'listAccounts');
    assert.equal(check('GET', '/accounts', 403), 'listAccounts');
    assert.equal(check('GET', '/accounts', 401, plain, 'Authorization missing'), 'listAccounts');
    assert.equal(check('HEAD', '/accounts', 200, json), 'listAccounts');
    const bytes = { 'content-type': 'image/png', 'content-disposition': 'attachment' };
    const headers = { ...bytes, 'content-transfer-encoding': 'binary' };
    assert.equal(check('GET', '/secrets/acct/variable/a', 200, headers, '\0'), 'getSecret');
  });

  it('refuses a status that is not declared', () => {
    assert.throws(
      () => check('GET', '/accounts', 418),
      /GET .*\/accounts \(listAccounts\): status 418 is not/,
    );
  });

  it('refuses another type, and a body where there is none or the other way round', () => {
    assert.throws(() => check('GET', '/accounts', 200, plain, '[]'), /type text\/plain is not declared/);
    assert.throws(() => check('GET', '/accounts', 200), /the body is missing/);
    assert.throws(() => check('DELETE', '/accounts/a', 204, plain, 'gone'), /a body is not declared/);
    assert.throws(() => check('GET', '/accounts', 200, {}, '[]'), /the body has no type/);
    assert.throws(() => check('GET', '/accounts', 200, json, '['), /not JSON/);
    assert.throws(() => check('HEAD', '/accounts', 200, json, '[]'), /HEAD has a body/);
  });

  it('refuses a body of another shape, and one that has more than is stated', () => {
    assert.throws(() => check('GET', '/accounts', 200, json, '{}'), /must be array/);
    const me = {
      client_ip: '127.0.0.1',
      user_agent: null,
      account: 'acct',
      username: 'admin',
      token_issued_at: '2025-01-02T03:04:05.000+00:00',
    };
    assert.equal(check('GET', '/whoami', 200, json, JSON.stringify(me)), 'getWhoami');
    assert.throws(
      () => check('GET', '/whoami', 200, json, JSON.stringify({ ...me, extra: 1 })),
      /additional properties.*extra/,
    );
    assert.throws(() => check('GET', '/accounts', 401, plain, 'Go away'), /allowed values/);
  });

  it('refuses an answer without a header that it must have, or with a wrong one', () => {
    const path = '/policies/acct/policy/root';
    const body = JSON.stringify({ error: { code: 'policy_conflict', message: 'please retry' } });
    assert.equal(check('POST', path, 409, { ...json, 'retry-after': '3' }, body), 'loadPolicy');
    assert.throws(() => check('POST', path, 409, json, body), /header Retry-After is missing/);
    assert.throws(
      () => check('POST', path, 409, { ...json, 'retry-after': '9' }, body),
      /header Retry-After/,
    );
  });

  it('counts what was checked, and what the document does not have', () => {
    const before = ['none', 'listAccounts 403'].map((key) => answersChecked.get(key) ?? 0);
    check('GET', '/nope', 404);
    check('GET', '/accounts', 403);
    const after = ['none', 'listAccounts 403'].map((key) => answersChecked.get(key) ?? 0);
    assert.deepEqual(
      after,
      before.map((count) => count + 1),
    );
  });

  it('tells what was answered', () => {
    assert.throws(
      () => check('GET', '/accounts', 500, json, '{"a":1}'),
      /answer: 500, application\/json.*\{\\"a/,
    );
  });
});
