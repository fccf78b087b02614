/** Signing with named keys: pairs are made at the first use, and rings turn when it is time. */
import type { Account } from '../../ids.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { changeRegistryAsService } from '../registry/change.ts';
import type { KeyRecord, SigningAlgorithm } from '../registry/records.ts';
import { putRecord } from '../registry/registry.ts';
import { makePair, openPair, type SigningPair, type UnplacedPair } from './pairs.ts';
import { currentPair, keyNamed, missingPairs, refilled, rotated } from './ring.ts';

export type KeyServices = Pick<Services, 'authority' | 'keyring' | 'clock'>;

/** A ring that was renewed meanwhile may be due again only if its key was replaced. */
const maxRenewals = 4;

/**
 * What signs now under a named key: the current pair as of the account's present state. Makes the
 * pairs where there are none yet, and turns the ring first when that is due; of several processes
 * one does, and the others sign with what it made.
 *
 * @param now milliseconds since the epoch, by default the present
 * @throws LatchkeyError `SIGNING_KEY_NOT_FOUND`: no such key
 * @throws LatchkeyError `STORE_BUSY`, `STORE_UNAVAILABLE`, `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export async function signingPair(
  services: KeyServices,
  account: Account,
  keyName: string,
  now = services.clock.now(),
): Promise<SigningPair> {
  for (let renewals = 0; renewals <= maxRenewals; renewals += 1) {
    const { state } = await services.authority.read(account, []);
    const record = keyNamed(state, keyName) ?? notFound(keyName);
    const pair = currentPair(record);
    if (pair !== undefined && missingPairs(record, now) === 0) return openPair(services.keyring, pair);
    await renewOnce(services, account, keyName, now);
  }
  throw new LatchkeyError('STORE_BUSY');
}

/**
 * Makes the pairs of a key where it has none yet, so that they can be published before the first
 * signature: call it once a client or a role that names the key is stored.
 * @throws LatchkeyError as {@link signingPair} does
 */
export async function ensurePairs(services: KeyServices, account: Account, keyName: string): Promise<void> {
  const { state } = await services.authority.read(account, []);
  const record = keyNamed(state, keyName) ?? notFound(keyName);
  if (record.pairs.length === 0) await renewOnce(services, account, keyName, services.clock.now());
}

/** The renewals under way in this process: the many that wait for a ring share one, since pairs are costly to make. */
const renewing = new WeakMap<KeyServices['authority'], Map<string, Promise<void>>>();

function renewOnce(services: KeyServices, account: Account, keyName: string, now: number): Promise<void> {
  let ofAuthority = renewing.get(services.authority);
  if (ofAuthority === undefined)
    renewing.set(services.authority, (ofAuthority = new Map<string, Promise<void>>()));
  const ring = `${account}\t${keyName}`;
  const running = ofAuthority.get(ring);
  if (running !== undefined) return running;
  const started = renew(services, account, keyName, now).finally(() => ofAuthority.delete(ring));
  ofAuthority.set(ring, started);
  return started;
}

/** Fills or turns the ring, unless somebody else has. */
async function renew(services: KeyServices, account: Account, keyName: string, now: number): Promise<void> {
  const fresh = new FreshPairs(services, now);
  await changeRegistryAsService(services, account, async ({ state }) => {
    const record = keyNamed(state, keyName) ?? notFound(keyName);
    const renewed = await renewedRing(record, fresh, now);
    return { changes: renewed === record ? [] : [putRecord('oidc-key', renewed)], result: undefined };
  });
}

async function renewedRing(record: KeyRecord, fresh: FreshPairs, now: number): Promise<KeyRecord> {
  switch (missingPairs(record, now)) {
    case 0:
      return record;
    case 1:
      return rotated(record, await fresh.one(record.algorithm), now);
    case 2:
      return refilled(record, await fresh.two(record.algorithm), now);
  }
}

/** Pairs that one change of a ring may use. A change that lost its race uses them again. */
export class FreshPairs {
  readonly #keyring: KeyServices['keyring'];
  readonly #now: number;
  readonly #made = new Map<string, Promise<UnplacedPair>>();

  constructor({ keyring }: Pick<KeyServices, 'keyring'>, now: number) {
    this.#keyring = keyring;
    this.#now = now;
  }

  one(algorithm: SigningAlgorithm): Promise<UnplacedPair> {
    return this.#pair(algorithm, 0);
  }

  two(algorithm: SigningAlgorithm): Promise<readonly [UnplacedPair, UnplacedPair]> {
    return Promise.all([this.#pair(algorithm, 0), this.#pair(algorithm, 1)]);
  }

  #pair(algorithm: SigningAlgorithm, place: number): Promise<UnplacedPair> {
    const name = `${algorithm} ${String(place)}`;
    let pair = this.#made.get(name);
    if (pair === undefined) this.#made.set(name, (pair = makePair(this.#keyring, algorithm, this.#now)));
    return pair;
  }
}

function notFound(keyName: string): never {
  throw new LatchkeyError('SIGNING_KEY_NOT_FOUND', {
    detail: `no named key found: ${JSON.stringify(keyName)}`,
  });
}
