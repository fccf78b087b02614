import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AuditEvent } from '../../../src/domain/audit/events.ts';
import { formatEvent } from '../../../src/domain/audit/format.ts';
import { toJson } from '../../../src/domain/audit/json.ts';
import { toRfc5424 } from '../../../src/domain/audit/rfc5424.ts';
import { authenticated, checked, failed, fetched, loaded, samples } from './sample-events.ts';

const allSamples = Object.values(samples).flat();

function fieldsOf(event: AuditEvent): Record<string, unknown> {
  return JSON.parse(toJson(event)) as Record<string, unknown>;
}

/** The values of an RFC 5424 line's structured data. */
function parametersOf(line: string): readonly (readonly [string, string])[] {
  return [...line.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
}

describe('toJson', () => {
  it('is one flat object with a fixed order of fields', () => {
    assert.equal(
      toJson({ ...fetched, version: 2 }),
      '{"time":"2025-01-02T03:04:05.067Z","type":"fetch","operation":"fetch","outcome":"success",' +
        '"request_id":"req-1","client_ip":"10.0.0.7","role":"acct:user:alice",' +
        '"resource":"acct:variable:db/password","version":2}',
    );
    for (const event of allSamples) {
      for (const value of Object.values(fieldsOf(event))) assert.notEqual(typeof value, 'object');
    }
  });

  it('names the role as it was sent, and whether it exists', () => {
    const fields = fieldsOf(failed({ ...authenticated, roleExists: false }, 'not found'));
    assert.equal(fields['role'], 'acct:user:alice');
    assert.equal(fields['role_exists'], false);
    assert.equal(fields['error'], 'not found');
  });

  it('tells a check that was answered no from one that failed', () => {
    const answered = fieldsOf({ ...checked, allowed: false });
    assert.deepEqual([answered['outcome'], answered['allowed']], ['success', false]);
    const broken = fieldsOf(failed({ ...checked, allowed: false }, 'no such resource'));
    assert.deepEqual([broken['outcome'], broken['allowed']], ['failure', false]);
  });

  it('says what kind of thing a policy changed', () => {
    const kinds = samples.policy.map((event) => fieldsOf(event)['subject_type']);
    assert.deepEqual(kinds, [
      'resource',
      'role',
      'membership',
      'ownership',
      'annotation',
      'permission',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('states every fact that the RFC 5424 form states', () => {
    for (const event of allSamples) {
      const line = toRfc5424(event);
      const stated = new Set(Object.values(fieldsOf(event)).map(String));
      for (const [name, value] of parametersOf(line)) {
        // The answer "no" is `allowed` here, and a failure there.
        if (name === 'result' && event.type === 'check') continue;
        // Conjur names there what does not exist here, and so does the line.
        if (name === 'edge' && value === '') continue;
        assert.ok(stated.has(value), `${event.type}: ${name}=${value}`);
      }
      const [, time = '', , , requestId = '', type = ''] = line.split(' ');
      for (const value of [time, requestId, type]) assert.ok(stated.has(value), value);
      assert.equal(event.error === undefined || line.endsWith(event.error), true);
    }
  });
});

describe('formatEvent', () => {
  it('writes the form that is asked for', () => {
    assert.equal(formatEvent(loaded, 'json'), toJson(loaded));
    assert.equal(formatEvent(loaded, 'rfc5424'), toRfc5424(loaded));
  });
});

describe('docs/audit.md', () => {
  const page = readFileSync('docs/audit.md', 'utf8');

  /** The first cells of a table that follows a marker, without their code marks. */
  function documented(marker: string): readonly string[] {
    const [, rest = ''] = page.split(`<!-- ${marker} -->`);
    const [table = ''] = rest.split('<!-- end -->');
    return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
  }

  it('lists every type of event and no other', () => {
    assert.deepEqual([...documented('types')].sort(), Object.keys(samples).sort());
  });

  it('lists every JSON field and no other', () => {
    const fields = new Set(allSamples.flatMap((event) => Object.keys(fieldsOf(event))));
    assert.deepEqual([...documented('fields')].sort(), [...fields].sort());
  });

  it('shows every sample line as it is written', () => {
    const [, lines = ''] = page.split('<!-- lines -->');
    const [block = ''] = lines.split('<!-- end -->');
    for (const events of Object.values(samples)) {
      const [first] = events;
      assert.ok(first !== undefined && block.includes(`${toRfc5424(first).trimEnd()}\n`), first?.type);
    }
  });

  it('names for each type the fields that its records have', () => {
    for (const [type, events] of Object.entries(samples)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${type}\` `)) ?? '';
      const named = new Set([...row.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name));
      const common = ['time', 'type', 'operation', 'outcome', 'request_id', 'client_ip', 'role', 'error'];
      for (const field of new Set(events.flatMap((event) => Object.keys(fieldsOf(event))))) {
        if (!common.includes(field)) assert.ok(named.has(field), `${type}: ${field}`);
      }
    }
  });
});
