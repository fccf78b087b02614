import assert from 'node:assert/strict';
import { boundedAudit } from '../../../src/domain/abuse/bounded-audit.ts';
import type { AuditEvent } from '../../../src/domain/audit/events.ts';
import { MemoryAudit } from '../../support/audit.ts';

const window = 5 * 60 * 1_000;

describe('boundedAudit', () => {
  let now = 1_000;
  let audit = new MemoryAudit();
  let bounded = boundedAudit(audit, { now: () => now });

  beforeEach(() => {
    audit = new MemoryAudit();
    bounded = boundedAudit(audit, { now: () => now });
  });

  const login = (clientIp: string, outcome: 'success' | 'failure'): AuditEvent => ({
    type: 'authn',
    operation: 'login',
    at: now,
    requestId: 'r',
    clientIp,
    outcome,
    ...(outcome === 'failure' ? { error: 'Invalid credentials' } : {}),
    role: 'acct:user:alice',
    roleExists: true,
    authenticator: 'authn',
    service: 'acct:webservice:conjur/authn',
  });

  const record = async (times: number, event: AuditEvent): Promise<void> => {
    for (let index = 0; index < times; index += 1) await bounded.record(event);
  };

  it('records two thousand failures from an address, and of more each doubling, with what was left out', async () => {
    await record(2_000, login('10.0.0.1', 'failure'));
    assert.equal(audit.events.length, 2_000);
    await record(6_000, login('10.0.0.1', 'failure'));
    assert.equal(audit.events.length, 2_002);
    const [first, second] = audit.events.slice(2_000).map((event) => event.error);
    assert.equal(first, 'Invalid credentials (1999 failures from there before this one were not recorded)');
    assert.equal(second, 'Invalid credentials (3999 failures from there before this one were not recorded)');
  });

  it('records every success, and failures from elsewhere', async () => {
    await record(2_100, login('10.0.0.1', 'failure'));
    await record(3, login('10.0.0.1', 'success'));
    await record(1, login('10.0.0.2', 'failure'));
    assert.equal(audit.events.length, 2_004);
  });

  it('records all again in the next window, and what the last one left out', async () => {
    await record(2_010, login('2001:db8::1', 'failure'));
    now += window;
    await record(2, login('2001:db8::2', 'failure'));
    const [first, second] = audit.events.slice(2_000).map((event) => event.error);
    assert.equal(first, 'Invalid credentials (10 failures from there before this one were not recorded)');
    assert.equal(second, 'Invalid credentials');
  });
});
