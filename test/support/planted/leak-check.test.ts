import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { temporaryDirectory } from '../temp.ts';
import { LeakCheck } from './leak-check.ts';

const secret = 'correct+horse/battery staple"é';
const line = (text: string): string => `{"level":"info","msg":"before ${text} after"}\n`;

const folders: ReturnType<typeof temporaryDirectory>[] = [];

function newCheck(): LeakCheck {
  const folder = temporaryDirectory();
  folders.push(folder);
  return new LeakCheck(folder.path);
}

function formsFound(text: string, planted: string | Uint8Array = secret): readonly string[] {
  const check = newCheck();
  check.collect(line('nothing of note'), 'a log');
  check.collect(line(text), 'a log');
  check.plant(planted, 'a password');
  return check.search().leaks.map(({ origin, what, form }) => `${origin}: ${what}, ${form}`);
}

describe('the check for leaks', () => {
  afterEach(() => {
    for (const folder of folders.splice(0)) folder.remove();
  });

  const bytes = Buffer.from(secret);
  const forms: Readonly<Record<string, string>> = {
    'as it is': secret,
    hexadecimal: bytes.toString('hex'),
    base64: bytes.toString('base64'),
    'a form': new URLSearchParams([['a', secret]]).toString(),
    JSON: JSON.stringify(secret),
    'JSON in JSON': JSON.stringify(JSON.stringify({ a: secret })),
  };
  for (const [form, text] of Object.entries(forms)) {
    it(`finds a secret: ${form}`, () => {
      assert.deepEqual(formsFound(text), [`a log: a password, ${form}`]);
    });
  }

  it('finds a secret in hexadecimal of upper case, and percent-encoded', () => {
    assert.equal(formsFound(bytes.toString('hex').toUpperCase()).length, 1);
    assert.ok(formsFound(encodeURIComponent(secret)).includes('a log: a password, percent-encoded'));
  });

  for (const before of ['a:', 'ab:', 'abc:']) {
    it(`finds a secret in base64 behind ${String(before.length)} bytes`, () => {
      assert.equal(formsFound(Buffer.from(`${before}${secret}!`).toString('base64')).length, 1);
      assert.equal(formsFound(Buffer.from(`${before}${secret}!`).toString('base64url')).length, 1);
    });
  }

  it('finds a secret behind one character more of an encoding', () => {
    assert.equal(formsFound(`x${bytes.toString('base64')}`).length, 1);
    assert.equal(formsFound(`0${bytes.toString('hex')}`).length, 1);
  });

  it('finds bytes that are no text', () => {
    const key = randomBytes(32);
    assert.equal(formsFound(key.toString('base64'), key).length > 0, true);
    assert.equal(formsFound(key.toString('hex'), key).length > 0, true);
  });

  it('finds either end of a long secret', () => {
    const key = randomBytes(200).toString('hex');
    assert.equal(formsFound(key.slice(0, 60), key).length, 1);
    assert.equal(formsFound(key.slice(-60), key).length, 1);
  });

  it('finds the signature of a JWT, and does not take its head for a secret', () => {
    const head = Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url');
    const signature = randomBytes(64).toString('base64url');
    const jwt = `${head}.e30.${signature}`;
    assert.deepEqual(formsFound(head, jwt), []);
    assert.equal(formsFound(jwt, jwt).length > 0, true);
  });

  it('finds the lines of a private key', () => {
    const body =
      randomBytes(90)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    const pem = ['-----BEGIN PRIVATE KEY-----', ...body, '-----END PRIVATE KEY-----', ''].join('\n');
    assert.ok(formsFound(JSON.stringify(pem), pem).length > 0);
    assert.deepEqual(formsFound('-----BEGIN PRIVATE KEY-----', pem), []);
  });

  it('finds a secret at the very end of what was written, and among many', () => {
    const check = newCheck();
    const secrets = Array.from({ length: 2_000 }, () => randomBytes(24).toString('base64url'));
    for (const [index, one] of secrets.entries()) check.plant(one, String(index));
    for (let count = 0; count < 2_000; count += 1)
      check.collect(line(randomBytes(100).toString('hex')), 'a log');
    check.collect(secrets[1_234] ?? '', 'the end');
    assert.deepEqual(
      check.search().leaks.map(({ origin, what }) => [origin, what]),
      [['the end', '1234']],
    );
  });

  it('finds the secret of one process in what another wrote', () => {
    const folder = temporaryDirectory();
    folders.push(folder);
    new LeakCheck(folder.path).plant(secret, 'a password');
    const other = new LeakCheck(folder.path);
    other.collect(line(secret), 'a.log of /another');
    new LeakCheck(folder.path).collect(line(secret), 'a.log of /another');
    const found = other.search();
    assert.deepEqual(
      found.leaks.map(({ origin, what }) => [origin, what]),
      Array.from({ length: 2 }, () => ['a.log of /another', 'a password']),
    );
    assert.deepEqual([found.secrets, found.bytes], [1, 2 * Buffer.byteLength(line(secret))]);
  });

  it('does not look for what is too short, or too plain, to tell from chance', () => {
    assert.deepEqual(formsFound('a value', 'a value'), []);
    assert.deepEqual(formsFound('0'.repeat(40), '0'.repeat(40)), []);
  });
});
