import assert from 'node:assert/strict';
import { LatchkeyError } from '../../../../../src/domain/errors.ts';
import { auditedDecision } from '../../../../../src/domain/provider/vault/flow/audited-decision.ts';
import { MemoryAudit } from '../../../../support/audit.ts';

const request = { requestId: 'req', clientIp: '127.0.0.1' };
const facts = { operation: 'userinfo', role: 'unknown', client: 'c', issuer: 'https://id.example' } as const;

describe('auditedDecision', () => {
  let audit: MemoryAudit;
  const clock = { now: () => 1_000 };

  beforeEach(() => {
    audit = new MemoryAudit();
  });

  it('records what was decided, with what was found out on the way', async () => {
    let role = 'unknown';
    const decision = await auditedDecision(
      { audit, clock },
      request,
      () => ({ ...facts, role }),
      async () => {
        role = 'acct:user:alice';
        return { claims: {} };
      },
    );
    assert.deepEqual(decision, { claims: {} });
    assert.deepEqual(audit.events, [
      { type: 'oidc-provider', at: 1_000, ...request, outcome: 'success', ...facts, role: 'acct:user:alice' },
    ]);
  });

  it('records a refusal as a failure, with its reason and not with what the client is told', async () => {
    const refusal = { refused: 'invalid_token', description: 'told', reason: 'the true reason' } as const;
    const decision = await auditedDecision(
      { audit, clock },
      request,
      () => facts,
      async () => refusal,
    );
    assert.equal(decision, refusal);
    const [event] = audit.events;
    assert.deepEqual(
      [event?.outcome, event !== undefined && 'error' in event && event.error],
      ['failure', 'invalid_token: the true reason'],
    );
  });

  it('records what went wrong, and lets it go on', async () => {
    const failing = auditedDecision(
      { audit, clock },
      request,
      () => facts,
      () => {
        throw new LatchkeyError('STORE_UNAVAILABLE');
      },
    );
    await assert.rejects(failing, { code: 'STORE_UNAVAILABLE' });
    assert.equal(audit.events[0]?.outcome, 'failure');
  });

  it('fails where it cannot be recorded', async () => {
    audit.failing = true;
    const failing = auditedDecision(
      { audit, clock },
      request,
      () => facts,
      async () => ({ code: 'x' }),
    );
    await assert.rejects(failing, { code: 'AUDIT_UNAVAILABLE' });
  });
});
