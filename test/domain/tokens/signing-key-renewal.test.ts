import assert from 'node:assert/strict';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../src/domain/accounts/create.ts';
import { PasswordHasher } from '../../../src/domain/authn/password.ts';
import { isFailure, LatchkeyError } from '../../../src/domain/errors.ts';
import { toAccount, type Account } from '../../../src/domain/ids.ts';
import { listSigningKeys } from '../../../src/domain/tokens/rotate-signing-keys.ts';
import { SigningKeyRenewal } from '../../../src/domain/tokens/signing-key-renewal.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const accounts = [toAccount('one'), toAccount('two')];
const dayMs = 24 * 60 * 60 * 1_000;
const maxAgeMs = 30 * dayMs;

describe('SigningKeyRenewal', () => {
  const folder = temporaryDirectory();
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const clock = { now: () => now };
  let now: number;
  let store: Store;
  let audit: MemoryAudit;
  let failures: unknown[];
  let renewals: SigningKeyRenewal[];

  beforeEach(async () => {
    now = Date.UTC(2030, 0, 1);
    store = await openLmdbStore({ directory: folder.path });
    audit = new MemoryAudit();
    failures = [];
    renewals = [];
    const authority = new Authority(store, keyring);
    for (const account of accounts) {
      await authority.remove(account);
      await createAccount({ authority, keyring, clock, passwords: new PasswordHasher() }, account, () =>
        Promise.resolve(),
      );
    }
  });
  afterEach(async () => {
    await Promise.all(renewals.map((renewal) => renewal.close()));
    await store.close();
  });
  after(() => {
    folder.remove();
  });

  const renew = (on: Store = store, msBetweenLooks = 1): SigningKeyRenewal => {
    const services = { store: on, keyring, audit, clock };
    const renewal = new SigningKeyRenewal(
      services,
      maxAgeMs,
      (error) => failures.push(error),
      msBetweenLooks,
    );
    renewals.push(renewal);
    return renewal;
  };
  const keysOf = (account: Account) => listSigningKeys({ store, clock }, account);
  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** The store, and how often the accounts were asked for; each such look may fail. */
  function watched(fail: (look: number) => boolean = () => false): { on: Store; looks: () => number } {
    let looks = 0;
    const on = new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name !== 'accounts') return member.bind(target) as unknown;
        return async () => {
          if (fail(++looks)) throw new LatchkeyError('STORE_UNAVAILABLE');
          return target.accounts();
        };
      },
    });
    return { on, looks: () => looks };
  }

  it('leaves keys that are not of the age', async () => {
    now += maxAgeMs - 1;
    const { on, looks } = watched();
    renew(on);
    await until(() => looks() >= 3);
    for (const account of accounts) assert.equal((await keysOf(account)).length, 1);
    assert.deepEqual([audit.events, failures], [[], []]);
  });

  it('rotates the key of each account that is of the age, once', async () => {
    now += maxAgeMs;
    const { on, looks } = watched();
    renew(on);
    await until(() => looks() >= 3);
    for (const account of accounts) {
      assert.deepEqual(
        (await keysOf(account)).map(({ state }) => state),
        ['signs', 'verifies'],
      );
    }
    assert.equal(audit.events.length, accounts.length);
    assert.deepEqual(failures, []);
  });

  it('rotates again when the new key is of the age', async () => {
    now += maxAgeMs;
    renew();
    await until(() => audit.events.length === accounts.length);
    now += maxAgeMs;
    await until(() => audit.events.length === 2 * accounts.length);
    assert.deepEqual(failures, []);
  });

  it('rotates once where several processes look at once', async () => {
    now += maxAgeMs;
    const watches = [1, 2, 3].map(() => watched());
    for (const { on } of watches) renew(on);
    await until(() => watches.every(({ looks }) => looks() >= 3));
    for (const account of accounts) assert.equal((await keysOf(account)).length, 2);
  });

  it('tells of a look that failed, and looks again', async () => {
    now += maxAgeMs;
    const { on } = watched((look) => look <= 2);
    renew(on);
    await until(() => audit.events.length === accounts.length);
    assert.equal(failures.length, 2);
    assert.ok(failures.every((failure) => isFailure(failure, 'STORE_UNAVAILABLE')));
  });

  it('looks at once, and does not wait for the hour when it is closed', async () => {
    const { on, looks } = watched();
    const services = { store: on, keyring, audit, clock };
    const renewal = new SigningKeyRenewal(services, maxAgeMs, (error) => failures.push(error));
    await until(() => looks() === 1);
    // Waits no hour for its end.
    await renewal.close();
    assert.equal(looks(), 1);
  });

  it('does nothing any more once it is closed', async () => {
    const { on, looks } = watched();
    const renewal = renew(on);
    await until(() => looks() >= 1);
    await renewal.close();
    const before = looks();
    now += maxAgeMs;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(looks(), before);
    for (const account of accounts) assert.equal((await keysOf(account)).length, 1);
  });
});
