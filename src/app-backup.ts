/** What backups take: like `app.ts` this knows every layer, but starts no service. */
import { mkdir, readdir } from 'node:fs/promises';
import { openFoundation } from './app.ts';
import type { Config } from './config/options.ts';
import type { BackupTools } from './domain/backup/offline.ts';
import { LatchkeyError } from './domain/errors.ts';
import { collections } from './domain/records/keys.ts';
import { openAuditSink } from './drivers/audit/file-sink.ts';
import { loadDataKeys } from './drivers/keyring/data-key.ts';
import { openKeyring } from './drivers/keyring/keyring.ts';
import { openLmdbTransfer } from './drivers/lmdb/restore.ts';
import { openRedisTransfer } from './drivers/redis/restore.ts';
import type { Keyring } from './ports/keyring.ts';
import type { StoreSnapshot, StoreTransfer } from './ports/store-transfer.ts';

const clock = { now: (): number => Date.now() };

/** What running processes say of themselves is of no use elsewhere. */
const backedUp = collections.filter((name) => name !== 'key-holder');

/**
 * Opens the store with its data key and takes a snapshot of it, also while services run on it.
 * @throws LatchkeyError as starting a service does, `STORE_BUSY`, and what the act throws
 */
export async function withSnapshot<Result>(
  config: Config,
  act: (services: BackupTools, snapshot: StoreSnapshot) => Promise<Result>,
): Promise<Result> {
  if (config.store.driver === 'lmdb') await requireStore(config.store.path);
  return withClosing(async (opened) => {
    const { store, keyring, audit } = await openFoundation(config, opened);
    const snapshot = await store.snapshot(backedUp);
    opened.push(() => snapshot.close());
    return act({ keyring, audit, clock }, snapshot);
  });
}

/** So that a mistyped folder does not become a new store, and its backup a backup of nothing. */
async function requireStore(path: string): Promise<void> {
  const files = await readdir(path).catch(() => []);
  if (files.length === 0) {
    throw new LatchkeyError('STORE_REFUSED', { detail: `there is no store in ${path}` });
  }
}

/**
 * Opens what it takes to fill an empty store.
 * @param restart whether a restore that was not finished is started over
 * @throws LatchkeyError `SETTING_INVALID`, `DATA_KEY_INVALID`, `AUDIT_UNAVAILABLE`, and what the act throws
 */
export async function withTransfer<Result>(
  config: Config,
  restart: boolean,
  act: (services: BackupTools, open: () => Promise<StoreTransfer>) => Promise<Result>,
): Promise<Result> {
  return withClosing(async (opened) => {
    const keyring = await openDataKeys(config);
    await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
    const audit = await openAuditSink({ path: config.auditFile, format: config.auditFormat });
    opened.push(() => audit.close());
    return act({ keyring, audit, clock }, () => openTransfer(config, restart));
  });
}

function openTransfer(config: Config, restart: boolean): Promise<StoreTransfer> {
  const { store } = config;
  if (store.driver === 'lmdb') return openLmdbTransfer({ directory: store.path, restart });
  return openRedisTransfer({
    url: store.url.reveal(),
    restart,
    waitReplicas: config.redisWaitReplicas,
    allowVolatile: config.allowVolatileStore,
  });
}

/**
 * The data keys without a store. None is made: what was sealed under another could not be opened.
 * @throws LatchkeyError `SETTING_INVALID`, `DATA_KEY_INVALID`
 */
export async function openDataKeys(config: Config): Promise<Keyring> {
  const source = { environmentValue: config.dataKey?.reveal(), file: config.dataKeyFile, mayCreate: false };
  const [dataKey = new Uint8Array(), ...otherKeys] = await loadDataKeys(source);
  return openKeyring({ dataKey, otherKeys });
}

async function withClosing<Result>(
  act: (opened: (() => Promise<void>)[]) => Promise<Result>,
): Promise<Result> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await act(opened);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}
