import assert from 'node:assert/strict';
import type { Session } from '../../support/client.ts';
import {
  assertEmpty,
  assertError,
  describeScenarios,
  getJson,
  listIds,
  notFoundBody,
} from '../../support/conjur-world.ts';

const many = 1_005;
const policy = `
- !user alice
- !user bob
- !group team
- !group { id: inner, owner: !user alice }
- !grant { role: !group team, member: !user alice }
- !webservice { id: b, owner: !group team }
- !webservice { id: a, owner: !user alice }
- !webservice { id: c, owner: !group inner }
- !policy
  id: many
  body:
${Array.from({ length: many }, (_, index) => `  - !variable v${String(index)}`).join('\n')}
- !permit { role: !user bob, privilege: read, resource: !webservice b }
`;

describeScenarios('GET /resources', (on) => {
  let admin: Session;
  let alice: Session;
  let bob: Session;
  before(async () => {
    await on.world.load(policy);
    ({ admin } = on.world);
    alice = await on.world.as('alice');
    bob = await on.world.as('bob');
  });

  const webservices = ['a', 'b', 'c'].map((id) => `cucumber:webservice:${id}`);
  const variables = '/resources/cucumber/variable';

  it('lists by full id, what the caller may know of alone', async () => {
    assert.deepEqual(await listIds(alice, '/resources/cucumber/webservice'), webservices);
    assert.deepEqual(await listIds(bob, '/resources'), ['cucumber:webservice:b']);
  });

  it('takes account and kind in the path or in the query', async () => {
    for (const path of [
      '/resources/cucumber/webservice',
      '/resources/cucumber?kind=webservice',
      '/resources?account=cucumber&kind=webservice',
      '/resources?kind=webservice',
      '//resources//cucumber/webservice/',
      '/resources/?kind=webservice;account=cucumber',
    ]) {
      assert.deepEqual(await listIds(alice, path), webservices, path);
    }
  });

  it('takes the kind of the path before that of the query', async () => {
    assert.deepEqual(await listIds(alice, '/resources/cucumber/webservice?kind=group'), webservices);
  });

  it('has no route for kinds that there are not', async () => {
    assertEmpty(await alice.send('GET', '/resources/cucumber/nothing'), 404);
  });

  it('is empty for another account', async () => {
    assert.deepEqual(await getJson(alice, '/resources/other'), []);
    assert.deepEqual(await getJson(alice, '/resources/other?count=true'), { count: 0 });
  });

  it('answers HEAD like GET, without the body', async () => {
    const got = await alice.send('GET', '/resources/cucumber/webservice');
    const head = await alice.send('HEAD', '/resources/cucumber/webservice');
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.equal(head.headers.get('content-length'), got.headers.get('content-length'));
    assert.equal(head.headers.get('content-type'), 'application/json; charset=utf-8');
  });

  it('lists 1,000 where no limit is given', async () => {
    assert.equal((await listIds(admin, variables)).length, 1_000);
  });

  it('lists 10 where only the offset is given', async () => {
    const ids = await listIds(admin, `${variables}?offset=0`);
    assert.equal(ids.length, 10);
    assert.deepEqual(await listIds(admin, `${variables}?offset=5`), [
      ...ids.slice(5),
      ...(await listIds(admin, `${variables}?offset=10&limit=5`)),
    ]);
  });

  it('refuses a limit above 1,000, but for 10,000', async () => {
    for (const limit of ['1001', '9999', '10001', '1001abc']) {
      assertError(
        await admin.send('GET', `${variables}?limit=${limit}`),
        422,
        'unprocessable_entity',
        "'Limit' parameter must not exceed 1000",
      );
    }
    assert.equal((await listIds(admin, `${variables}?limit=10000`)).length, many);
    assert.equal((await listIds(admin, `${variables}?limit=1000`)).length, 1_000);
  });

  it('takes limit and offset in their plain decimal form only', async () => {
    for (const limit of ['', '0', '-1', '05', '+5', '5.0', '1e2', '0x5', ' 5', '%205']) {
      assertError(
        await admin.send('GET', `${variables}?limit=${encodeURIComponent(limit)}`),
        422,
        'unprocessable_entity',
        "'limit' contains an invalid value. 'limit' must be a positive integer.",
      );
    }
    for (const offset of ['', '-1', '00', '+5', '5.0', 'x', '99999999999999999999']) {
      assertError(
        await admin.send('GET', `${variables}?offset=${encodeURIComponent(offset)}`),
        422,
        'unprocessable_entity',
        "'offset' contains an invalid value. 'offset' must be an integer greater than or equal to 0.",
      );
    }
  });

  it('is empty beyond the end', async () => {
    assert.deepEqual(await getJson(admin, `${variables}?offset=5000`), []);
  });

  it('counts without the default limit, and no more than a limit that is given', async () => {
    assert.deepEqual(await getJson(admin, `${variables}?count=true`), { count: many });
    assert.deepEqual(await getJson(admin, `${variables}?count=true&limit=7`), { count: 7 });
    assert.deepEqual(await getJson(admin, `${variables}?count=true&offset=1000&limit=7`), { count: 5 });
  });

  it('lists without the default limit for another value of count, up to 10,000', async () => {
    assert.equal((await listIds(admin, `${variables}?count=false`)).length, many);
    assert.equal((await listIds(admin, `${variables}?count=false&limit=1004`)).length, 1_004);
    assertError(
      await admin.send('GET', `${variables}?count=false&limit=10001`),
      422,
      'unprocessable_entity',
      "'Limit' parameter must not exceed 10000",
    );
  });

  it('lists what an owner, or a role that it holds, owns', async () => {
    for (const owner of ['user:alice', 'cucumber:user:alice']) {
      assert.deepEqual(await listIds(alice, `/resources/cucumber/webservice?owner=${owner}`), webservices);
    }
    assert.deepEqual(await listIds(alice, '/resources/cucumber?owner=group:team'), [webservices[1]]);
    // Of those, only what the caller may know of.
    assert.deepEqual(await listIds(bob, '/resources/cucumber?owner=user:alice'), [webservices[1]]);
  });

  it('does not find an owner that is not there, nor one that the caller cannot know of', async () => {
    for (const owner of ['group:none', 'group:inner', 'user:bob2']) {
      const answer = await bob.send('GET', `/resources/cucumber?owner=${owner}`);
      assert.equal(answer.status, 404, owner);
      assert.deepEqual(answer.json(), notFoundBody(`cucumber:${owner}`));
    }
    assertError(
      await bob.send('GET', '/resources/cucumber?owner=team'),
      422,
      'argument_error',
      'Expected at least 2 tokens in team',
    );
  });

  it('lists as a role that the caller holds; role goes before acting_as, and empty names nobody', async () => {
    assert.deepEqual(await listIds(alice, '/resources?role=cucumber:group:inner'), [webservices[2]]);
    assert.deepEqual(
      await listIds(alice, '/resources?role=cucumber:group:inner&acting_as=cucumber:group:team'),
      [webservices[2]],
    );
    assert.equal((await listIds(bob, '/resources?role=')).length, 1);
  });

  it('refuses to list as a role that is not held, is not there, or has no account', async () => {
    for (const role of ['cucumber:user:alice', 'cucumber:user:none', 'user:bob', 'other:user:bob']) {
      assertEmpty(await bob.send('GET', `/resources?role=${role}`), 403);
    }
  });

  it('needs a token', async () => {
    const answer = await fetch(`${on.world.service.url}/resources`);
    assert.deepEqual([answer.status, await answer.text()], [401, 'Authorization missing']);
  });
});
