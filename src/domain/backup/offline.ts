/** What the command line does with backups; recorded as what it does to accounts is. */
import { randomUUID } from 'node:crypto';
import type { AccountEvent } from '../audit/events.ts';
import { auditedAccounts } from '../accounts/audited-accounts.ts';
import { storeAccount, storeRoot } from '../accounts/store-account.ts';
import { LatchkeyError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { StoreSnapshot, StoreTransfer } from '../../ports/store-transfer.ts';
import { writeContents, type AccountSummary } from './contents.ts';
import { sealEnvelope } from './envelope.ts';
import { restoreBackup } from './restore.ts';
import type { BackupSummary } from './verify.ts';

export type BackupTools = Pick<Services, 'keyring' | 'audit' | 'clock'>;

/**
 * Makes a backup, and records that.
 * @param keep is given the bytes of the file, and settles when they are kept
 * @throws LatchkeyError `STORE_UNAVAILABLE`, `STORE_BUSY`, `AUDIT_UNAVAILABLE`, and what keeping throws
 * @throws LatchkeyError `STORE_REFUSED`: there are no accounts
 */
export async function backupOffline(
  services: BackupTools,
  snapshot: StoreSnapshot,
  keep: (file: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<BackupSummary> {
  return recorded(services, 'backup', async () => {
    const createdAt = new Date(services.clock.now());
    const accounts: AccountSummary[] = [];
    const contents = writeContents(snapshot, createdAt, (account) => accounts.push(account));
    await keep(await sealEnvelope(services.keyring, ofSomeAccount(contents, accounts)));
    return { createdAt: createdAt.toISOString(), accounts };
  });
}

/** The pseudo-account alone is what any database gets that is taken for a store. */
async function* ofSomeAccount(
  contents: AsyncIterable<Uint8Array>,
  accounts: readonly AccountSummary[],
): AsyncGenerator<Uint8Array> {
  yield* contents;
  if (accounts.some(({ account }) => account !== storeAccount)) return;
  throw new LatchkeyError('STORE_REFUSED', { detail: 'the store holds no accounts; is it the right one?' });
}

/** As {@link restoreBackup}, recorded. @throws LatchkeyError also `AUDIT_UNAVAILABLE` */
export async function restoreOffline(
  services: BackupTools,
  read: () => AsyncIterable<Uint8Array>,
  open: () => Promise<StoreTransfer>,
): Promise<BackupSummary> {
  return recorded(services, 'restore', () => restoreBackup(services.keyring, read, open));
}

async function recorded<Result>(
  services: BackupTools,
  operation: Extract<AccountEvent['operation'], 'backup' | 'restore'>,
  act: () => Promise<Result>,
): Promise<Result> {
  const request = { requestId: randomUUID(), clientIp: '127.0.0.1' };
  return auditedAccounts(services, request, storeRoot, operation, () => undefined, act);
}
