import { keyCheckKey, keyRotationKey } from '../records/keys.ts';
import { storeAccount } from '../accounts/store-account.ts';
import { textOf } from '../utf8.ts';
import { askHolders, type HolderServices, type KeyHolder } from './holders.ts';
import { countByKey } from './sweep.ts';

/** One data key, or what is known of one that is not held. */
export interface DataKeyStatus {
  readonly id: string;
  /** Whether the store names it as the one that seals. */
  readonly seals: boolean;
  /** Whether it is given here: in the key file, or the environment. */
  readonly held: boolean;
  /** How many records and entries are sealed under it. */
  readonly values: number;
}

export interface DataKeysStatus {
  readonly keys: readonly DataKeyStatus[];
  /** The running processes that answered. */
  readonly processes: readonly KeyHolder[];
  /** The id of the key that a rotation which is not finished goes to. */
  readonly rotatingTo?: string;
}

/**
 * Tells which data keys there are, what is sealed under each, and which processes hold them. It reads the
 * whole store.
 * @throws LatchkeyError `STORE_UNAVAILABLE`
 */
export async function dataKeysStatus(
  services: HolderServices,
  answerWaitMs: number,
): Promise<DataKeysStatus> {
  const { store, keyring } = services;
  const processes = await askHolders(services, answerWaitMs);
  const counts = await countByKey(services);
  const { records } = await store.read(storeAccount, [keyCheckKey(), keyRotationKey()]);
  const [check, rotation] = records;
  const sealing = check === undefined ? keyring.keyId : keyring.sealedUnder(check.value);
  const ids = [...new Set([...keyring.keyIds, ...counts.keys()])];
  const keys = ids.map((id) => ({
    id,
    seals: id === sealing,
    held: keyring.keyIds.includes(id),
    values: counts.get(id) ?? 0,
  }));
  const state =
    rotation === undefined
      ? undefined
      : (JSON.parse(textOf(rotation.value)) as { readonly to: string; readonly underWay: boolean });
  return { keys, processes, ...(state?.underWay === true ? { rotatingTo: state.to } : {}) };
}
