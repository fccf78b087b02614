import assert from 'node:assert/strict';
import { load, signIn, type Session } from '../../../support/client.ts';
import { describeOnStores } from '../../../support/on-stores.ts';

/** Conjur's policy/features/host_factory.feature, a test for each of its scenarios. */
describeOnStores('host factories in policy', (on) => {
  let admin: Session;

  beforeEach(async () => {
    admin = await signIn(on.service);
    await load(admin, '[]', 'root', 'PUT');
  });

  const show = async (name: string): Promise<Record<string, unknown>> => {
    const answer = await admin.send('GET', `/resources/${on.service.account}/host_factory/${name}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json() as Record<string, unknown>;
  };
  const isRefused = async (policy: string, message: string): Promise<void> => {
    const answer = await admin.send('PUT', `/policies/${on.service.account}/policy/root`, policy);
    assert.equal(answer.status, 422);
    const { error } = answer.json() as { error: { code: string; message: string } };
    assert.equal(error.code, 'policy_invalid');
    assert.ok(error.message.includes(message), error.message);
  };

  it('are made on a layer, without tokens at first', async () => {
    await load(
      admin,
      '- !layer myapp\n- !host-factory { id: myapp, layers: [ !layer myapp ] }\n',
      'root',
      'PUT',
    );
    const shown = await show('myapp');
    assert.deepEqual(shown['layers'], [`${on.service.account}:layer:myapp`]);
    assert.deepEqual(shown['tokens'], []);
  });

  it('cannot have a layer that their policy does not manage', async () => {
    const policy = `
- !layer default
- !policy
  id: myapp
  body:
  - !host-factory
    layers: [ !layer ../default ]
`;
    await isRefused(policy, `Layer 'myapp/../default' not found in account '${on.service.account}'`);
  });

  it('can be loaded apart from their layer', async () => {
    await load(admin, '- !layer myapp\n', 'root', 'PUT');
    await load(admin, '- !host-factory { id: myapp, layers: [ !layer myapp ] }\n');
    assert.deepEqual((await show('myapp'))['layers'], [`${on.service.account}:layer:myapp`]);
  });

  it('are refused without layers', async () => {
    const policy = `
- !policy
  id: another-app
  body:
  - !policy
    id: hosts
    annotations: { description: Layer and host factory for machines }
    body:
    - !layer
    - !host-factory
`;
    await isRefused(policy, "Host factory 'another-app/hosts' does not include any layers");
  });
});
