import assert from 'node:assert/strict';
import { createLog, type Log, type LogLevel } from '../src/log.ts';
import { LatchkeyError } from '../src/domain/errors.ts';

type Line = Readonly<Record<string, unknown>>;

function captured(level: LogLevel = 'info'): {
  readonly log: Log;
  readonly lines: () => readonly Line[];
  text: () => string;
} {
  const written: string[] = [];
  const log = createLog(level, { write: (line: string) => written.push(line) });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Line), text: () => written.join('') };
}

/** What one call writes. */
function lineOf(write: (log: Log) => void): Line {
  const { log, lines } = captured();
  write(log);
  const [line] = lines();
  assert.ok(line !== undefined);
  return line;
}

const jwt = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSIsImlzcyI6Imh0dHBzOi8vaWRwIn0.c2lnbmF0dXJl';

describe('createLog', () => {
  it('writes a JSON line with level, time, process and message', () => {
    const line = lineOf((log) => {
      log.warn({ url: 'http://127.0.0.1:8080' }, 'listening');
    });
    assert.deepEqual(Object.keys(line).sort(), ['level', 'msg', 'pid', 'time', 'url']);
    assert.equal(line['level'], 'warn');
    assert.equal(line['msg'], 'listening');
    assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('writes nothing below its level, and nothing at all when silent', () => {
    const warnings = captured('warn');
    warnings.log.info('not this');
    warnings.log.error('this');
    assert.deepEqual(
      warnings.lines().map((line) => line['msg']),
      ['this'],
    );
    const silent = captured('silent');
    silent.log.fatal('nothing');
    assert.equal(silent.text(), '');
  });

  it('masks text under a name that speaks of a secret, at any depth', () => {
    const names = [
      'authorization',
      'Authorization',
      'proxy-authorization',
      'id_token',
      'idToken',
      'access_token',
      'refresh_token',
      'jwt',
      'password',
      'newPassword',
      'api_key',
      'X-Api-Key',
      'token',
      'code',
      'nonce',
      'code_verifier',
      'codeVerifier',
      'set-cookie',
      'cookie',
      'client_secret',
      'client_assertion',
      'data_key',
      'dataKey',
      'private_key',
      'credentials',
    ];
    for (const name of names) {
      const { log, lines, text } = captured();
      log.info({ [name]: 'hunter2', deep: { list: [{ [name]: ['hunter2'] }] } }, 'message');
      assert.ok(!text().includes('hunter2'), name);
      assert.equal(lines()[0]?.[name], '[masked]', name);
    }
  });

  it('leaves numbers and switches under such names', () => {
    const line = lineOf((log) => {
      log.info({ accessTokenTtlSeconds: 480, passwordSet: true, token: undefined });
    });
    assert.equal(line['accessTokenTtlSeconds'], 480);
    assert.equal(line['passwordSet'], true);
  });

  it('shows the code of an error, but no other text as code', () => {
    const line = lineOf((log) => {
      log.error({ code: 'AUDIT_UNAVAILABLE', deep: { code: 'SplxlOBeZQQYbYS6WxSbIA' } });
    });
    assert.equal(line['code'], 'AUDIT_UNAVAILABLE');
    assert.deepEqual(line['deep'], { code: '[masked]' });
  });

  it('masks tokens and credentials inside other text, messages included', () => {
    const texts = [
      jwt,
      Buffer.from(jwt).toString('base64'),
      `Token token="${Buffer.from('{"protected":"x","payload":"y"}').toString('base64')}"`,
      'Bearer s3cr3t-opaque-token-0123456789',
      'Basic YWxpY2U6czNjcjN0LW9wYXF1ZS10b2tlbg==',
      'redis://user:s3cr3t-opaque-token@cache:6379/0',
      'https://app/callback?state=s3cr3t-opaque-token&code=s3cr3t-opaque-token',
      'https://idp/x?client_secret=s3cr3t-opaque-token&a=b',
    ];
    for (const text of texts) {
      const { log, lines, text: written } = captured();
      log.info({ note: `before ${text} after` }, `message ${text} end`);
      assert.equal(lines().length, 1);
      for (const part of ['eyJ', 'ZXlK', 's3cr3t', 'YWxpY2']) assert.ok(!written().includes(part), text);
      assert.match(String(lines()[0]?.['note']), /^before .*\[masked\].* after$/);
    }
  });

  it('leaves ordinary text as it is', () => {
    const note =
      'https://127.0.0.1:8080/secrets/acct/variable/db?version=2 Basic authentication, acct:host:a@b failed';
    const line = lineOf((log) => {
      log.info({ note }, note);
    });
    assert.deepEqual([line['note'], line['msg']], [note, note]);
  });

  it('shows an error with type, code, message, stack and causes, and nothing else that hangs on it', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      config: { pass: 'hunter2' },
    });
    const { log, lines, text } = captured();
    log.error(
      { err: new LatchkeyError('STORE_UNAVAILABLE', { detail: 'redis is gone', cause }) },
      'request failed',
    );
    const err = lines()[0]?.['err'] as Line;
    assert.deepEqual(
      [err['type'], err['code'], err['message'], typeof err['stack']],
      ['LatchkeyError', 'STORE_UNAVAILABLE', 'redis is gone', 'string'],
    );
    const inner = err['cause'] as Line;
    assert.deepEqual([inner['code'], inner['message']], ['ECONNREFUSED', 'connect ECONNREFUSED']);
    assert.ok(!text().includes('hunter2'));
  });

  it('takes an error alone, and its message for the line', () => {
    const line = lineOf((log) => {
      log.error(new AggregateError([new Error('one')], 'all failed'));
    });
    assert.equal(line['msg'], 'all failed');
    const err = line['err'] as { readonly errors: readonly Line[] };
    assert.deepEqual(
      err.errors.map((inner) => inner['message']),
      ['one'],
    );
  });

  it('shows bytes as their number', () => {
    const { log, text } = captured();
    log.info({ value: Buffer.from('hunter2'), list: [new Uint8Array(3)] });
    assert.match(text(), /"value":"\[7 bytes\]","list":\["\[3 bytes\]"\]/);
  });

  it('survives what cannot be shown: rings, depth, long text, getters that throw', () => {
    const ring: Record<string, unknown> = { name: 'ring' };
    ring['self'] = ring;
    const { log, lines } = captured();
    log.info({ ring, long: 'x'.repeat(100_000), big: 12n }, 'first');
    const hostile = Object.defineProperty({}, 'field', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    log.info({ hostile }, 'second');
    assert.deepEqual(
      lines().map((line) => line['msg']),
      ['first', 'second'],
    );
    assert.ok(String(lines()[0]?.['long']).length < 10_000);
    assert.ok(JSON.stringify(lines()[0]).includes('[deeper]'));
  });

  it('writes dates and values with a JSON form of their own in that form', () => {
    const line = lineOf((log) => {
      log.info({ when: new Date(0), hidden: { toJSON: () => '[secret]' } });
    });
    assert.deepEqual([line['when'], line['hidden']], ['1970-01-01T00:00:00.000Z', '[secret]']);
  });
});
