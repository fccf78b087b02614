/** What the key commands do on the store of the service. */
import { withDataKeys } from '../app.ts';
import type { Config } from '../config/options.ts';
import { rotateDataKey, type Rotated, type RotationLimits } from '../domain/data-keys/rotate.ts';
import { dataKeysStatus, type DataKeysStatus } from '../domain/data-keys/status.ts';
import { toAccount } from '../domain/ids.ts';
import {
  listSigningKeys,
  rotateSigningKey,
  type RotatedSigningKey,
  type ShownSigningKey,
} from '../domain/tokens/rotate-signing-keys.ts';

export interface KeysOnStore {
  rotateDataKey(limits: RotationLimits): Promise<Rotated>;
  dataKeysStatus(answerWaitMs: number): Promise<DataKeysStatus>;
  /** Where the data keys are; undefined where the environment gives them. */
  readonly keyFile: string | undefined;
  listSigningKeys(account: string): Promise<readonly ShownSigningKey[]>;
  rotateSigningKey(account: string, revoke: boolean): Promise<RotatedSigningKey | undefined>;
}

/** @throws LatchkeyError whatever kept the store from being opened, or the act from succeeding */
export async function withKeysOnStore<Result>(
  config: Config,
  act: (keys: KeysOnStore) => Promise<Result>,
): Promise<Result> {
  return withDataKeys(config, (services) =>
    act({
      rotateDataKey: (limits) => rotateDataKey(services, limits),
      dataKeysStatus: (answerWaitMs) => dataKeysStatus(services, answerWaitMs),
      keyFile: services.keyFile?.path,
      listSigningKeys: async (account) => listSigningKeys(services, toAccount(account)),
      rotateSigningKey: async (account, revoke) => rotateSigningKey(services, toAccount(account), { revoke }),
    }),
  );
}
