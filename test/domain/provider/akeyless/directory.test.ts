import assert from 'node:assert/strict';
import {
  authenticatorsIn,
  groupOfId,
  hasAuthenticator,
  methodOf,
} from '../../../../src/domain/provider/akeyless/directory.ts';
import { groupIdOf, methodAccessId, roleAccessId } from '../../../../src/domain/provider/akeyless/ids.ts';
import { storedRoleId } from '../../../../src/domain/ids.ts';
import { identifierOf } from '../../../../src/domain/provider/identity/subject.ts';
import { registryStage, stageAccount, type RegistryStage } from '../../../support/registry-stage.ts';

const policy = `
- !user alice
- !host app
- !group dev
- !policy { id: conjur/authn-jwt/gitlab, body: [ !webservice ] }
- !policy { id: conjur/authn-jwt, body: [ !webservice ] }
- !policy { id: conjur/authn-none/x, body: [ !webservice ] }
`;

describe('what ids of Akeyless’ dialect stand for', () => {
  let stage: RegistryStage;
  before(async () => {
    stage = await registryStage();
    await stage.load(policy);
  });
  after(async () => {
    await stage.close();
  });

  it('has a method for each authenticator of policy that is installed and names a service, and for API keys', async () => {
    const state = await stage.state();
    assert.deepEqual(authenticatorsIn(state), ['authn', 'authn-jwt/gitlab']);
    const id = methodAccessId(stageAccount, 'authn-jwt/gitlab');
    assert.deepEqual(methodOf(state, id), { authenticator: 'authn-jwt/gitlab' });
    assert.equal(methodOf(state, methodAccessId(stageAccount, 'authn-jwt')), undefined);
    for (const name of ['authn', 'authn-jwt/gitlab']) assert.ok(hasAuthenticator(state, name));
    assert.ok(!hasAuthenticator(state, 'authn-jwt/other'));
  });

  it('knows a user, a host and a group by their ids, and nothing by another', async () => {
    const state = await stage.state();
    for (const login of ['alice', 'host/app']) {
      const row = await stage.row(login);
      assert.deepEqual(methodOf(state, roleAccessId(row)), { role: row.role });
    }
    const dev = state.graph.role(storedRoleId(`${stageAccount}:group:dev`));
    assert.ok(dev !== undefined);
    assert.equal(groupOfId(state, groupIdOf({ id: identifierOf(dev) })), dev.role);
    assert.equal(methodOf(state, 'p-000000000000'), undefined);
    assert.equal(groupOfId(state, 'g-000000000000'), undefined);
  });

  it('follows policy: a role that was made again is found by its new id alone', async () => {
    const before = roleAccessId(await stage.row('host/app'));
    const alice = roleAccessId(await stage.row('alice'));
    assert.ok(methodOf(await stage.state(), before) !== undefined);
    await stage.load('- !delete { record: !host app }', 'update');
    stage.now += 1;
    assert.equal(methodOf(await stage.state(), before), undefined);
    await stage.load('- !host app');
    const row = await stage.row('host/app');
    const state = await stage.state();
    assert.notEqual(roleAccessId(row), before);
    assert.equal(methodOf(state, before), undefined);
    assert.deepEqual(methodOf(state, roleAccessId(row)), { role: row.role });
    assert.deepEqual(methodOf(state, alice), { role: (await stage.row('alice')).role });
  });
});
