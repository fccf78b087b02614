import assert from 'node:assert/strict';
import { subClaimsOf } from '../../../../src/domain/provider/akeyless/caller.ts';
import { roleAccessId } from '../../../../src/domain/provider/akeyless/ids.ts';
import { registryStage, type RegistryStage } from '../../../support/registry-stage.ts';

describe('the sub-claims of a caller', () => {
  let stage: RegistryStage;
  before(async () => {
    stage = await registryStage();
    await stage.load('- !user alice\n- !host app\n');
  });
  after(async () => {
    await stage.close();
  });

  const uniqueIdOf = async (login: string, authenticator: string | undefined): Promise<unknown> => {
    const caller = { role: await stage.row(login), authenticator };
    return subClaimsOf(await stage.state(), caller).get('ClientUniqueId');
  };

  it('say the login as ClientUniqueId of whom another authenticator proved, else the access id', async () => {
    const own = roleAccessId(await stage.row('alice'));
    assert.equal(await uniqueIdOf('alice', 'authn-oidc/okta'), 'alice');
    assert.equal(await uniqueIdOf('host/app', 'authn-jwt/gitlab'), 'host/app');
    assert.equal(await uniqueIdOf('alice', 'authn'), own);
    assert.equal(await uniqueIdOf('alice', undefined), own);
  });

  it('never have a login pass for the access id of another role', async () => {
    const login = roleAccessId(await stage.row('alice'));
    await stage.load(`- !user ${login}`);
    const impostor = roleAccessId(await stage.row(login));
    assert.notEqual(impostor, login);
    assert.equal(await uniqueIdOf(login, 'authn-oidc/okta'), impostor);
  });
});
