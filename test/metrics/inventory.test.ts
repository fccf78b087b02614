import assert from 'node:assert/strict';
import type { Authority } from '../../src/domain/accounts/authority.ts';
import { LatchkeyError } from '../../src/domain/errors.ts';
import { storedAccount, toResourceId, toRoleId } from '../../src/domain/ids.ts';
import { AccessGraph } from '../../src/domain/rbac/graph.ts';
import type { DomainSettings } from '../../src/domain/services.ts';
import { inventoryReader } from '../../src/metrics/inventory.ts';

const account = storedAccount('acct');
const owner = toRoleId(account, 'user', 'admin');

/** An authority of one account whose graph the test fills. */
class OneAccount {
  readonly graph = new AccessGraph();
  readonly state = { account, graph: this.graph, epoch: { lineage: 'x', counter: 1 } };
  reads = 0;
  failing = false;

  async accounts(): Promise<readonly string[]> {
    if (this.failing) throw new LatchkeyError('STORE_UNAVAILABLE');
    return [account];
  }
  async read(): Promise<unknown> {
    this.reads += 1;
    return { state: this.state, epoch: this.state.epoch, records: [] };
  }
  add(kind: string, name: string): void {
    this.graph.put({ table: 'resource', resource: toResourceId(account, kind, name), owner, createdAt: 0 });
    this.state.epoch = { lineage: 'x', counter: this.state.epoch.counter + 1 };
  }
}

describe('the inventory', () => {
  let authority: OneAccount;
  let now: number;
  let read: ReturnType<typeof inventoryReader>;

  beforeEach(() => {
    authority = new OneAccount();
    now = 1_000_000;
    read = inventoryReader({
      authority: authority as unknown as Authority,
      settings: { authenticators: ['authn', 'authn-unheard-of/x'] } as unknown as DomainSettings,
      clock: { now: () => now },
    });
  });

  it('counts resources and roles by kind, and puts unusual kinds together', async () => {
    authority.graph.put({ table: 'role', role: owner, createdAt: 0 });
    for (const name of ['a', 'b']) authority.add('variable', name);
    for (const kind of ['made', 'up']) authority.add(kind, 'x');
    const { resources, roles } = await read();
    assert.deepEqual(Object.fromEntries(resources), { variable: 2, other: 2 });
    assert.deepEqual(Object.fromEntries(roles), { user: 1 });
  });

  it('counts authenticators by the types that there are', async () => {
    authority.add('webservice', 'conjur/authn-oidc/one');
    authority.add('webservice', 'conjur/authn-oidc/two');
    authority.add('webservice', 'conjur/authn-made-up/x');
    const { authenticators } = await read();
    assert.deepEqual(Object.fromEntries(authenticators.enabled), { authn: 1, other: 1 });
    assert.equal(authenticators.installed.get('authn-oidc'), 1);
    assert.equal(authenticators.configured.get('authn-oidc'), 2);
    assert.equal(authenticators.configured.has('authn-made-up'), false);
  });

  it('is taken again after a second, not sooner', async () => {
    authority.add('variable', 'a');
    await read();
    authority.add('variable', 'b');
    assert.equal((await read()).resources.get('variable'), 1);
    now += 1_000;
    assert.equal((await read()).resources.get('variable'), 2);
  });

  it('is taken once for all who ask at the same time', async () => {
    await Promise.all([read(), read(), read()]);
    const once = authority.reads;
    now += 1_000;
    await read();
    assert.equal(authority.reads, 2 * once);
  });

  it('stays as it was while the store does not answer', async () => {
    authority.add('variable', 'a');
    await read();
    authority.failing = true;
    now += 1_000;
    assert.equal((await read()).resources.get('variable'), 1);
  });
});
