import assert from 'node:assert/strict';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../src/domain/accounts/create.ts';
import { PasswordHasher } from '../../../src/domain/authn/password.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { adminOf, resourceOf, rootPolicyOf, toAccount } from '../../../src/domain/ids.ts';
import { rehearseLoad } from '../../../src/domain/policy/dry-run.ts';
import { loadPolicy, type LoadedPolicy } from '../../../src/domain/policy/load.ts';
import { credentialKey } from '../../../src/domain/records/keys.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Commit, Store } from '../../../src/ports/store.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { defaultSettings } from '../../support/domain-settings.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { withMethod } from '../../support/with-method.ts';

const account = toAccount('acct');
const root = rootPolicyOf(account);

describe('loading a policy beside others', () => {
  const folder = temporaryDirectory();
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const passwords = new PasswordHasher();
  const audit = new MemoryAudit();
  let now = 1_000;
  const clock = { now: (): number => now };
  let store: Store;
  let authority: Authority;
  let commits = 0;
  /** What happens before the next commits; each is used once. */
  const interruptions: (() => Promise<void>)[] = [];

  const touch = async (): Promise<void> => {
    // Any change of authority will do.
    const key = credentialKey(adminOf(account));
    const [record] = (await store.read(account, [key])).records;
    await store.commit(account, { changes: [{ key, value: record?.value }], authority: true });
  };

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    const interrupted = withMethod(store, 'commit', async (where: typeof account, commit: Commit) => {
      commits += 1;
      await interruptions.shift()?.();
      return store.commit(where, commit);
    });
    authority = new Authority(interrupted, keyring);
    await createAccount({ authority, keyring, clock, passwords }, account, () => Promise.resolve());
  });

  after(async () => {
    await store.close();
    folder.remove();
  });

  beforeEach(() => {
    commits = 0;
    interruptions.length = 0;
    audit.events.length = 0;
  });

  const actorRequest = async () => {
    const kid = (await authority.read(account, [])).state.newestSigningKey?.kid ?? '';
    const actor = { account, role: adminOf(account), kid, issuedAt: 0 };
    return { requestId: 'r', clientIp: '127.0.0.1', actor };
  };
  const services = () => ({ authority, keyring, clock, audit, passwords, settings: defaultSettings });
  const load = async (text: string): Promise<LoadedPolicy> =>
    loadPolicy(services(), await actorRequest(), root, 'create', Buffer.from(text));

  it('plans a load again when another change came first', async () => {
    interruptions.push(touch, touch);
    const { version } = await load('- !group one');
    assert.equal(commits, 3);
    assert.equal(version, 1);
    const added = audit.events.filter((event) => event.type === 'policy' && event.operation === 'add');
    assert.equal(added.length, 3, 'a role, a resource and its ownership, each recorded once');
  });

  it('gives a load up after twenty lost races, with nothing done and the failure recorded', async () => {
    interruptions.push(...Array.from({ length: 30 }, () => touch));
    await assert.rejects(load('- !group two'), (error) => isFailure(error, 'POLICY_CONFLICT'));
    assert.equal(commits, 20);
    const { graph } = (await authority.read(account, [])).state;
    assert.ok([...graph.roles()].every((role) => !role.endsWith(':two')));
    assert.deepEqual(
      audit.events.map((event) => event.type === 'policy' && [event.operation, event.outcome]),
      [['create', 'failure']],
    );
  });

  it('gives a load up earlier when the races have taken long', async () => {
    interruptions.push(
      ...Array.from({ length: 30 }, () => async () => {
        now += 6_000;
        await touch();
      }),
    );
    await assert.rejects(load('- !group three'), (error) => isFailure(error, 'POLICY_CONFLICT'));
    assert.equal(commits, 2);
  });

  it('commits nothing for a dry run, and records it as one', async () => {
    const text = Buffer.from('- !group four\n- !variable v');
    const { difference } = await rehearseLoad(services(), await actorRequest(), root, 'create', text);
    assert.deepEqual(
      difference.created.map(({ id }) => id),
      ['acct:group:four', 'acct:variable:v'],
    );
    assert.equal(commits, 0);
    assert.equal(
      (await authority.read(account, [])).state.graph.hasResource(resourceOf(adminOf(account))),
      true,
    );
    assert.deepEqual(
      audit.events.map((event) => event.type === 'policy' && [event.operation, event.outcome, event.subject]),
      [['validate', 'success', undefined]],
    );
  });

  it('rehearses a large text to its end, whatever else changes meanwhile', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `large/${String(index).padStart(40, '0')}`);
    const text = Buffer.from(names.map((name) => `- !variable ${name}\n`).join(''));
    const ended = new AbortController();
    const rehearsing = rehearseLoad(services(), await actorRequest(), root, 'create', text).finally(() => {
      ended.abort();
    });
    let touched = 0;
    for (; !ended.signal.aborted; touched += 1) {
      await touch();
      await authority.read(account, []);
    }
    const { difference } = await rehearsing;
    assert.equal(difference.created.length, names.length);
    assert.ok(touched > 1, 'nothing else had its turn');
    assert.equal(commits, 0);
  });
});
