import assert from 'node:assert/strict';
import { isFailure, LatchkeyError } from '../../../src/domain/errors.ts';
import type { Services } from '../../../src/domain/services.ts';
import { statusRoutes } from '../../../src/http/vault/sys-status.ts';
import type { Incoming } from '../../../src/http/vault/routing.ts';

describe("the health of Vault's dialect", () => {
  it('is not told while the store does not answer', async () => {
    const services = {
      settings: {},
      authority: { read: () => Promise.reject(new LatchkeyError('STORE_UNAVAILABLE')) },
    } as unknown as Services;
    const health = statusRoutes(services).find(({ path }) => path === 'sys/health');
    const incoming = { operation: 'read', captured: {}, given: new Map() } as unknown as Incoming;
    await assert.rejects(
      async () => health?.run(incoming),
      (error) => isFailure(error, 'STORE_UNAVAILABLE'),
    );
  });
});
