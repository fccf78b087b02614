import assert from 'node:assert/strict';
import { LatchkeyError } from '../../../src/domain/errors.ts';
import type { TlsCredentials } from '../../../src/drivers/tls/credentials.ts';
import { ServerCertificate } from '../../../src/drivers/tls/server-certificate.ts';
import { createLog } from '../../../src/log.ts';

const day = 24 * 60 * 60 * 1_000;
const end = Date.parse('2030-06-01T00:00:00Z');

function credentials(name: string, notAfter = end): TlsCredentials {
  return { cert: name, key: name, notAfter, fingerprint: name };
}

describe('the certificate in use', () => {
  let lines: Record<string, unknown>[];
  let now: number;
  let source: () => Promise<TlsCredentials>;
  let opened: ServerCertificate | undefined;

  beforeEach(() => {
    lines = [];
    now = end - 400 * day;
    source = async () => credentials('first');
  });
  afterEach(() => {
    opened?.close();
  });

  async function open(): Promise<ServerCertificate> {
    const log = createLog('info', {
      write: (line) => {
        lines.push(JSON.parse(line) as Record<string, unknown>);
      },
    });
    const clock = { now: () => now };
    opened = await ServerCertificate.open({ read: () => source(), renews: false }, clock, log);
    return opened;
  }

  const logged = (): unknown[] => lines.map(({ level, code }) => [level, code]);

  it('is exchanged for what is read anew', async () => {
    const certificate = await open();
    const used: string[] = [];
    certificate.onChange(({ cert }) => used.push(cert));
    await certificate.reload();
    assert.deepEqual(used, [], 'nothing changed');
    source = async () => credentials('second');
    await certificate.reload();
    assert.deepEqual(used, ['second']);
    assert.equal(certificate.current.cert, 'second');
    assert.deepEqual(logged(), [['info', undefined]]);
  });

  it('stays where what is read anew cannot be used', async () => {
    const certificate = await open();
    source = async () => {
      throw new LatchkeyError('TLS_CREDENTIALS_INVALID', { detail: 'no good' });
    };
    await certificate.reload();
    assert.equal(certificate.current.cert, 'first');
    assert.deepEqual(logged(), [['error', 'TLS_CREDENTIALS_INVALID']]);
  });

  it('stays where the server does not take the new one', async () => {
    const certificate = await open();
    certificate.onChange(() => {
      throw new Error('not this one');
    });
    source = async () => credentials('second');
    await certificate.reload();
    assert.equal(certificate.current.cert, 'first');
    assert.deepEqual(logged(), [['error', 'TLS_CREDENTIALS_INVALID']]);
  });

  for (const [left, expected] of [
    [31 * day, []],
    [30 * day, [['warn', 'TLS_CERTIFICATE_EXPIRING']]],
    [1, [['warn', 'TLS_CERTIFICATE_EXPIRING']]],
    [0, [['error', 'TLS_CERTIFICATE_EXPIRED']]],
    [-day, [['error', 'TLS_CERTIFICATE_EXPIRED']]],
  ] as const) {
    it(`is ${expected.length === 0 ? 'not ' : ''}warned of ${String(left)} ms before its end`, async () => {
      now = end - left;
      await open();
      assert.deepEqual(logged(), expected);
    });
  }

  it('is warned of again whenever it is read', async () => {
    now = end - 10 * day;
    const certificate = await open();
    await certificate.reload();
    assert.deepEqual(logged(), [
      ['warn', 'TLS_CERTIFICATE_EXPIRING'],
      ['warn', 'TLS_CERTIFICATE_EXPIRING'],
    ]);
    assert.equal(lines[0]?.['notAfter'], '2030-06-01T00:00:00.000Z');
  });
});
