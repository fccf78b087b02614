import assert from 'node:assert/strict';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import {
  adminOf,
  resourceOf,
  rootPolicyOf,
  toAccount,
  toResourceId,
  type ResourceId,
} from '../../../src/domain/ids.ts';
import { createAccount } from '../../../src/domain/accounts/create.ts';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { PasswordHasher } from '../../../src/domain/authn/password.ts';
import { readCredential } from '../../../src/domain/authn/credential-change.ts';
import { login } from '../../../src/domain/authn/login.ts';
import { loadPolicy } from '../../../src/domain/policy/load.ts';
import { credentialKey, secretKey, secretVersionKey } from '../../../src/domain/records/keys.ts';
import { fetchSecret } from '../../../src/domain/secrets/fetch.ts';
import { setSecret } from '../../../src/domain/secrets/set.ts';
import { toSecretVersion } from '../../../src/domain/ids.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { attemptsOn } from '../../support/attempts.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { defaultSettings } from '../../support/domain-settings.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');
const [one, other] = ['one', 'other'].map((name) => toResourceId(account, 'variable', name)) as [
  ResourceId,
  ResourceId,
];

describe('values that were altered or moved in the store', () => {
  const folder = temporaryDirectory();
  const audit = new MemoryAudit();
  const clock = { now: (): number => Date.now() };
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const settings = { ...defaultSettings, maxSecretBytes: 1_024, maxPolicyBytes: 1_024 };
  const passwords = new PasswordHasher();
  let store: Store;
  let authority: Authority;

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    authority = new Authority(store, keyring);
    await createAccount({ authority, keyring, clock, passwords }, account, () => Promise.resolve());
    const text = Buffer.from('- !variable one\n- !variable other\n- !user alice\n');
    const services = { authority, keyring, clock, audit, passwords, settings };
    await loadPolicy(services, await asAdmin(), rootPolicyOf(account), 'create', text);
    for (const variable of [one, other]) {
      for (const value of ['first', 'second']) {
        await setSecret(services, await asAdmin(), variable, Buffer.from(`${value} of ${variable}`));
      }
    }
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  const request = { requestId: 'r', clientIp: '127.0.0.1' };
  const asAdmin = async () => {
    const kid = (await authority.read(account, [])).state.newestSigningKey?.kid ?? '';
    return { ...request, actor: { account, role: adminOf(account), kid, issuedAt: 0 } };
  };
  const fetched = async (variable: ResourceId, version?: number): Promise<string> => {
    const services = { authority, keyring, clock, audit, settings };
    const wanted = version === undefined ? undefined : toSecretVersion(version);
    return Buffer.from((await fetchSecret(services, await asAdmin(), variable, wanted)).value).toString();
  };
  const refusedAndRecorded = async (act: () => Promise<unknown>, code: ErrorCode): Promise<void> => {
    const before = audit.events.length;
    await assert.rejects(act(), (error) => isFailure(error, code));
    const recorded = audit.events.slice(before);
    assert.ok(recorded.some((event) => event.type === 'integrity' && event.outcome === 'failure'));
    assert.ok(recorded.some((event) => event.type === 'fetch' && event.outcome === 'failure'));
  };
  const write = async (
    key: Parameters<Store['read']>[1][number],
    value: Uint8Array | undefined,
  ): Promise<void> => {
    await store.commit(account, { changes: [{ key, value }], authority: false });
  };
  const valueOf = async (key: Parameters<Store['read']>[1][number]): Promise<Uint8Array> => {
    const [record] = (await store.read(account, [key])).records;
    assert.ok(record !== undefined);
    return Buffer.from(record.value);
  };

  it('are refused when one variable’s value stands in the place of another’s', async () => {
    const original = await valueOf(secretKey(one));
    await write(secretKey(one), await valueOf(secretKey(other)));
    await refusedAndRecorded(() => fetched(one), 'SEALED_VALUE_INVALID');
    await write(secretKey(one), original);
    assert.equal(await fetched(one), `second of ${one}`);
  });

  it('are refused when an old version stands in the place of a newer one', async () => {
    const head = Buffer.from(await valueOf(secretKey(one)));
    const old = await valueOf(secretVersionKey(one, 1));
    const listEnd = 6 + head.readUInt16BE(4);
    await write(secretKey(one), Buffer.concat([head.subarray(0, listEnd), old]));
    await refusedAndRecorded(() => fetched(one), 'SEALED_VALUE_INVALID');
    await write(secretKey(one), head);
    assert.equal(await fetched(one, 1), `first of ${one}`);
  });

  it('are refused when a bit of them was changed', async () => {
    const original = await valueOf(secretVersionKey(other, 1));
    const altered = Buffer.from(original);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    await write(secretVersionKey(other, 1), altered);
    await refusedAndRecorded(() => fetched(other, 1), 'SEALED_VALUE_INVALID');
    assert.equal(await fetched(other), `second of ${other}`);
  });

  it('are refused when they are sealed under another data key', async () => {
    const foreign = openKeyring({ dataKey: Buffer.alloc(32, 2) });
    await write(secretVersionKey(other, 1), foreign.seal(Buffer.from('x'), `secret ${other} 1`));
    await refusedAndRecorded(() => fetched(other, 1), 'DATA_KEY_UNKNOWN');
  });

  it('cannot lend one role the API key of another', async () => {
    const alice = toResourceId(account, 'user', 'alice');
    const admin = resourceOf(adminOf(account));
    const [aliceKey, adminKey] = [alice, admin].map((user) =>
      credentialKey(user as unknown as Parameters<typeof credentialKey>[0]),
    );
    assert.ok(aliceKey !== undefined && adminKey !== undefined);
    const moved = await valueOf(adminKey);
    await store.commit(account, { changes: [{ key: aliceKey, value: moved }], authority: true });
    assert.ok((await readCredential({ authority }, adminOf(account))).credential !== undefined);
    const presented = { login: 'alice', secret: Buffer.from('anything') };
    const attempts = attemptsOn(store, clock);
    const services = { authority, keyring, passwords, clock, audit, attempts };
    await assert.rejects(login(services, request, account, presented), (error) =>
      isFailure(error, 'SEALED_VALUE_INVALID'),
    );
  });
});
