import assert from 'node:assert/strict';
import { bindDataKey } from '../../../src/domain/accounts/create.ts';
import { DataKeyWatch } from '../../../src/domain/data-keys/holders.ts';
import { rotateDataKey, type Rotated } from '../../../src/domain/data-keys/rotate.ts';
import { dataKeysStatus } from '../../../src/domain/data-keys/status.ts';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { toAccount, toResourceId } from '../../../src/domain/ids.ts';
import { secretVersionKey } from '../../../src/domain/records/keys.ts';
import { secretSealName } from '../../../src/domain/records/secrets.ts';
import { dataKeyId, openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Keyring } from '../../../src/ports/keyring.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');
const [oldKey, newKey, thirdKey] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte)) as [
  Buffer,
  Buffer,
  Buffer,
];

describe('rotateDataKey, of keys that the environment gives', () => {
  let folder: ReturnType<typeof temporaryDirectory>;
  let store: Store;
  let audit: MemoryAudit;
  let watches: DataKeyWatch[];

  beforeEach(async () => {
    folder = temporaryDirectory();
    store = await openLmdbStore({ directory: folder.path });
    audit = new MemoryAudit();
    watches = [];
    await bindDataKey(store, openKeyring({ dataKey: oldKey }));
  });
  afterEach(async () => {
    await Promise.all(watches.map((watch) => watch.close()));
    await store.close();
    folder.remove();
  });

  const holding = async (...keys: readonly Buffer[]): Promise<Keyring> => {
    const [dataKey = oldKey, ...otherKeys] = keys;
    const keyring = openKeyring({ dataKey, otherKeys });
    await bindDataKey(store, keyring);
    return keyring;
  };
  const process = async (name: string, ...keys: readonly Buffer[]): Promise<Keyring> => {
    const keyring = await holding(...keys);
    watches.push(new DataKeyWatch({ store, keyring }, name));
    return keyring;
  };
  const rotate = (keyring: Keyring): Promise<Rotated> =>
    rotateDataKey(
      { store, keyring, audit, clock: { now: () => 0 }, keyFile: undefined },
      { answerWaitMs: 1_500, recordsPerSecond: 1_000_000 },
    );
  const refused = (work: Promise<unknown>, code: ErrorCode, text: RegExp): Promise<void> =>
    assert.rejects(work, (error) => isFailure(error, code) && text.test(error.message));
  const put = async (keyring: Keyring, version: number): Promise<Uint8Array> => {
    const variable = toResourceId(account, 'variable', 'v');
    const value = keyring.seal(Buffer.from('value'), secretSealName(variable, version));
    const changes = [{ key: secretVersionKey(variable, version), value }];
    await store.commit(account, { changes, authority: false });
    return value;
  };

  it('seals under the key that the store names, in whatever order keys are given', async () => {
    assert.equal((await holding(newKey, oldKey)).keyId, dataKeyId(oldKey));
  });

  it('refuses to begin while a process does not hold the new key, and seals nothing under it', async () => {
    await process('with both', oldKey, newKey);
    await process('without', oldKey);
    const operator = await holding(oldKey, newKey);
    await refused(rotate(operator), 'DATA_KEY_NOT_EVERYWHERE', /do not hold the new key .*: without$/);
    assert.equal((await holding(newKey, oldKey)).keyId, dataKeyId(oldKey));
  }).timeout(30_000);

  it('has every process seal under the new key before it looks for what is under the old one', async () => {
    const one = await process('one', oldKey, newKey);
    const two = await process('two', newKey, oldKey);
    for (let version = 1; version <= 250; version += 1) await put(one, version);
    const operator = await holding(oldKey, newKey);
    const { keyId, retired, resealed } = await rotate(operator);
    assert.deepEqual([keyId, retired, resealed], [dataKeyId(newKey), [dataKeyId(oldKey)], 250]);
    assert.deepEqual([one.keyId, two.keyId], [keyId, keyId]);
    const { keys, processes } = await dataKeysStatus({ store, keyring: await holding(newKey) }, 1_500);
    assert.deepEqual(
      keys.map(({ id, values }) => [id, values]),
      [[keyId, 251]],
    );
    assert.deepEqual(
      processes.map(({ name }) => name),
      ['one', 'two'],
    );
    await assert.rejects(holding(oldKey), (error) => isFailure(error, 'DATA_KEY_WRONG'));
  }).timeout(60_000);

  it('leaves alone what no key opens, and names it', async () => {
    const operator = await holding(oldKey, newKey);
    const good = await put(operator, 1);
    const variable = toResourceId(account, 'variable', 'v');
    const moved = [{ key: secretVersionKey(variable, 2), value: good }];
    await store.commit(account, { changes: moved, authority: false });
    const { damaged, resealed } = await rotate(operator);
    assert.deepEqual([damaged, resealed], [[secretSealName(variable, 2)], 1]);
    const { records } = await store.read(account, [secretVersionKey(variable, 2)]);
    assert.deepEqual(Buffer.from(records[0]?.value ?? []), Buffer.from(good));
  }).timeout(60_000);

  it('never goes back to a key that was given up, nor guesses between several', async () => {
    const operator = await holding(oldKey, newKey);
    await rotate(operator);
    await refused(rotate(operator), 'DATA_KEY_TARGET_UNCLEAR', /give the new one beside it/);
    const two = await holding(newKey, thirdKey, Buffer.alloc(32, 4));
    await refused(rotate(two), 'DATA_KEY_TARGET_UNCLEAR', /could be the new one/);
  }).timeout(60_000);
});
