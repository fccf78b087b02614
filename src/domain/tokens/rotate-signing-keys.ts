/**
 * Rotation of the keys that an account's access tokens are signed with. New tokens are signed with the new
 * key at once, in every process; those of the key before verify until the last of them has expired.
 */
import { randomUUID } from 'node:crypto';
import type { KeyEvent } from '../audit/events.ts';
import { audited } from '../audited.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import { storeRoot } from '../accounts/store-account.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import type { Account, RecordKey } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { AuditSink } from '../../ports/audit-sink.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Change, Store, StoredRecord } from '../../ports/store.ts';
import { keyParts } from '../records/keys.ts';
import { maxAccessTokenTtlSeconds } from './max-ttl.ts';
import { expiringSigningKey, newSigningKey, signingKeyTimes, type SigningKeyTimes } from './signing-keys.ts';

export interface SigningKeyServices {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly audit: AuditSink;
  readonly clock: Clock;
}

/** By how much the clocks of processes may differ. */
const leewaySeconds = 60;
/** How long tokens of a key that was replaced still verify. */
export const signingKeyOverlapMs = (maxAccessTokenTtlSeconds + leewaySeconds) * 1_000;

/** A signing key, without the key. */
export interface ShownSigningKey extends SigningKeyTimes {
  readonly kid: string;
  /** `signs`: new tokens; `verifies`: older tokens, until it expires; `expired`: none any more. */
  readonly state: 'signs' | 'verifies' | 'expired';
}

export interface RotationOptions {
  /** Ends every token that was signed before, in every process, with the next request. */
  readonly revoke?: boolean;
  /** Rotate only if the signing key is that old, in milliseconds. */
  readonly ifOlderThanMs?: number;
}

export interface RotatedSigningKey {
  /** The id of the new key. */
  readonly kid: string;
  /** The ids of those that are gone: they had expired, or were revoked. */
  readonly removed: readonly string[];
}

/**
 * The signing keys of an account, the one that signs first, then the newest first.
 * @throws LatchkeyError `ACCOUNT_UNKNOWN`: there is no such account
 */
export async function listSigningKeys(
  services: Pick<SigningKeyServices, 'store' | 'clock'>,
  account: Account,
): Promise<readonly ShownSigningKey[]> {
  const now = services.clock.now();
  const shown = (await storedKeys(services, account)).map(({ kid, times }) => ({
    kid,
    ...times,
    state: stateOf(times, now),
  }));
  return shown.sort((one, other) => rankOf(one) - rankOf(other) || other.createdAt - one.createdAt);
}

function rankOf({ state }: ShownSigningKey): number {
  return state === 'signs' ? 0 : 1;
}

function stateOf({ expiresAt }: SigningKeyTimes, now: number): ShownSigningKey['state'] {
  if (expiresAt === undefined) return 'signs';
  return expiresAt > now ? 'verifies' : 'expired';
}

/**
 * Gives an account a new signing key. Of the others, those that have expired are removed.
 * @returns undefined where the present one is not as old as asked for
 * @throws LatchkeyError `ACCOUNT_UNKNOWN`, `STORE_BUSY`, `AUDIT_UNAVAILABLE`
 */
export async function rotateSigningKey(
  services: SigningKeyServices,
  account: Account,
  options: RotationOptions = {},
): Promise<RotatedSigningKey | undefined> {
  const request = { requestId: randomUUID(), clientIp: '127.0.0.1' };
  let rotated: RotatedSigningKey | 'young' | undefined;
  const describe = (failure: unknown): KeyEvent | undefined => {
    // Nothing was to be done, or there is nobody to do it for: no act.
    if (rotated === 'young') return undefined;
    if (options.ifOlderThanMs !== undefined && isFailure(failure, 'ACCOUNT_UNKNOWN')) return undefined;
    const operation = options.revoke === true ? 'revoke-signing-key' : 'rotate-signing-key';
    const key = rotated === undefined ? {} : { key: rotated.kid };
    return {
      type: 'key',
      operation,
      ...occurrence(services, request, failure),
      role: storeRoot,
      account,
      ...key,
    };
  };
  await audited(services.audit, describe, async () => {
    rotated = await untilCommitted(() => tryToRotate(services, account, options));
  });
  return rotated === 'young' ? undefined : rotated;
}

async function tryToRotate(
  services: SigningKeyServices,
  account: Account,
  { revoke = false, ifOlderThanMs }: RotationOptions,
): Promise<RotatedSigningKey | 'young' | undefined> {
  const now = services.clock.now();
  const { epoch } = await services.store.read(account, []);
  const keys = await storedKeys(services, account);
  // One that was made while the clock was wrong, in either direction, is not young.
  const young = ({ times }: StoredKey): boolean =>
    times.expiresAt === undefined && Math.abs(now - times.createdAt) < (ifOlderThanMs ?? 0);
  if (keys.some(young)) return 'young';
  const fresh = newSigningKey(account, services.keyring, now);
  const ended = keys.filter(({ times }) => revoke || stateOf(times, now) === 'expired');
  const changes: Change[] = [fresh, ...ended.map(({ key }) => ({ key, value: undefined }))];
  for (const { key, record, times } of keys) {
    if (revoke || times.expiresAt !== undefined) continue;
    changes.push({ key, value: expiringSigningKey(record.value, now + signingKeyOverlapMs) });
  }
  const { committed } = await services.store.commit(account, {
    changes,
    authority: true,
    expectLineage: epoch.lineage,
    expectRevisions: keys.map(({ key, record }) => ({ key, revision: record.revision })),
  });
  if (!committed) return undefined;
  return { kid: keyParts(fresh.key)[0] ?? '', removed: ended.map(({ kid }) => kid) };
}

interface StoredKey {
  readonly key: RecordKey;
  readonly kid: string;
  readonly record: StoredRecord;
  readonly times: SigningKeyTimes;
}

async function storedKeys(
  { store }: Pick<SigningKeyServices, 'store'>,
  account: Account,
): Promise<readonly StoredKey[]> {
  const found = new Map<RecordKey, StoredKey>();
  for await (const batch of store.scan(account, 'signing-key')) {
    for (const [key, { value, revision }] of batch) {
      const record = { value: Uint8Array.from(value), revision };
      found.set(key, { key, kid: keyParts(key)[0] ?? '', record, times: signingKeyTimes(value) });
    }
  }
  if (found.size === 0) throw new LatchkeyError('ACCOUNT_UNKNOWN');
  return [...found.values()];
}
