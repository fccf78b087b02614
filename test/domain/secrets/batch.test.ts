import assert from 'node:assert/strict';
import type { AccountView, Authority } from '../../../src/domain/accounts/authority.ts';
import { isFailure, LatchkeyError } from '../../../src/domain/errors.ts';
import { toAccount, type Account, type RecordKey } from '../../../src/domain/ids.ts';
import { fetchSecrets } from '../../../src/domain/secrets/batch.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { defaultSettings } from '../../support/domain-settings.ts';
import { temporaryAuthority } from '../../support/temporary-authority.ts';

describe('reading several secrets at once', () => {
  it('asks each account that is named once, and goes through the ids once, however many there are', async () => {
    const { authority: inner, request, close } = await temporaryAuthority();
    try {
      const asked: string[] = [];
      const authority = {
        read: async (account: Account, keys: readonly RecordKey[]): Promise<AccountView> => {
          if (account === request.actor.account) return inner.read(account, keys);
          asked.push(account);
          throw new LatchkeyError('ACCOUNT_NOT_FOUND');
        },
      };
      const services = {
        authority: authority as unknown as Authority,
        keyring: openKeyring({ dataKey: Buffer.alloc(32, 1) }),
        clock: { now: () => 1_000 },
        audit: new MemoryAudit(),
        settings: defaultSettings,
      };
      const accounts = Array.from({ length: 40_000 }, (_, index) => toAccount(`a${String(index)}`));
      const ids = accounts.flatMap((account) => [`${account}:variable:v`, `${account}:variable:w`]);
      await assert.rejects(fetchSecrets(services, request, ids), (error) =>
        isFailure(error, 'SECRET_NOT_FOUND'),
      );
      assert.deepEqual(asked, accounts);
      assert.equal(services.audit.events.length, ids.length);
    } finally {
      await close();
    }
  });
});
