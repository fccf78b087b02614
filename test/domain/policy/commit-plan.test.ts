import assert from 'node:assert/strict';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../src/domain/accounts/create.ts';
import { PasswordHasher } from '../../../src/domain/authn/password.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { adminOf, roleOf, rootPolicyOf, toAccount, toResourceId } from '../../../src/domain/ids.ts';
import { commitSmallPolicy, type SmallPolicy } from '../../../src/domain/policy/commit-plan.ts';
import { composedPolicy, composedRecord } from '../../../src/domain/policy/compose.ts';
import { planEdit, planLoad } from '../../../src/domain/policy/plan.ts';
import { authenticatorKey, credentialKey, secretKey } from '../../../src/domain/records/keys.ts';
import type { ActorRequest } from '../../../src/domain/request.ts';
import type { AccountState } from '../../../src/domain/accounts/account-state.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Commit, Store } from '../../../src/ports/store.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { defaultSettings } from '../../support/domain-settings.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { withMethod } from '../../support/with-method.ts';

const account = toAccount('acct');
const root = rootPolicyOf(account);

describe('commitSmallPolicy', () => {
  const folder = temporaryDirectory();
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const clock = { now: (): number => 1_000 };
  const passwords = new PasswordHasher();
  let store: Store;
  let authority: Authority;
  let plans = 0;
  /** What happens before the next commits; each is used once. */
  const interruptions: (() => Promise<void>)[] = [];

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    const interrupted = withMethod(store, 'commit', async (where: typeof account, change: Commit) => {
      await interruptions.shift()?.();
      return store.commit(where, change);
    });
    authority = new Authority(interrupted, keyring);
    await createAccount({ authority, keyring, clock, passwords }, account, () => Promise.resolve());
  });

  after(async () => {
    await store.close();
    folder.remove();
  });

  beforeEach(() => {
    plans = 0;
    interruptions.length = 0;
  });

  const commit = async <Result>(
    planAgainst: (state: AccountState) => SmallPolicy<Result>,
  ): Promise<Result> => {
    const { state } = await authority.read(account, []);
    const request: ActorRequest = {
      requestId: 'req',
      clientIp: '127.0.0.1',
      actor: { account, role: adminOf(account), kid: state.newestSigningKey?.kid ?? '', issuedAt: 0 },
    };
    const services = { authority, keyring, clock, audit: new MemoryAudit(), settings: defaultSettings };
    return commitSmallPolicy(services, request, account, planAgainst);
  };
  const counter = async (): Promise<number> => (await store.read(account, [])).epoch.counter;
  /** Any change of authority will do. */
  const touch = async (): Promise<void> => {
    const key = credentialKey(adminOf(account));
    const [record] = (await store.read(account, [key])).records;
    await store.commit(account, { changes: [{ key, value: record?.value }], authority: true });
  };

  const webservice = toResourceId(account, 'webservice', 'conjur/authn-jwt/ci');
  const variable = toResourceId(account, 'variable', 'conjur/authn-jwt/ci/issuer');
  const planned = ({ graph }: AccountState): SmallPolicy<string> => {
    const definitions = [
      composedRecord('webservice', webservice, adminOf(account)),
      composedRecord('variable', variable, adminOf(account)),
    ];
    return {
      plan: planLoad(graph, composedPolicy(account, root, { definitions }), 'create', 1_000),
      values: new Map([[variable, Buffer.from('value')]]),
      enabled: new Map([[webservice, true]]),
      result: 'done',
    };
  };

  it('commits rows, values and whether authenticators are enabled at one epoch', async () => {
    const before = await counter();
    assert.equal(await commit(planned), 'done');
    assert.equal(await counter(), before + 1);
    const keys = [secretKey(variable), authenticatorKey(webservice)];
    const { state, records } = await authority.read(account, keys);
    assert.equal(new Set(records.map((record) => record?.revision)).size, 1);
    assert.equal(state.graph.enabled(webservice), true);
    assert.equal(state.graph.resource(variable)?.policy, root);
    // What another process derives from the store is the same.
    const other = await new Authority(store, keyring).read(account, []);
    assert.equal(other.state.graph.enabled(webservice), true);
    assert.deepEqual(new Set(other.state.graph.rows()), new Set(state.graph.rows()));
  });

  it('commits nothing where nothing changes', async () => {
    const before = await counter();
    await commit(({ graph }) => ({ plan: planEdit(graph, () => undefined), result: undefined }));
    assert.equal(await counter(), before);
  });

  describe('beside others', () => {
    const group = toResourceId(account, 'group', 'raced');
    const raced = (): Promise<unknown> =>
      commit(({ graph }) => {
        plans += 1;
        const definitions = [composedRecord('group', group, adminOf(account))];
        const plan = planLoad(graph, composedPolicy(account, root, { definitions }), 'create', 1_000);
        return { plan, result: undefined };
      });
    const isThere = async (): Promise<boolean> =>
      (await authority.read(account, [])).state.graph.hasRole(roleOf(group));

    it('gives up after twenty lost races, with nothing done', async () => {
      interruptions.push(...Array.from({ length: 30 }, () => touch));
      await assert.rejects(raced(), (error) => isFailure(error, 'STORE_BUSY'));
      assert.equal(plans, 20);
      assert.equal(await isThere(), false);
    });

    it('plans again when another change came first', async () => {
      interruptions.push(touch, touch);
      await raced();
      assert.equal(plans, 3);
      assert.equal(await isThere(), true);
    });
  });

  it('passes a refusal on and commits nothing', async () => {
    const before = await counter();
    await assert.rejects(
      commit(() => {
        throw new Error('no');
      }),
      /no/,
    );
    assert.equal(await counter(), before);
  });
});
