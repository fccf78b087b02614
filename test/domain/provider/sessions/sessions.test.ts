import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { isFailure } from '../../../../src/domain/errors.ts';
import { toRoleId } from '../../../../src/domain/ids.ts';
import { findSession } from '../../../../src/domain/provider/sessions/find.ts';
import { revokeSession } from '../../../../src/domain/provider/sessions/revoke.ts';
import {
  actorOfSession,
  hashOfSession,
  isSessionToken,
} from '../../../../src/domain/provider/sessions/session.ts';
import { actorView } from '../../../../src/domain/actor-view.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import { credentialKey } from '../../../../src/domain/records/keys.ts';
import { clientIp, describeSessions, SessionStage } from './stage.ts';

describeSessions('a session', (on) => {
  const found = async (token: string, ip = clientIp): Promise<boolean> =>
    (await findSession(on.stage.services, token, ip)) !== undefined;

  it('is found by its token, with the role, the login and the account as it is now', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    stage.pass(5);
    const { token, session } = await stage.start(role, { method: 'authn-oidc/okta' });
    const { accessor, ...rest } = session;
    assert.match(accessor, /^[A-Za-z0-9]{24}$/);
    const again = await findSession(stage.services, token, clientIp);
    assert.ok(again !== undefined);
    assert.deepEqual(again.session, session);
    const { roleCreatedAt, createdAt, expiresAt, authenticatedAt, ttlSeconds, maxTtlSeconds } = rest;
    assert.deepEqual(
      [rest.account, rest.role, rest.method, rest.displayName, rest.renewable, rest.parent],
      [stage.account, role, 'authn-oidc/okta', 'alice', true, undefined],
    );
    assert.deepEqual(
      [roleCreatedAt, createdAt, authenticatedAt, expiresAt, ttlSeconds, maxTtlSeconds],
      [stage.now - 5_000, stage.now, stage.now, stage.now + 600_000, 600, 3_600],
    );
    assert.equal(again.view.state.graph.hasRole(role), true);
    assert.equal(again.view.records.length, 1);
  });

  it('is spelled as the dialect has it, and found by any', async () => {
    const role = await on.stage.addUser('alice');
    const vault = await on.stage.start(role, { form: 'vault' });
    const akeyless = await on.stage.start(role, { form: 'akeyless' });
    assert.match(vault.token, /^s\.[A-Za-z0-9]{32}$/);
    assert.match(akeyless.token, /^t-[0-9a-f]{32}$/);
    for (const { token } of [vault, akeyless])
      assert.deepEqual([isSessionToken(token), await found(token)], [true, true]);
  });

  it('is not found by what is no token, or another', async () => {
    const role = await on.stage.addUser('alice');
    const { token, session } = await on.stage.start(role);
    const other = (token.endsWith('a') ? 'b' : 'a').padStart(1);
    const texts = [
      '',
      's.',
      token.slice(1),
      `${token} `,
      ` ${token}`,
      `${token}\n`,
      token.slice(0, -1) + other,
      session.accessor,
    ];
    for (const text of [...texts, token.replace('s.', 't-'), hashOfSession(token), 'x'.repeat(100_000)])
      assert.equal(await found(text), false, text.slice(0, 80));
  });

  it('lives no longer than it was made for, nor than is allowed', async () => {
    const role = await on.stage.addUser('alice');
    const { token } = await on.stage.start(role);
    const limited = await on.stage.start(role, { ttlSeconds: 7_200 });
    assert.equal(limited.session.ttlSeconds, 3_600);
    on.stage.pass(599);
    assert.equal(await found(token), true);
    on.stage.pass(1);
    assert.equal(await found(token), false);
    on.stage.pass(2_999);
    assert.equal(await found(limited.token), true);
    on.stage.pass(1);
    assert.equal(await found(limited.token), false);
  });

  it('goes from the store when it expires', async () => {
    const role = await on.stage.addUser('alice');
    const { token } = await on.stage.start(role, { ttlSeconds: 1 });
    const stopped = on.stage.now;
    while (await found(token)) await pause(20);
    assert.equal(on.stage.now, stopped);
  });

  it('is nowhere in the store with its token, nor legible', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    const { token, session } = await stage.start(role);
    const [record] = await stage.store.ephemeral.get(stage.account, [`session\t${hashOfSession(token)}`]);
    const text = Buffer.from(record?.value ?? []).toString('latin1');
    assert.ok(text.length > 0);
    for (const secret of [token, token.slice(2), session.accessor, 'alice'])
      assert.equal(text.includes(secret), false);
    assert.deepEqual(await stage.store.ephemeral.get(stage.account, [`session\t${token}`]), [undefined]);
  });

  it('cannot be put in the place of another', async () => {
    const { stage } = on;
    const first = await stage.start(await stage.addUser('alice'));
    const second = await stage.start(await stage.addUser('bob'));
    const [record] = await stage.store.ephemeral.get(stage.account, [
      `session\t${hashOfSession(first.token)}`,
    ]);
    const swapped = { key: `session\t${hashOfSession(second.token)}`, value: record!.value, ttlMs: 60_000 };
    await stage.store.ephemeral.put(stage.account, [swapped]);
    await assert.rejects(found(second.token), (error) => isFailure(error, 'SEALED_VALUE_INVALID'));
  });

  it('ends with the data key that it was sealed under', async () => {
    const { stage } = on;
    const { token } = await stage.start(await stage.addUser('alice'));
    const keyring = openKeyring({ dataKey: Buffer.alloc(32, 2) });
    assert.equal(await findSession({ ...stage.services, keyring }, token, clientIp), undefined);
  });

  it('ends when its role is removed, also when one of that name is made again', async () => {
    const { stage } = on;
    for (const add of ['addUser', 'addBareRole'] as const) {
      const role = await stage[add]('alice');
      const { token } = await stage.start(role);
      assert.equal(await found(token), true);
      await stage.removeRole(role);
      assert.equal(await found(token), false);
      stage.pass(1);
      await stage[add]('alice');
      assert.equal(await found(token), false);
      await stage.removeRole(role);
    }
  });

  it('ends when the credential of its role changes, even within the same millisecond', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    const { token } = await stage.start(role);
    await stage.setCredential(await stage.addUser('bob'));
    assert.equal(await found(token), true);
    await stage.setCredential(role);
    assert.equal(await found(token), false);
    const anew = await stage.start(role);
    assert.equal(await found(anew.token), true);
  });

  it('ends when a role without a credential is given one', async () => {
    const role = await on.stage.addBareRole('alice');
    const { token } = await on.stage.start(role);
    assert.equal(await found(token), true);
    await on.stage.setCredential(role);
    assert.equal(await found(token), false);
  });

  it('ends with its account, and is none of the account that has its name then', async () => {
    const { stage } = on;
    const { token } = await stage.start(await stage.addUser('alice'));
    assert.equal(await stage.services.authority.remove(stage.account), true);
    assert.equal(await found(token), false);
    await stage.makeAccount();
    await stage.addUser('alice');
    assert.equal(await found(token), false);
  });

  it('is refused from addresses that its role is restricted from', async () => {
    const role = await on.stage.addUser('alice', ['10.1.0.0/16']);
    const { token } = await on.stage.start(role);
    assert.equal(await found(token, '10.1.9.9'), true);
    await assert.rejects(found(token, '10.2.0.1'), (error) => isFailure(error, 'ORIGIN_REFUSED'));
  });

  it('is known to another process at once, from its start to its end', async () => {
    const { stage } = on;
    const other = new SessionStage(stage.store, stage.account);
    const { token } = await stage.start(await stage.addUser('alice'));
    other.now = stage.now;
    assert.notEqual(await findSession(other.services, token, clientIp), undefined);
    await revokeSession(other.services, token);
    assert.equal(await found(token), false);
  });

  it('speaks for an actor whom no signing key vouches for', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    const { session } = await stage.start(role);
    const actor = actorOfSession(session);
    assert.deepEqual(actor, { account: stage.account, role, issuedAt: Math.floor(stage.now / 1_000) });
    const view = await actorView(stage.services, actor, stage.account, []);
    assert.equal(view.state.account, stage.account);
    await stage.removeRole(role);
    await assert.rejects(actorView(stage.services, actor, stage.account, []), (error) =>
      isFailure(error, 'ACCESS_TOKEN_ROLE_GONE'),
    );
  });
});

describeSessions('starting a session', (on) => {
  const refused =
    (code: Parameters<typeof isFailure>[1]) =>
    (error: unknown): boolean =>
      isFailure(error, code);

  it('takes a role that is there', async () => {
    await assert.rejects(on.stage.start(on.stage.role('nobody')), refused('AUTHENTICATION_ROLE_NOT_FOUND'));
  });

  it('takes a role of the account whose provider is served', async () => {
    const foreign = toRoleId('another', 'user', 'alice');
    await assert.rejects(on.stage.start(foreign), refused('INTERNAL'));
  });

  it('takes a role that may come from there', async () => {
    const role = await on.stage.addUser('alice', ['192.168.0.0/16']);
    await assert.rejects(on.stage.start(role), refused('ORIGIN_REFUSED'));
  });

  it('takes only the credential that was proven', async () => {
    const { stage } = on;
    const role = await stage.addUser('alice');
    const { records } = await stage.services.authority.read(stage.account, [credentialKey(role)]);
    const credentialRevision = records[0]!.revision;
    await stage.start(role, { credentialRevision });
    await stage.setCredential(role);
    await assert.rejects(stage.start(role, { credentialRevision }), refused('CREDENTIALS_INVALID'));
    await assert.rejects(stage.start(role, { credentialRevision: 0 }), refused('CREDENTIALS_INVALID'));
  });
});
