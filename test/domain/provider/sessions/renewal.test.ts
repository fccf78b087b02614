import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import { startChildSession, type NewChildSession } from '../../../../src/domain/provider/sessions/child.ts';
import { findSession } from '../../../../src/domain/provider/sessions/find.ts';
import { renewSession } from '../../../../src/domain/provider/sessions/renew.ts';
import { revokeSession } from '../../../../src/domain/provider/sessions/revoke.ts';
import type { StartedSession } from '../../../../src/domain/provider/sessions/start.ts';
import type { EphemeralStore } from '../../../../src/ports/ephemeral-store.ts';
import { clientIp, describeSessions, SessionStage } from './stage.ts';

describeSessions('renewing a session', (on) => {
  const renew = (token: string, incrementSeconds?: number) =>
    renewSession(on.stage.services, token, clientIp, incrementSeconds);

  it('makes it live on for as long as it was made for', async () => {
    const { stage } = on;
    const { token, session } = await stage.start(await stage.addUser('alice'));
    stage.pass(500);
    const renewed = await renew(token);
    const expected = { ...session, expiresAt: stage.now + 600_000 };
    assert.deepEqual(renewed?.session, expected);
    stage.pass(599);
    assert.deepEqual((await findSession(stage.services, token, clientIp))?.session, expected);
  });

  it('makes it live on for as long as is asked, shorter or longer', async () => {
    const { stage } = on;
    const { token } = await stage.start(await stage.addUser('alice'));
    for (const [asked, got] of [
      [1_000, 1_000],
      [60, 60],
      [0, 600],
      [-5, 600],
    ] as const)
      assert.equal((await renew(token, asked))?.session.expiresAt, stage.now + got * 1_000);
  });

  it('never makes it live longer than it may in all', async () => {
    const { stage } = on;
    const { token, session } = await stage.start(await stage.addUser('alice'));
    const end = session.createdAt + 3_600_000;
    assert.equal((await renew(token, 1e9))?.session.expiresAt, end);
    stage.pass(3_500);
    assert.equal((await renew(token))?.session.expiresAt, end);
    stage.pass(100);
    assert.equal(await renew(token), undefined);
  });

  it('is refused of one that is not renewable', async () => {
    const { token } = await on.stage.start(await on.stage.addUser('alice'), { renewable: false });
    await assert.rejects(renew(token), (error) => isFailure(error, 'SESSION_NOT_RENEWABLE'));
  });

  it('finds nothing where there is none, or it has ended', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    assert.equal(await renew(`s.${'a'.repeat(32)}`), undefined);
    const { token } = await stage.start(role);
    await stage.setCredential(role);
    assert.equal(await renew(token), undefined);
    const revoked = await stage.start(role);
    await revokeSession(stage.services, revoked.token);
    assert.equal(await renew(revoked.token), undefined);
  });

  it('brings no session back that is revoked meanwhile', async () => {
    const { stage } = on;
    const { token } = await stage.start(await stage.addUser('alice'));
    const { ephemeral } = stage.services;
    const slow: EphemeralStore = {
      ...bound(ephemeral),
      put: async (account, entries) => {
        await revokeSession(stage.services, token);
        await ephemeral.put(account, entries);
      },
    };
    const other = new SessionStage(stage.store, stage.account, slow);
    other.now = stage.now;
    assert.equal(await renewSession(other.services, token, clientIp), undefined);
    assert.equal(await findSession(stage.services, token, clientIp), undefined);
    stage.pass(300);
    assert.equal(await findSession(stage.services, token, clientIp), undefined);
  });
});

describeSessions('revoking a session', (on) => {
  it('ends it, and tells which it was', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    const { token, session } = await stage.start(role);
    const other = await stage.start(role);
    assert.equal((await revokeSession(stage.services, token))?.accessor, session.accessor);
    assert.equal(await findSession(stage.services, token, clientIp), undefined);
    assert.notEqual(await findSession(stage.services, other.token, clientIp), undefined);
    assert.equal(await revokeSession(stage.services, token), undefined);
    assert.equal(await revokeSession(stage.services, 'no token'), undefined);
  });

  it('ends one whose role is gone, too, and one that is not renewable', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    const { token } = await stage.start(role, { renewable: false });
    await stage.removeRole(role);
    assert.notEqual(await revokeSession(stage.services, token), undefined);
    assert.equal(await revokeSession(stage.services, token), undefined);
  });
});

describeSessions('a child session', (on) => {
  const child = (parent: StartedSession, wanted: Partial<NewChildSession> = {}) =>
    startChildSession(on.stage.services, parent.token, clientIp, { form: 'vault', ...wanted });
  const found = async ({ token }: StartedSession): Promise<boolean> =>
    (await findSession(on.stage.services, token, clientIp)) !== undefined;

  async function family(): Promise<readonly [StartedSession, StartedSession, StartedSession]> {
    const parent = await on.stage.start(await on.stage.addUser('alice'));
    const first = await child(parent);
    const second = await child(first!);
    return [parent, first!, second!];
  }

  it('has the role and the login of its parent', async () => {
    const { stage } = on;
    const parent = await stage.start(await stage.addUser('alice'), { method: 'authn-ldap/x' });
    stage.pass(100);
    const started = await child(parent, { displayName: 'terraform', ttlSeconds: 60, maxTtlSeconds: 120 });
    const { accessor, ...rest } = started!.session;
    assert.notEqual(accessor, parent.session.accessor);
    const { accessor: parentAccessor, ...same } = parent.session as typeof rest & { accessor: string };
    assert.deepEqual(
      { ...rest, ancestors: undefined },
      {
        ...same,
        createdAt: stage.now,
        expiresAt: stage.now + 60_000,
        ttlSeconds: 60,
        maxTtlSeconds: 120,
        parent: parentAccessor,
        displayName: 'terraform',
        ancestors: undefined,
      },
    );
    assert.equal(rest.authenticatedAt, stage.now - 100_000);
    assert.equal(await found(started!), true);
  });

  it('lives no longer than its parent, whatever is asked', async () => {
    const { stage } = on;
    const parent = await stage.start(await stage.addUser('alice'));
    stage.pass(100);
    const started = await child(parent, { ttlSeconds: 100_000, maxTtlSeconds: 100_000 });
    const { ttlSeconds, maxTtlSeconds, expiresAt } = started!.session;
    assert.deepEqual([ttlSeconds, maxTtlSeconds, expiresAt], [600, 3_600, parent.session.expiresAt]);
    const renewed = await renewSession(stage.services, started!.token, clientIp, 3_000);
    assert.equal(renewed?.session.expiresAt, parent.session.expiresAt);
    await renewSession(stage.services, parent.token, clientIp, 2_000);
    const longer = await renewSession(stage.services, started!.token, clientIp, 3_000);
    assert.equal(longer?.session.expiresAt, stage.now + 2_000_000);
    stage.pass(1_999);
    assert.equal(await found(started!), true);
    stage.pass(1);
    assert.equal(await found(started!), false);
  });

  it('ends with its parent when that is made to expire earlier', async () => {
    const { stage } = on;
    const [parent, first, second] = await family();
    await renewSession(stage.services, parent.token, clientIp, 10);
    stage.pass(10);
    assert.deepEqual([await found(first), await found(second)], [false, false]);
  });

  it('ends with any that it descends from, and with no other', async () => {
    const { stage } = on;
    const [parent, first, second] = await family();
    const sibling = await child(parent);
    await revokeSession(stage.services, second.token);
    assert.deepEqual([await found(parent), await found(first), await found(second)], [true, true, false]);
    const third = await child(first);
    assert.equal(await found(third!), true);
    await revokeSession(stage.services, first.token);
    assert.deepEqual([await found(parent), await found(third!), await found(sibling!)], [true, false, true]);
    await revokeSession(stage.services, parent.token);
    assert.deepEqual([await found(parent), await found(sibling!)], [false, false]);
  });

  it('leaves nothing in the store when the login that it came from is revoked', async () => {
    const { stage } = on;
    const [parent, first, second] = await family();
    await revokeSession(stage.services, parent.token);
    for (const { token } of [first, second])
      assert.equal(await revokeSession(stage.services, token), undefined);
  });

  it('is not renewable where its parent is not, or it is not to be', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    const parent = await stage.start(role);
    assert.equal((await child(parent, { renewable: false }))?.session.renewable, false);
    const fixed = await stage.start(role, { renewable: false });
    assert.equal((await child(fixed, { renewable: true }))?.session.renewable, false);
  });

  it('has no parent that has ended', async () => {
    const { stage } = on;
    const parent = await stage.start(await stage.addUser('alice'));
    await revokeSession(stage.services, parent.token);
    assert.equal(await child(parent), undefined);
  });

  it('has sixteen ancestors at most', async () => {
    let youngest = await on.stage.start(await on.stage.addUser('alice'));
    for (let generation = 1; generation <= 16; generation += 1) youngest = (await child(youngest))!;
    assert.equal(await found(youngest), true);
    await assert.rejects(child(youngest), (error) => isFailure(error, 'SESSION_NESTED_TOO_DEEPLY'));
  });

  it('may be spelled otherwise than its parent', async () => {
    const parent = await on.stage.start(await on.stage.addUser('alice'));
    const started = await child(parent, { form: 'akeyless' });
    assert.match(started!.token, /^t-/);
    assert.equal(await found(started!), true);
  });
});

/** The methods of a store by themselves, so that some can be replaced. */
function bound(store: EphemeralStore): EphemeralStore {
  return {
    put: (...args) => store.put(...args),
    add: (...args) => store.add(...args),
    get: (...args) => store.get(...args),
    take: (...args) => store.take(...args),
    use: (...args) => store.use(...args),
    count: (...args) => store.count(...args),
    scan: (...args) => store.scan(...args),
    exchange: (...args) => store.exchange(...args),
    remove: (...args) => store.remove(...args),
    removeGroup: (...args) => store.removeGroup(...args),
  };
}
