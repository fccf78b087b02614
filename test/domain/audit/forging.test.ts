import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AuditEvent } from '../../../src/domain/audit/events.ts';
import { formatEvent } from '../../../src/domain/audit/format.ts';
import { toJson } from '../../../src/domain/audit/json.ts';
import { maxFieldCharacters } from '../../../src/domain/audit/one-line.ts';
import { toRfc5424 } from '../../../src/domain/audit/rfc5424.ts';
import { storedRoleId } from '../../../src/domain/ids.ts';
import { authenticated, failed, fetched, samples } from './sample-events.ts';
import { assertProperty } from '../../support/property.ts';

/** Everything that some reader takes for the end of a line, or that hides or reorders text. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const allSamples = Object.values(samples).flat();

/** The same event with a text in place of every field that somebody outside can have a say in. */
function withText(event: AuditEvent, text: string): AuditEvent {
  const replaced = Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      outside.has(name) && typeof value === 'string' ? text : value,
    ]),
  ) as unknown as AuditEvent;
  if (replaced.type !== 'policy' || replaced.subject === undefined) return replaced;
  const subject = Object.fromEntries(Object.keys(replaced.subject).map((name) => [name, text]));
  return { ...replaced, subject: subject as unknown as NonNullable<typeof replaced.subject> };
}

const outside = new Set([
  'requestId',
  'clientIp',
  'error',
  'role',
  'subjectRole',
  'resource',
  'privilege',
  'authenticator',
  'service',
  'policy',
  'record',
]);

/** The text that a parameter stands for, as a reader of RFC 5424 takes it. */
function parameter(line: string, element: string, name: string): string | undefined {
  const [, found] =
    new RegExp(`\\[${element}@43868[^\\]]*? ${name}="((?:[^"\\\\\\]]|\\\\.)*)"`).exec(line) ?? [];
  return found?.replace(/\\(["\\\]])/g, '$1');
}

describe('an audit record', () => {
  it('keeps a second record in a login name on its own line', () => {
    const forged = `x"][action@43868 result="success"]\n<86>1 2025-01-01T00:00:00.000Z - conjur r fetch admin did it`;
    const line = toRfc5424(failed({ ...authenticated, role: forged }, 'no'));
    assert.doesNotMatch(line, hidden);
    assert.ok(line.includes(String.raw`role="x\"\][action@43868 result=\"success\"\]\n<86>1 `));
    assert.equal(line.split('operation="authenticate"]').length, 2);
  });

  it('escapes quote, backslash and bracket in structured data, and in no message', () => {
    const role = storedRoleId(String.raw`acct:user:a"b\c]d`);
    const line = toRfc5424({ ...fetched, role });
    assert.ok(line.includes(String.raw`user="acct:user:a\"b\\c\]d"`));
    assert.ok(line.includes(String.raw` acct:user:a"b\c]d fetched `));
  });

  it('shows control and formatting characters by their code', () => {
    const role = storedRoleId('acct:user:\r\n\t\u0000\u001b\u007f\u0085\u2028\u202e\ufeff\ud800\u{e0001}');
    const shown = String.raw`acct:user:\r\n\t\u0000\u001B\u007F\u0085\u2028\u202E\uFEFF\uD800\u{E0001}`;
    const line = toRfc5424({ ...fetched, role });
    assert.ok(line.includes(`user="${shown}"`));
    assert.ok(line.includes(`] ${shown} fetched `));
  });

  it('keeps text beyond ASCII as it is, without a byte order mark', () => {
    const line = toRfc5424({ ...fetched, role: storedRoleId('acct:user:Zoë-東京-🔑') });
    assert.ok(line.includes('user="acct:user:Zoë-東京-🔑"'));
    assert.ok(line.includes('operation="fetch"] acct:user:Zoë-東京-🔑 fetched'));
    assert.ok(toJson({ ...fetched, role: storedRoleId('acct:user:Zoë-東京-🔑') }).includes('Zoë-東京-🔑'));
  });

  it('cuts a field that is too long, and says so', () => {
    const error = 'e'.repeat(maxFieldCharacters + 1);
    const cut = `${'e'.repeat(maxFieldCharacters)}...`;
    assert.ok(toRfc5424(failed(fetched, error)).endsWith(`: ${cut}`));
    assert.equal((JSON.parse(toJson(failed(fetched, error))) as { error: string }).error, cut);
    assert.ok(toRfc5424(failed(fetched, 'e'.repeat(maxFieldCharacters))).endsWith('ee'));
  });

  it('has a process id of graphic ASCII, 128 characters at most', () => {
    const procIdOf = (requestId: string): string | undefined =>
      toRfc5424({ ...fetched, requestId }).split(' ')[4];
    assert.equal(procIdOf('a b\nc\u00e9'), 'abc');
    assert.equal(procIdOf('x'.repeat(255)), 'x'.repeat(128));
    assert.equal(procIdOf(''), '-');
  });

  for (const format of ['rfc5424', 'json'] as const) {
    it(`is one line without hidden characters, whatever its fields hold (${format})`, () => {
      const text = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({
          unit: fc.constantFrom('\n', '\r', '"', ']', '\\', '[', ' ', '\u2028', '\ud800', 'a'),
          maxLength: 12,
        }),
      );
      assertProperty(
        fc.property(fc.constantFrom(...allSamples), text, (event, value) => {
          const line = formatEvent(withText(event, value), format);
          assert.doesNotMatch(line, hidden);
          if (format === 'json') JSON.parse(line);
        }),
        { numRuns: 2_000 },
      );
    });
  }

  it('gives the structured data back as it was', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ']', '\\', '[', ' ', '=', 'n', 'é'), maxLength: 12 });
    assertProperty(
      fc.property(text, (value) => {
        const line = toRfc5424({ ...fetched, role: storedRoleId(value), resource: value });
        assert.equal(parameter(line, 'auth', 'user'), value);
        assert.equal(parameter(line, 'subject', 'resource'), value);
      }),
      { numRuns: 1_000 },
    );
  });
});
