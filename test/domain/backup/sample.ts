import { randomBytes } from 'node:crypto';
import { storedRecordKey, toAccount, toResourceId } from '../../../src/domain/ids.ts';
import { secretKey } from '../../../src/domain/records/keys.ts';
import { encodeSecretHead, secretSealName } from '../../../src/domain/records/secrets.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { writeContents } from '../../../src/domain/backup/contents.ts';
import { sealEnvelope } from '../../../src/domain/backup/envelope.ts';
import { LatchkeyError } from '../../../src/domain/errors.ts';
import type { Keyring } from '../../../src/ports/keyring.ts';
import type { StoreSnapshot, TransferredRecord } from '../../../src/ports/store-transfer.ts';

export const account = toAccount('acme');
export const keyring: Keyring = openKeyring({ dataKey: randomBytes(32) });

/** A record that is none of a store's, or one as it is given. */
export function record(key: string, value: string | Uint8Array): TransferredRecord {
  return { key: storedRecordKey(key), value: Buffer.from(value) };
}

/** The value of a variable, sealed under the name of another where one is given. */
export function secret(name: string, value: Uint8Array | string, sealedAs = name): TransferredRecord {
  const variable = toResourceId(account, 'variable', name);
  const seal = secretSealName(toResourceId(account, 'variable', sealedAs), 1);
  const sealed = keyring.seal(Buffer.from(value), seal);
  const head = { version: 1, versions: [{ version: 1, expiresAt: undefined }], sealed };
  return { key: secretKey(variable), value: encodeSecretHead(head) };
}

export interface SampleAccount {
  readonly records: readonly TransferredRecord[];
  readonly counts?: ReadonlyMap<string, number>;
}

export function snapshotOf(...accounts: readonly SampleAccount[]): StoreSnapshot {
  return {
    accounts: async function* () {
      for (const [index, { records, counts }] of accounts.entries()) {
        yield {
          account: index === 0 ? account : toAccount(`acme${index}`),
          epoch: { lineage: 'a'.repeat(32), counter: 3 },
          revision: 5,
          counts,
          records: async function* () {
            yield records;
          },
        };
      }
    },
    close: () => Promise.resolve(),
  };
}

/** The bytes of a backup file. */
export async function backupOf(...accounts: readonly SampleAccount[]): Promise<Buffer> {
  return fileOf(writeContents(snapshotOf(...accounts), new Date(0), () => undefined));
}

/** The bytes of a backup file with any contents. */
export async function fileOf(contents: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return all(await sealEnvelope(keyring, contents));
}

export async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

/** The bytes in pieces, as a file is read. */
export async function* inPieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function failsWith(code: LatchkeyError['code'], text = /./): (error: unknown) => boolean {
  return (error) => error instanceof LatchkeyError && error.code === code && text.test(error.message);
}
