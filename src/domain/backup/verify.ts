import type { Keyring } from '../../ports/keyring.ts';
import { unreadable } from './frames.ts';
import { checkRecord } from './check-record.ts';
import { readContents, type AccountSummary, type BackupAccount } from './contents.ts';
import { openEnvelope } from './envelope.ts';

/** What is told of a backup. Never a secret. */
export interface BackupSummary {
  /** ISO 8601: when the first account of it was taken. */
  readonly createdAt: string;
  readonly accounts: readonly AccountSummary[];
}

/**
 * Reads a backup to its end: that it is authentic and whole, that each record can be read, and
 * that the data keys open each sealed value. Holds no more than some megabytes of it at a time.
 *
 * @throws LatchkeyError `BACKUP_INVALID`, `DATA_KEY_UNKNOWN`
 */
export async function verifyBackup(
  keyring: Keyring,
  file: AsyncIterable<Uint8Array>,
): Promise<BackupSummary> {
  const accounts: AccountSummary[] = [];
  let createdAt = '';
  let current: BackupAccount | undefined;
  for await (const part of readContents(openEnvelope(keyring, file))) {
    switch (part.kind) {
      case 'head':
        createdAt = part.createdAt;
        break;
      case 'account':
        current = part.account;
        break;
      case 'records': {
        const { account } = accountOf(current);
        for (const record of part.records) checkRecord(keyring, account, record);
        break;
      }
      case 'accountEnd':
        accounts.push({ ...accountOf(current), records: part.records });
    }
  }
  return { createdAt, accounts };
}

/** The account that a part belongs to. @throws LatchkeyError `BACKUP_INVALID`: there is none */
export function accountOf(current: BackupAccount | undefined): BackupAccount {
  if (current === undefined) throw unreadable('a record of it is in no account');
  return current;
}
