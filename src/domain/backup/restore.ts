import type { Keyring } from '../../ports/keyring.ts';
import type { StoreTransfer } from '../../ports/store-transfer.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { readContents, type BackupAccount } from './contents.ts';
import { openEnvelope } from './envelope.ts';
import { accountOf, verifyBackup, type BackupSummary } from './verify.ts';

/**
 * Puts a backup into an empty store.
 *
 * It is read twice: it must be whole and usable before the store is touched at all, and each
 * account must have all its records before any of them counts. When it fails, what was written is
 * removed again; when the process dies, nothing of it counts, and the store refuses services until
 * it is restored anew.
 *
 * @param read begins to read the file anew
 * @param open opens the store to be filled
 * @throws LatchkeyError `BACKUP_INVALID`, `DATA_KEY_UNKNOWN`, and what filling the store throws
 */
export async function restoreBackup(
  keyring: Keyring,
  read: () => AsyncIterable<Uint8Array>,
  open: () => Promise<StoreTransfer>,
): Promise<BackupSummary> {
  const summary = await verifyBackup(keyring, read());
  const transfer = await open();
  try {
    await fill(transfer, readContents(openEnvelope(keyring, read())));
    await transfer.publish();
    return summary;
  } catch (error) {
    // Where the outcome is not known, or it is another's by now, it is left alone.
    if (!isFailure(error, 'STORE_UNAVAILABLE', 'TRANSFER_UNFINISHED')) await transfer.discard();
    throw error;
  } finally {
    await transfer.close();
  }
}

async function fill(transfer: StoreTransfer, parts: ReturnType<typeof readContents>): Promise<void> {
  let current: BackupAccount | undefined;
  for await (const part of parts) {
    switch (part.kind) {
      case 'head':
        break;
      case 'account':
        current = part.account;
        await transfer.begin(part.account);
        break;
      case 'records':
        await transfer.write(part.records);
        break;
      case 'accountEnd':
        await requireAll(transfer, accountOf(current), part.records);
    }
  }
}

/** That it has what it should have: also that two records of the backup are not one to the store. */
async function requireAll(
  transfer: StoreTransfer,
  { account }: BackupAccount,
  expected: Readonly<Record<string, number>>,
): Promise<void> {
  const counts = await transfer.counts(Object.keys(expected));
  for (const [collection, count] of Object.entries(expected)) {
    if (counts.get(collection) === count) continue;
    throw new LatchkeyError('INTERNAL', {
      detail: `the account ${account} has ${String(counts.get(collection))} records (${collection}) instead of ${count}`,
    });
  }
}
