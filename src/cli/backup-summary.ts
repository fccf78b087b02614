/** What is told of a backup. */
import { plain } from './answers.ts';
import type * as backupStore from './backup-store.ts';

export type BackupStore = typeof backupStore;
export type Summary = Awaited<ReturnType<BackupStore['verifyFile']>>;

/** One line for the backup and one for each account. */
export function linesOf({ createdAt, accounts }: Summary): readonly string[] {
  return [
    `taken at ${plain(createdAt)}`,
    ...accounts.map(({ account, counter, records }) => {
      const counts = Object.entries(records).filter(([, count]) => count > 0);
      const text = counts.map(([collection, count]) => `${plain(collection)} ${count}`).join(', ');
      return `account ${plain(account)}: epoch ${counter}; records: ${text === '' ? 'none' : text}`;
    }),
  ];
}

/** The same for programs. */
export function jsonOf({ createdAt, accounts }: Summary): Readonly<Record<string, unknown>> {
  return {
    created_at: createdAt,
    accounts: accounts.map(({ account, lineage, counter, revision, records }) => ({
      id: account,
      epoch: { lineage, counter },
      revision,
      records,
    })),
  };
}
