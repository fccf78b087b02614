import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import { createToken } from '../../../../src/domain/provider/vault/tokens-create.ts';
import { childSessionsKey } from '../../../../src/domain/provider/sessions/child-limit.ts';
import { AccessTokens } from '../../../../src/domain/tokens/access-tokens.ts';
import { MemoryAudit } from '../../../support/audit.ts';
import { clientIp, describeSessions } from '../sessions/stage.ts';

describeSessions('making tokens of a token, in Vault’s dialect,', (on) => {
  it('ends at a thousand in an hour of one role, whichever of its tokens they are made of', async () => {
    const { stage } = on;
    const { account } = stage;
    const { authority, clock, ephemeral } = stage.services;
    const audit = new MemoryAudit();
    const services = { ...stage.services, audit, tokens: new AccessTokens(authority, clock) };
    const make = async (name: string, token: string): Promise<unknown> => {
      const actor = { account, role: stage.role(name), issuedAt: 0 };
      return createToken(services, { requestId: 'req', clientIp, actor }, token, {});
    };
    const alice = await stage.addUser('alice');
    const bob = await stage.start(await stage.addUser('bob'));
    const [first, second] = [await stage.start(alice), await stage.start(alice)];
    const { state } = await authority.read(account, []);
    const issued = services.tokens.issue(state, alice, 480);
    const access = Buffer.from(issued).toString('base64');

    for (const token of [first.token, second.token, access]) await make('alice', token);
    const key = childSessionsKey(alice);
    assert.equal(await ephemeral.count(account, key, 60_000, 996), 999);
    await make('alice', first.token);
    for (const token of [first.token, second.token, access]) {
      await assert.rejects(make('alice', token), (error) => isFailure(error, 'SESSIONS_EXCEEDED'));
      const event = audit.events.at(-1);
      assert.ok(event?.type === 'session' && event.operation === 'start' && event.outcome === 'failure');
    }
    await make('bob', bob.token);
  });
});
