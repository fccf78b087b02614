/**
 * The records of a variable's values.
 *
 * The head holds the newest value, so that the common read is one record; each older value
 * that is kept has a record of its own. Layout of the head: version (u32), length of the list
 * of versions in bytes (u16), that list as JSON, the sealed newest value.
 */
import { LatchkeyError } from '../errors.ts';
import type { ResourceId, RecordKey } from '../ids.ts';
import type { Change } from '../../ports/store.ts';
import { secretKey, secretVersionKey } from './keys.ts';

/** A version that is kept, and when its value expires (milliseconds), if ever. */
export interface SecretVersionEntry {
  readonly version: number;
  readonly expiresAt: number | undefined;
}

export interface SecretHead {
  readonly version: number;
  /** Ascending; the last is the newest. */
  readonly versions: readonly SecretVersionEntry[];
  readonly sealed: Uint8Array;
}

/** The associated data under which one value is sealed: it cannot pass for another variable's or version's. */
export function secretSealName(variable: ResourceId, version: number): string {
  return `secret ${variable} ${String(version)}`;
}

const fixedBytes = 6;

export function encodeSecretHead(head: SecretHead): Uint8Array {
  const list = Buffer.from(
    JSON.stringify(head.versions.map((entry) => [entry.version, entry.expiresAt ?? null])),
  );
  const bytes = Buffer.allocUnsafe(fixedBytes + list.length + head.sealed.length);
  bytes.writeUInt32BE(head.version, 0);
  bytes.writeUInt16BE(list.length, 4);
  bytes.set(list, fixedBytes);
  bytes.set(head.sealed, fixedBytes + list.length);
  return bytes;
}

/** The newest version's number and sealed value: all that the common read needs. */
export function newestOf(value: Uint8Array): Pick<SecretHead, 'version' | 'sealed'> {
  const bytes = viewOf(value);
  return { version: bytes.readUInt32BE(0), sealed: bytes.subarray(fixedBytes + bytes.readUInt16BE(4)) };
}

/** Reads a record that {@link encodeSecretHead} wrote. */
export function decodeSecretHead(value: Uint8Array): SecretHead {
  const bytes = viewOf(value);
  const listEnd = fixedBytes + bytes.readUInt16BE(4);
  const list: unknown = JSON.parse(bytes.toString('utf8', fixedBytes, listEnd));
  if (!Array.isArray(list))
    throw new LatchkeyError('INTERNAL', { detail: 'a stored list of versions is not a list' });
  const versions = (list as readonly (readonly [number, number | null])[]).map(([version, expiresAt]) => ({
    version,
    expiresAt: expiresAt ?? undefined,
  }));
  return { ...newestOf(value), versions };
}

/**
 * The changes that add a value: the newest moves to a record of its own, versions beyond
 * the limit go.
 * @param kept how many versions are kept, the new one included
 */
export function changesToAdd(
  variable: ResourceId,
  head: SecretHead | undefined,
  sealedNewest: Uint8Array,
  kept: number,
): readonly Change[] {
  const version = (head?.version ?? 0) + 1;
  const all = [...(head?.versions ?? []), { version, expiresAt: undefined }];
  const versions = all.slice(-kept);
  const changes: Change[] = [
    { key: secretKey(variable), value: encodeSecretHead({ version, versions, sealed: sealedNewest }) },
  ];
  if (head !== undefined && versions.some((entry) => entry.version === head.version)) {
    changes.push({ key: secretVersionKey(variable, head.version), value: head.sealed });
  }
  for (const dropped of all.slice(0, -kept)) {
    if (dropped.version !== head?.version) {
      changes.push({ key: secretVersionKey(variable, dropped.version), value: undefined });
    }
  }
  return changes;
}

/** The changes that remove every value of a variable. */
export function changesToRemove(variable: ResourceId, head: SecretHead): readonly Change[] {
  const keys: RecordKey[] = [secretKey(variable)];
  for (const { version } of head.versions) {
    if (version !== head.version) keys.push(secretVersionKey(variable, version));
  }
  return keys.map((key) => ({ key, value: undefined }));
}

function viewOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
