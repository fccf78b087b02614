import assert from 'node:assert/strict';
import { resourceOf } from '../../../src/domain/ids.ts';
import { roleId, World } from './plan-world.ts';

const webservice = resourceOf(roleId('webservice:conjur/authn-oidc/okta'));

describe('applyPlan', () => {
  it('forgets that an authenticator that goes was enabled, and keeps it for one that stays', () => {
    const world = new World();
    const text = '- !webservice conjur/authn-oidc/okta';
    world.POST('root', text);
    world.graph.setEnabled(webservice, true);
    world.PUT('root', text);
    assert.equal(world.graph.enabled(webservice), true);
    world.PUT('root', '[]');
    assert.equal(world.graph.enabled(webservice), undefined);
  });

  it('gives a role that is made anew the restriction it is made with', () => {
    const world = new World();
    world.POST('root', '- !policy p');
    world.POST('p', '- !user { id: bob, restricted_to: 10.0.0.0/8 }');
    world.PUT('root', '- !user { id: bob@p, restricted_to: 192.0.2.0/24 }');
    assert.deepEqual(world.graph.restrictedTo(roleId('user:bob@p')), ['192.0.2.0/24']);
  });

  it('gives it even the same restriction once more, as its credential is a new one', () => {
    const world = new World();
    const user = (name: string) => `- !user { id: ${name}, restricted_to: 10.0.0.0/8 }`;
    world.POST('root', '- !policy p');
    world.POST('p', user('bob'));
    const plan = world.PUT('root', user('bob@p'));
    assert.deepEqual(plan.restrictions, [{ role: roleId('user:bob@p'), cidrs: ['10.0.0.0/8'] }]);
    assert.deepEqual(world.graph.restrictedTo(roleId('user:bob@p')), ['10.0.0.0/8']);
  });
});
