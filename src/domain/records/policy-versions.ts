/**
 * The records of a policy's versions: a head with the number of the newest and of those that
 * are kept, and one record a version with the text that was loaded.
 */
import { promisify } from 'node:util';
import { deflate, deflateSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { LatchkeyError } from '../errors.ts';
import type { ResourceId, RoleId } from '../ids.ts';
import type { Change } from '../../ports/store.ts';
import { policyHeadKey, policyVersionKey } from './keys.ts';

export interface PolicyHead {
  readonly version: number;
  /** Ascending. */
  readonly kept: readonly number[];
}

export interface PolicyVersion {
  readonly version: number;
  readonly text: Uint8Array;
  /** Of the text, in hex. */
  readonly sha256: string;
  readonly role: RoleId;
  readonly clientIp: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly finishedAt: number;
}

export function decodePolicyHead(value: Uint8Array): PolicyHead {
  const [version, kept] = JSON.parse(viewOf(value).toString()) as readonly [number, readonly number[]];
  return { version, kept };
}

function encodePolicyHead(head: PolicyHead): Uint8Array {
  return Buffer.from(JSON.stringify([head.version, head.kept]));
}

/** The text as it is kept. */
export function deflated(text: Uint8Array): Uint8Array {
  return deflateSync(text, deflateOptions);
}

/** The same without holding up the event loop. */
export const deflatedApart: (text: Uint8Array) => Promise<Uint8Array> = async (text) =>
  promisify<Uint8Array, ZlibOptions, Buffer>(deflate)(text, deflateOptions);

const deflateOptions = { level: 1 };

/** Layout: length of the facts in bytes (u32), the facts as JSON, the text deflated. */
export function encodePolicyVersion(version: PolicyVersion, stored?: Uint8Array): Uint8Array {
  const { text, ...facts } = version;
  const factBytes = Buffer.from(JSON.stringify(facts));
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(factBytes.length);
  return Buffer.concat([length, factBytes, stored ?? deflated(text)]);
}

/** Reads a record that {@link encodePolicyVersion} wrote. */
export function decodePolicyVersion(value: Uint8Array): PolicyVersion {
  const bytes = viewOf(value);
  const factsEnd = 4 + bytes.readUInt32BE(0);
  const facts = JSON.parse(bytes.toString('utf8', 4, factsEnd)) as Omit<PolicyVersion, 'text'>;
  return { ...facts, text: inflateSync(bytes.subarray(factsEnd)) };
}

/**
 * The changes that add a version; those beyond the limit go.
 * @param kept how many versions are kept, the new one included
 * @param stored the text deflated, where that was done already
 */
export function changesToAddVersion(
  policy: ResourceId,
  head: PolicyHead | undefined,
  version: PolicyVersion,
  kept: number,
  stored?: Uint8Array,
): readonly Change[] {
  if (version.version !== (head?.version ?? 0) + 1) {
    throw new LatchkeyError('INTERNAL', { detail: 'a policy version does not follow the newest' });
  }
  const all = [...(head?.kept ?? []), version.version];
  return [
    {
      key: policyHeadKey(policy),
      value: encodePolicyHead({ version: version.version, kept: all.slice(-kept) }),
    },
    { key: policyVersionKey(policy, version.version), value: encodePolicyVersion(version, stored) },
    ...all.slice(0, -kept).map((dropped) => ({ key: policyVersionKey(policy, dropped), value: undefined })),
  ];
}

/** The changes that remove a policy's versions. Its number does not start again: the head stays. */
export function changesToRemoveVersions(policy: ResourceId, head: PolicyHead): readonly Change[] {
  return [
    { key: policyHeadKey(policy), value: encodePolicyHead({ version: head.version, kept: [] }) },
    ...head.kept.map((version) => ({ key: policyVersionKey(policy, version), value: undefined })),
  ];
}

function viewOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
