/** What the backup commands do on the store of the service. */
import { openDataKeys, withSnapshot, withTransfer } from '../app-backup.ts';
import type { Config } from '../config/options.ts';
import { backupOffline, restoreOffline } from '../domain/backup/offline.ts';
import { verifyBackup, type BackupSummary } from '../domain/backup/verify.ts';

/** @throws LatchkeyError whatever kept the store from being opened or read, and what keeping the file throws */
export async function backupStore(
  config: Config,
  keep: (file: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<BackupSummary> {
  return withSnapshot(config, (services, snapshot) => backupOffline(services, snapshot, keep));
}

/** @throws LatchkeyError `BACKUP_INVALID`, `DATA_KEY_UNKNOWN`, and what keeps the data key from being read */
export async function verifyFile(config: Config, file: AsyncIterable<Uint8Array>): Promise<BackupSummary> {
  return verifyBackup(await openDataKeys(config), file);
}

/** @throws LatchkeyError also whatever kept the store from being filled */
export async function restoreStore(
  config: Config,
  restart: boolean,
  read: () => AsyncIterable<Uint8Array>,
): Promise<BackupSummary> {
  return withTransfer(config, restart, (services, open) => restoreOffline(services, read, open));
}
