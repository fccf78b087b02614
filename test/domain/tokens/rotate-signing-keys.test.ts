import assert from 'node:assert/strict';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../src/domain/accounts/create.ts';
import { actorView } from '../../../src/domain/actor-view.ts';
import { PasswordHasher } from '../../../src/domain/authn/password.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { adminOf, toAccount } from '../../../src/domain/ids.ts';
import { AccessTokens } from '../../../src/domain/tokens/access-tokens.ts';
import {
  listSigningKeys,
  rotateSigningKey,
  signingKeyOverlapMs,
} from '../../../src/domain/tokens/rotate-signing-keys.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');
const admin = adminOf(account);
const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;

describe('rotateSigningKey', () => {
  const folder = temporaryDirectory();
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const clock = { now: () => now };
  let now = Date.UTC(2030, 0, 1);
  let store: Store;
  let audit: MemoryAudit;
  let processes: readonly { authority: Authority; tokens: AccessTokens }[];

  beforeEach(async () => {
    now = Date.UTC(2030, 0, 1);
    store = await openLmdbStore({ directory: folder.path });
    audit = new MemoryAudit();
    processes = [1, 2].map(() => {
      const authority = new Authority(store, keyring);
      return { authority, tokens: new AccessTokens(authority, clock) };
    });
    const { authority } = here();
    await authority.remove(account);
    await createAccount({ authority, keyring, clock, passwords: new PasswordHasher() }, account, () =>
      Promise.resolve(),
    );
  });
  afterEach(() => store.close());
  after(() => {
    folder.remove();
  });

  const here = () => processes[0] ?? assert.fail();
  const there = () => processes[1] ?? assert.fail();
  const rotate = (options = {}) => rotateSigningKey({ store, keyring, audit, clock }, account, options);
  const list = () => listSigningKeys({ store, clock }, account);

  async function issue(ttlSeconds = 480): Promise<string> {
    const { state } = await here().authority.read(account, []);
    return Buffer.from(here().tokens.issue(state, admin, ttlSeconds)).toString('base64');
  }

  /** Uses a token as a request does: verified, then judged at the epoch of a read. */
  async function use(token: string, { authority, tokens } = there()): Promise<void> {
    const actor = await tokens.verify(token, '127.0.0.1');
    await actorView({ authority }, actor, account, []);
  }

  const refused = async (token: string, at = there()): Promise<void> => {
    await assert.rejects(use(token, at), (error) =>
      isFailure(error, 'ACCESS_TOKEN_INVALID', 'ACCESS_TOKEN_EXPIRED'),
    );
  };

  function kidOf(token: string): string {
    const { protected: header } = JSON.parse(Buffer.from(token, 'base64').toString()) as {
      protected: string;
    };
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
  }

  it('signs with the new key at once, and goes on verifying what the old one signed', async () => {
    const before = await issue();
    const rotated = await rotate();
    const after = await issue();
    assert.equal(kidOf(after), rotated?.kid);
    assert.notEqual(kidOf(before), kidOf(after));
    for (const process of processes) {
      await use(before, process);
      await use(after, process);
    }
    assert.deepEqual(
      (await list()).map(({ kid, state }) => [kid, state]),
      [
        [rotated?.kid, 'signs'],
        [kidOf(before), 'verifies'],
      ],
    );
  });

  it('verifies nothing by a key whose overlap is over, though it is still stored', async () => {
    const before = await issue(10 * 24 * 3600);
    await rotate();
    now += signingKeyOverlapMs - 1;
    await use(before);
    now += 1;
    await refused(before);
    const elsewhere = new Authority(store, keyring);
    await refused(before, { authority: elsewhere, tokens: new AccessTokens(elsewhere, clock) });
    assert.equal((await list()).at(-1)?.state, 'expired');
  });

  it('keeps the overlap longer than any token lives', async () => {
    const longest = await issue(5 * 3600);
    await rotate();
    now += 5 * hourMs - 1_000;
    await use(longest);
  });

  it('removes with the next rotation what has expired, and nothing else', async () => {
    const first = kidOf(await issue());
    await rotate();
    assert.deepEqual((await rotate())?.removed, []);
    now += signingKeyOverlapMs;
    const third = await rotate();
    assert.equal(third?.removed.length, 2);
    assert.ok(third.removed.includes(first));
    assert.equal((await list()).length, 2);
  });

  it('ends every token of before when it revokes, also those that were verified already', async () => {
    const before = await issue();
    await rotate();
    const between = await issue();
    for (const process of processes) {
      await use(before, process);
      await use(between, process);
    }
    const revoked = await rotate({ revoke: true });
    assert.equal(revoked?.removed.length, 2);
    for (const process of processes) {
      await refused(before, process);
      await refused(between, process);
      await use(await issue(), process);
    }
  });

  it('leaves one signing key when many rotate at once', async () => {
    await Promise.all(Array.from({ length: 6 }, () => rotate()));
    const states = (await list()).map(({ state }) => state);
    assert.deepEqual(states.filter((state) => state === 'signs').length, 1);
    assert.equal(states.length, 7);
  });

  it('rotates by age only what is old', async () => {
    assert.equal(await rotate({ ifOlderThanMs: 90 * dayMs }), undefined);
    assert.equal(audit.events.length, 0);
    now += 90 * dayMs;
    assert.notEqual(await rotate({ ifOlderThanMs: 90 * dayMs }), undefined);
    assert.equal(await rotate({ ifOlderThanMs: 90 * dayMs }), undefined);
  });

  it('signs with the newest key also where the clock was set back before it was made', async () => {
    now += hourMs;
    await rotate();
    now -= hourMs;
    const rotated = await rotate();
    assert.equal(kidOf(await issue()), rotated?.kid);
    await use(await issue());
  });

  it('takes a key that was made while the clock was years ahead for an old one, once', async () => {
    now += 3_650 * dayMs;
    await rotate();
    now -= 3_650 * dayMs;
    assert.notEqual(await rotate({ ifOlderThanMs: 90 * dayMs }), undefined);
    assert.equal(await rotate({ ifOlderThanMs: 90 * dayMs }), undefined);
    assert.equal((await list())[0]?.createdAt, now);
  });

  it('is recorded, with the id of the key and never the key', async () => {
    const rotated = await rotate();
    const revoked = await rotate({ revoke: true });
    assert.deepEqual(
      audit.events.map((event) => (event.type === 'key' ? [event.operation, event.account, event.key] : [])),
      [
        ['rotate-signing-key', account, rotated?.kid],
        ['revoke-signing-key', account, revoked?.kid],
      ],
    );
  });

  it('knows no account that was never made', async () => {
    const nobody = toAccount('nobody');
    const rotating = rotateSigningKey({ store, keyring, audit, clock }, nobody);
    await assert.rejects(rotating, (error) => isFailure(error, 'ACCOUNT_UNKNOWN'));
    await assert.rejects(listSigningKeys({ store, clock }, nobody), (error) =>
      isFailure(error, 'ACCOUNT_UNKNOWN'),
    );
    assert.equal((await store.accounts()).includes(nobody), false);
  });
});
