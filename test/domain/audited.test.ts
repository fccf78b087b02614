import assert from 'node:assert/strict';
import type { AuditEvent } from '../../src/domain/audit/events.ts';
import { audited } from '../../src/domain/audited.ts';
import { isFailure, LatchkeyError } from '../../src/domain/errors.ts';
import { toRoleId } from '../../src/domain/ids.ts';
import { MemoryAudit } from '../support/audit.ts';

function whoami(failure: unknown): AuditEvent {
  return {
    type: 'identity-check',
    at: 0,
    requestId: 'r1',
    clientIp: '127.0.0.1',
    role: toRoleId('acct', 'user', 'alice'),
    ...(failure === undefined
      ? { outcome: 'success' }
      : { outcome: 'failure', error: failure instanceof Error ? failure.message : 'unknown' }),
  };
}

describe('audited', () => {
  it('answers what the act answers, once its success is recorded', async () => {
    const audit = new MemoryAudit();
    assert.equal(await audited(audit, whoami, async () => 42), 42);
    assert.deepEqual(
      audit.events.map((event) => event.outcome),
      ['success'],
    );
  });

  it('records nothing before the act is over', async () => {
    const audit = new MemoryAudit();
    await audited(audit, whoami, async () => {
      await Promise.resolve();
      assert.equal(audit.events.length, 0);
    });
    assert.equal(audit.events.length, 1);
  });

  it('lets a failure go on after it is recorded with its true reason', async () => {
    const audit = new MemoryAudit();
    const failure = new LatchkeyError('PRIVILEGE_MISSING', { detail: 'the true reason' });
    await assert.rejects(
      audited(audit, whoami, () => Promise.reject(failure)),
      (error) => error === failure,
    );
    assert.deepEqual(
      audit.events.map(({ outcome, error }) => [outcome, error]),
      [['failure', 'the true reason']],
    );
  });

  it('settles only when the sink has taken the record', async () => {
    let take = (): void => undefined;
    const taken = new Promise<void>((resolve) => {
      take = resolve;
    });
    const order: string[] = [];
    const sink = { record: () => taken, close: () => Promise.resolve() };
    const result = audited(sink, whoami, async () => 'done').then(() => order.push('settled'));
    await new Promise(setImmediate);
    order.push('taken');
    take();
    await result;
    assert.deepEqual(order, ['taken', 'settled']);
  });

  it('fails a success that cannot be recorded', async () => {
    const audit = new MemoryAudit();
    audit.failing = true;
    await assert.rejects(
      audited(audit, whoami, async () => 'secret'),
      (error) => isFailure(error, 'AUDIT_UNAVAILABLE'),
    );
  });

  it('answers a refusal that cannot be recorded with AUDIT_UNAVAILABLE, too', async () => {
    const audit = new MemoryAudit();
    audit.failing = true;
    await assert.rejects(
      audited(audit, whoami, () => Promise.reject(new LatchkeyError('PRIVILEGE_MISSING'))),
      (error) => isFailure(error, 'AUDIT_UNAVAILABLE'),
    );
  });

  it('takes an act that throws undefined for a failure', async () => {
    const audit = new MemoryAudit();
    const act: () => Promise<void> = Promise.reject.bind(Promise);
    await assert.rejects(audited(audit, whoami, act), (error) => error === undefined);
    assert.deepEqual(
      audit.events.map((event) => event.outcome),
      ['failure'],
    );
  });

  it('records nothing for an outcome that has no event here', async () => {
    const audit = new MemoryAudit();
    audit.failing = true;
    assert.equal(
      await audited(
        audit,
        () => undefined,
        async () => 'done',
      ),
      'done',
    );
  });
});
