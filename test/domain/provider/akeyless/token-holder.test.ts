import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import { holderOf, viewOfHolder } from '../../../../src/domain/provider/akeyless/token-holder.ts';
import { AccessTokens } from '../../../../src/domain/tokens/access-tokens.ts';
import { clientIp, describeSessions } from '../sessions/stage.ts';

describeSessions('the holder of an access token, in Akeyless’ dialect,', (on) => {
  it('is not a role that was made after it was issued, though of the same name', async () => {
    const { stage } = on;
    const { authority, clock } = stage.services;
    const services = { ...stage.services, tokens: new AccessTokens(authority, clock) };
    const role = await stage.addUser('alice');
    const issue = async (): Promise<string> =>
      services.tokens.issue((await authority.read(stage.account, [])).state, role, 480);
    const hold = async (token: string): Promise<unknown> =>
      viewOfHolder(services, await holderOf(services, { requestId: 'req', clientIp }, stage.account, token));

    const before = await issue();
    await hold(before);
    await stage.removeRole(role);
    await assert.rejects(hold(before), (error) => isFailure(error, 'ACCESS_TOKEN_ROLE_GONE'));
    stage.pass(60);
    await stage.addUser('alice');
    await assert.rejects(hold(before), (error) => isFailure(error, 'ACCESS_TOKEN_ROLE_GONE'));
    await hold(await issue());
  });
});
