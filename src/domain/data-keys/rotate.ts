/**
 * Rotation of the data key while everything runs. The order of steps is what keeps every value open to every
 * process at every moment:
 * 1. the new key is among those that each process holds;
 * 2. the store names it as the one that seals, and each process has noticed;
 * 3. all that is sealed under another key is sealed anew, until a walk over everything finds nothing more;
 * 4. only then the older keys are given up.
 * How far it came is kept in the store; it can be broken off anywhere, and goes on when it is begun again.
 */
import { randomUUID } from 'node:crypto';
import { audited } from '../audited.ts';
import type { KeyEvent } from '../audit/events.ts';
import { LatchkeyError } from '../errors.ts';
import { occurrence } from '../occurrence.ts';
import { keyCheckKey, keyRotationKey } from '../records/keys.ts';
import { storeAccount, storeRoot } from '../accounts/store-account.ts';
import type { AuditSink } from '../../ports/audit-sink.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DataKeyFile } from '../../ports/data-key-file.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { textOf } from '../utf8.ts';
import { askHolders, type HolderServices, type KeyHolder } from './holders.ts';
import { sweep, type SweepLimits, type Swept } from './sweep.ts';

export interface RotationServices extends HolderServices {
  readonly audit: AuditSink;
  readonly clock: Clock;
  /** Where the keys are; undefined where they come from the environment. */
  readonly keyFile: DataKeyFile | undefined;
}

export interface RotationLimits extends SweepLimits {
  /** How long the answers of processes are waited for, several times. */
  readonly answerWaitMs: number;
  /** Told in a few words what happens next. */
  readonly onStep?: (step: string) => void;
}

export interface Rotated {
  /** The id of the key that seals now. */
  readonly keyId: string;
  /** The ids of the keys that nothing is sealed under any more. */
  readonly retired: readonly string[];
  /** How many records and entries were sealed anew, since this was begun. */
  readonly resealed: number;
  /** See {@link Swept}. */
  readonly damaged: readonly string[];
}

/** How far a rotation is, as it is stored. */
interface RotationState {
  readonly to: string;
  readonly underWay: boolean;
  /** Keys that were given up: none of them ever seals again. */
  readonly retired: readonly string[];
}

const maxPasses = 20;
const maxQuestions = 5;

/**
 * Rotates the data key, or goes on with a rotation that was broken off. The new key is the one that is
 * held beside the present one; where there is none, it is made and added to the key file.
 *
 * @throws LatchkeyError `DATA_KEY_TARGET_UNCLEAR`: several keys could be the new one; or there is none and no
 *   file to add it to; or the one of a rotation under way is not held
 * @throws LatchkeyError `DATA_KEY_NOT_EVERYWHERE`: a process does not hold the new key, or does not seal
 *   under it; nothing has been sealed under it where it is held by too few
 * @throws LatchkeyError `DATA_KEY_IN_USE`: values under an older key kept coming
 * @throws LatchkeyError `STORE_BUSY`: another rotation is under way; `SETTING_INVALID`: the key file cannot be
 *   changed; `AUDIT_UNAVAILABLE`, `STORE_UNAVAILABLE`
 */
export async function rotateDataKey(services: RotationServices, limits: RotationLimits): Promise<Rotated> {
  const { keyring, keyFile } = services;
  const state = await record(services, 'rotate-data-key', async () => begin(services, limits));
  const { to } = state.value;
  const older = keyring.keyIds.filter((id) => id !== to);
  await requireAll(services, limits, 'hold the new key', ({ holds }) => holds.includes(to), to);
  await switchTo(services, to);
  await requireAll(services, limits, 'seal under the new key', ({ seals }) => seals === to, to);
  const swept = await sweepUntilClean(services, limits, to);
  await record(services, 'retire-data-key', async () => {
    limits.onStep?.(`Giving up ${older.length === 1 ? 'the older key' : 'the older keys'}`);
    await keyFile?.remove(older);
    keyring.refresh();
    const retired = [...new Set([...state.value.retired, ...older])];
    return keepState(services, { to, underWay: false, retired }, state.revision, older.join(' '));
  });
  return { keyId: to, retired: older, ...swept };
}

interface KeptState {
  readonly value: RotationState;
  readonly revision: number;
  /** For the audit record. */
  readonly key: string;
}

async function begin(services: RotationServices, limits: RotationLimits): Promise<KeptState> {
  const { store, keyring } = services;
  const { records } = await store.read(storeAccount, [keyRotationKey()]);
  const state = stateIn(records[0]);
  const revision = records[0]?.revision ?? 0;
  if (state?.underWay === true) {
    if (!keyring.keyIds.includes(state.to)) {
      throw unclear(`a rotation to the key ${state.to} is under way, but this key is not given`);
    }
    limits.onStep?.(`Going on with the rotation to the key ${state.to}`);
    return { value: state, revision, key: state.to };
  }
  const retired = state?.retired ?? [];
  const to = await newKey(services, retired);
  limits.onStep?.(`Rotating from the key ${keyring.keyId} to the key ${to}`);
  return keepState(services, { to, underWay: true, retired }, revision, to);
}

async function newKey({ keyring, keyFile }: RotationServices, retired: readonly string[]): Promise<string> {
  const others = keyring.keyIds.filter((id) => id !== keyring.keyId && !retired.includes(id));
  if (others.length > 1)
    throw unclear(`each of ${others.join(' and ')} could be the new one; leave one of them`);
  const [given] = others;
  if (given !== undefined) return given;
  if (keyFile === undefined) {
    throw unclear(
      'the data key is given by the environment: give the new one beside it to every process, separated by a ' +
        'blank, and rotate then',
    );
  }
  const added = await keyFile.add();
  keyring.refresh();
  return added;
}

async function keepState(
  { store }: RotationServices,
  value: RotationState,
  revision: number,
  key: string,
): Promise<KeptState> {
  const result = await store.commit(storeAccount, {
    changes: [{ key: keyRotationKey(), value: Buffer.from(JSON.stringify(value)) }],
    authority: false,
    expectRevisions: [{ key: keyRotationKey(), revision }],
  });
  if (!result.committed) throw new LatchkeyError('STORE_BUSY', { detail: 'another rotation is under way' });
  return { value, revision: result.revision, key };
}

function stateIn(stored: StoredRecord | undefined): RotationState | undefined {
  return stored === undefined ? undefined : (JSON.parse(textOf(stored.value)) as RotationState);
}

/** Asks a few times, as one that has just been started may not have looked yet. */
async function requireAll(
  services: RotationServices,
  { answerWaitMs, onStep }: RotationLimits,
  what: string,
  holdsTrue: (holder: KeyHolder) => boolean,
  to: string,
): Promise<void> {
  onStep?.(`Asking whether all processes ${what}`);
  let lacking: readonly KeyHolder[] = [];
  for (let question = 0; question < maxQuestions; question += 1) {
    const holders = await askHolders(services, answerWaitMs);
    lacking = holders.filter((holder) => !holdsTrue(holder));
    if (lacking.length === 0) return;
  }
  throw new LatchkeyError('DATA_KEY_NOT_EVERYWHERE', {
    detail: `these processes do not ${what} ${to}: ${lacking.map(({ name }) => name).join(', ')}`,
  });
}

/** Makes the key the one that seals, for this process and all others. */
async function switchTo({ store, keyring, keyFile }: RotationServices, to: string): Promise<void> {
  const key = keyCheckKey();
  const { records } = await store.read(storeAccount, [key]);
  const [check] = records;
  if (check === undefined) throw new LatchkeyError('INTERNAL', { detail: 'the store names no data key' });
  // What is sealed from now on can be opened only for as long as the key is there.
  if (keyFile !== undefined && !keyFile.keyIds().includes(to)) {
    throw unclear(`the key ${to} is not in ${keyFile.path} any more`);
  }
  const before = keyring.keyId;
  if (!keyring.sealUnder(to)) throw unclear(`the key ${to} is not given`);
  if (keyring.sealedUnder(check.value) === to) return;
  const { committed } = await store.commit(storeAccount, {
    changes: [{ key, value: keyring.seal(keyring.open(check.value, key), key) }],
    authority: false,
    expectRevisions: [{ key, revision: check.revision }],
  });
  if (committed) return;
  keyring.sealUnder(before);
  throw new LatchkeyError('STORE_BUSY', { detail: 'another rotation is under way' });
}

/** Until a walk that began after every process had said that it seals under the new key finds nothing. */
async function sweepUntilClean(
  services: RotationServices,
  limits: RotationLimits,
  to: string,
): Promise<Pick<Rotated, 'resealed' | 'damaged'>> {
  let resealed = 0;
  let last: Swept | undefined;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    limits.onStep?.(pass === 0 ? 'Sealing everything anew' : 'Looking whether anything is left');
    const before = resealed;
    const onProgress = (swept: Swept): void => {
      limits.onProgress?.({ ...swept, resealed: before + swept.resealed });
    };
    const swept = await sweep(services, { ...limits, onProgress });
    resealed += swept.resealed;
    const clean = swept.resealed === 0 && swept.postponed === 0;
    if (clean && last !== undefined) return { resealed, damaged: swept.damaged };
    last = clean ? swept : undefined;
    // What was on its way to the store when the key changed has arrived by then.
    if (clean) await requireAll(services, limits, 'seal under the new key', ({ seals }) => seals === to, to);
  }
  throw new LatchkeyError('DATA_KEY_IN_USE', { detail: 'begin the rotation again to go on with it' });
}

function unclear(detail: string): LatchkeyError {
  return new LatchkeyError('DATA_KEY_TARGET_UNCLEAR', { detail });
}

async function record(
  services: RotationServices,
  operation: KeyEvent['operation'],
  act: () => Promise<KeptState>,
): Promise<KeptState> {
  const request = { requestId: randomUUID(), clientIp: '127.0.0.1' };
  let key: string | undefined;
  const describe = (failure: unknown): KeyEvent => ({
    type: 'key',
    operation,
    ...occurrence(services, request, failure),
    role: storeRoot,
    ...(key === undefined || key === '' ? {} : { key }),
  });
  return audited(services.audit, describe, async () => {
    const kept = await act();
    ({ key } = kept);
    return kept;
  });
}
