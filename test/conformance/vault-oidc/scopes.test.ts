/** Scopes and assignments, in Vault's words. */
import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf } from '../../support/vault-identity.ts';
import { administrator, type Manager } from '../../support/vault-registry.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describeOnStores("Vault's scopes", (on) => {
  let admin: Manager;

  before(async () => {
    admin = await administrator(on.service);
  });

  it('are not called openid', async () => {
    await admin.refused('scope/openid', { template: '{}' });
    assert.equal((await admin.delete('scope/openid')).status, 204);
  });

  it('may make no claim that is the issuer’s to make', async () => {
    for (const claim of [
      'aud',
      'exp',
      'iat',
      'iss',
      'namespace',
      'sub',
      'auth_time',
      'at_hash',
      'c_hash',
      'nonce',
    ]) {
      const template = `{"${claim}": "x"}`;
      assert.match(await admin.refused('scope/reserved', { template: base64(template) }), new RegExp(claim));
      await admin.refused('scope/reserved', { template });
    }
    assert.equal((await admin.get('scope/reserved')).status, 404);
  });

  it('may make any other claim, and reserved ones below the top', async () => {
    await admin.write('scope/free', {
      template: '{"azp":1,"jti":2,"nbf":3,"sid":4,"acr":5,"amr":6,"x":{"iss":7} }',
    });
  });

  it('have empty texts where they were given none', async () => {
    await admin.write('scope/empty');
    assert.deepEqual(await admin.read('scope/empty'), { template: '', description: '' });
  });

  it('read as text what was given in base64', async () => {
    const template = '{"groups": {{identity.entity.groups.names}} }';
    await admin.write('scope/encoded', { template: base64(template) });
    assert.equal((await admin.read('scope/encoded'))['template'], template);
  });

  it('keep what a write leaves out', async () => {
    await admin.write('scope/kept', { template: '{"a":1}', description: 'first' });
    await admin.write('scope/kept', { description: 'second' });
    assert.deepEqual(await admin.read('scope/kept'), { template: '{"a":1}', description: 'second' });
    await admin.write('scope/kept', { template: '' });
    assert.deepEqual(await admin.read('scope/kept'), { template: '', description: 'second' });
  });

  it('are refused with a template that makes no object', async () => {
    for (const template of [
      '[]',
      '"text"',
      '1',
      'null',
      '{',
      '{"a": {{nonsense}} }',
      '{"a": "{{identity.entity.name}}"}',
      '}}',
      '{{a{{b}}',
    ]) {
      await admin.refused('scope/broken', { template });
    }
    assert.equal((await admin.get('scope/broken')).status, 404);
  });

  it('stay while a provider supports them', async () => {
    await admin.write('scope/used', { template: '{"used":1}' });
    await admin.write('provider/user', { scopes_supported: ['used'] });
    const answer = await admin.delete('scope/used');
    assert.equal(answer.status, 400);
    assert.match(answer.text, /user/);
    assert.equal((await admin.get('scope/used')).status, 200);
    await admin.delete('provider/user');
    assert.equal((await admin.delete('scope/used')).status, 204);
    assert.equal((await admin.get('scope/used')).status, 404);
  });

  it('are listed by name', async () => {
    await admin.write('scope/b');
    await admin.write('scope/a');
    const { keys } = dataOf(await admin.list('scope')) as { keys: string[] };
    assert.deepEqual(keys, [...keys].sort());
    assert.ok(keys.includes('a') && keys.includes('b'));
  });

  it('are refused with a description that is too long', async () => {
    await admin.refused('scope/wordy', { description: 'x'.repeat(2_049) });
  });
});

describeOnStores("Vault's assignments", (on) => {
  let admin: Manager;

  before(async () => {
    admin = await administrator(on.service);
  });

  it('have empty lists where they were given none', async () => {
    await admin.write('assignment/empty');
    assert.deepEqual(await admin.read('assignment/empty'), { entity_ids: [], group_ids: [] });
  });

  it('take one text for a list', async () => {
    await admin.write('assignment/texts', { entity_ids: 'my-entity', group_ids: 'my-group' });
    assert.deepEqual(await admin.read('assignment/texts'), {
      entity_ids: ['my-entity'],
      group_ids: ['my-group'],
    });
  });

  it('keep the list that a write leaves out', async () => {
    await admin.write('assignment/kept', { entity_ids: ['e'], group_ids: ['g'] });
    await admin.write('assignment/kept', { group_ids: ['h'] });
    assert.deepEqual(await admin.read('assignment/kept'), { entity_ids: ['e'], group_ids: ['h'] });
  });

  it('keep identifiers in lower case, but not what follows a dot', async () => {
    await admin.write('assignment/cased', {
      entity_ids: [
        '8E226D22-0000-4000-8000-00000000000A.MgXgy3',
        '8e226d22-0000-4000-8000-00000000000a.MgXgy3',
      ],
      group_ids: ['B', 'A', 'a'],
    });
    assert.deepEqual(await admin.read('assignment/cased'), {
      entity_ids: ['8e226d22-0000-4000-8000-00000000000a.MgXgy3'],
      group_ids: ['a', 'b'],
    });
  });

  it('stay while a client names them', async () => {
    await admin.write('assignment/used');
    await admin.write('client/user', { assignments: ['used'] });
    const answer = await admin.delete('assignment/used');
    assert.equal(answer.status, 400);
    assert.match(answer.text, /user/);
    assert.equal((await admin.get('assignment/used')).status, 200);
    await admin.delete('client/user');
    assert.equal((await admin.delete('assignment/used')).status, 204);
    assert.equal((await admin.get('assignment/used')).status, 404);
  });

  it('are not removed while a client that names them is made', async () => {
    for (let round = 0; round < 10; round += 1) {
      await admin.write('assignment/contested');
      const [made, removed] = await Promise.all([
        admin.put('client/contested', { assignments: ['contested'] }),
        admin.delete('assignment/contested'),
      ]);
      const outcome = [made.status, removed.status].join();
      assert.ok(outcome === '204,400' || outcome === '400,204', outcome);
      await admin.delete('client/contested');
      await admin.delete('assignment/contested');
    }
  });

  it('include allow_all, which is everybody’s and can be neither changed nor removed', async () => {
    assert.deepEqual(await admin.read('assignment/allow_all'), { entity_ids: ['*'], group_ids: ['*'] });
    await admin.refused('assignment/allow_all', { entity_ids: [] });
    assert.equal((await admin.delete('assignment/allow_all')).status, 400);
    const { keys } = dataOf(await admin.list('assignment')) as { keys: string[] };
    assert.equal(keys[0], 'allow_all');
    assert.deepEqual(keys, [...keys].sort());
  });

  it('are refused with lists beyond their limits', async () => {
    await admin.refused('assignment/long', {
      entity_ids: Array.from({ length: 1_001 }, (_, index) => String(index)),
    });
    await admin.refused('assignment/long', { entity_ids: ['x'.repeat(2_049)] });
    await admin.refused('assignment/long', {
      entity_ids: Array.from({ length: 40 }, (_, index) => `${String(index)}${'x'.repeat(2_000)}`),
    });
    assert.equal((await admin.get('assignment/long')).status, 404);
  });
});
