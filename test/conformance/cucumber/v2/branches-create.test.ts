import assert from 'node:assert/strict';
import type { Answer } from '../../../support/client.ts';
import { send } from '../../../support/client.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';
import { managed } from '../../../support/audit-records.ts';
import {
  assertAnswer,
  assertRefused,
  branchPolicy,
  owner,
  sendV2,
  v2,
  versionMissing,
} from '../../../support/versioned-api.ts';

const admin = 'cucumber:user:admin';
const path = '/branches/cucumber';
const uri = `with URI path: '${path}'`;
const alice = 'alice@data-safe1';

describeScenarios("Conjur's scenarios: branches_create_empty", (on) => {
  beforeEach(async () => {
    await on.world.load('- !group nothing\n');
    await on.world.load(branchPolicy);
  });

  const create = async (body: unknown, as = 'admin'): Promise<Answer> =>
    sendV2(await on.world.as(as), 'POST', path, body);
  const annotated = { 'branch2-ann-key1': 'branch2-ann-val1', 'branch2-ann-key2': 'branch2-ann-val2' };
  const json = { 'branch2-ann-key1': '{ "foo": "bar", "baz": 1 }', 'branch2-ann-key2': 'branch2-ann-val2' };

  for (const [title, id] of [
    ['makes a branch at the top that the administrator owns', 'admin'],
    ['makes a branch at the top that another user owns', 'bob'],
  ] as const) {
    it(title, async () => {
      const body = { name: 'branch1', branch: '/', owner: owner('user', id) };
      const records = await on.world.recordsOf(async () => {
        assert.equal((await create(body)).status, 201);
      });
      assert.deepEqual(records, [
        managed(
          'branch',
          admin,
          ['success', 'create'],
          `successfully created branch branch1 ${uri} and JSON object: ${JSON.stringify(body)}`,
        ),
      ]);
      const shown = await sendV2(on.world.admin, 'GET', `${path}/branch1`);
      assertAnswer(shown, 200, { ...body, annotations: {} });
    });
  }

  it('refuses a name that is taken', async () => {
    const message = 'Branch "cucumber:branch:data" already exists';
    const records = await on.world.recordsOf(async () => {
      assertRefused(await create({ name: 'data', branch: '/' }), 409, message);
    });
    assert.deepEqual(records, [
      managed(
        'branch',
        admin,
        ['failure', 'create'],
        `failed to create branch data ${uri} and JSON object: {"name":"data","branch":"/"}: ${message}`,
      ),
    ]);
  });

  it('refuses a path of more than 15 elements', async () => {
    const deep = `/data/${'sub/'.repeat(14)}branch`;
    assertRefused(
      await create({ name: 'test-branch', branch: deep }),
      422,
      'The number of identifier nesting exceeds maximum depth of 15',
    );
  });

  it('names every fault of an owner with blank parts', async () => {
    assertRefused(
      await create({ name: 'data', branch: '/', owner: owner('', '') }),
      422,
      "Kind can't be blank, Kind '' is not a valid owner kind, Id can't be blank, Id Wrong path '', and Id is too short (minimum is 1 character)",
    );
  });

  for (const [title, body, missing] of [
    ['requires a name', { branch: '/' }, 'name'],
    ['requires a parent', { name: 'branch1' }, 'branch'],
    [
      'names every parameter that is missing',
      { owner: owner('group', 'data/data-group'), annotations: annotated },
      'name, branch',
    ],
  ] as const) {
    it(title, async () => {
      assertRefused(await create(body), 422, `CONJ00190W Missing required parameter: ${missing}`);
    });
  }

  it('refuses characters that a path may not have', async () => {
    const answer = await create({ name: 'branch1', branch: 'data/safe1<wrong>' });
    assertRefused(answer, 422, "Branch Wrong path 'data/safe1<wrong>'");
  });

  it('refuses characters that a name may not have', async () => {
    const answer = await create({ name: 'branch1<wrong>', branch: '/', owner: owner('user', 'admin') });
    assertRefused(answer, 422, "Name Wrong name 'branch1<wrong>'");
  });

  for (const [title, branch] of [
    ['keeps JSON as the text of an annotation', 'data/safe1'],
    ['takes a path with a slash at the front', '/data/safe1'],
  ] as const) {
    it(title, async () => {
      assertAnswer(await create({ name: 'branch2', branch, annotations: json }), 201, {
        name: 'branch2',
        branch: 'data/safe1',
        owner: owner('policy', 'data/safe1'),
        annotations: json,
      });
    });
  }

  it('refuses an annotation that is no text', async () => {
    const annotations = { ...annotated, 'branch2-ann-key1': 6 };
    const answer = await create({ name: 'branch2', branch: 'data/safe2', annotations });
    assertRefused(answer, 422, 'Branch2-ann-key1 should have string value but got 6');
  });

  it('does not find a parent that is not there', async () => {
    const answer = await create({ name: 'branch2', branch: 'data/safe2', annotations: annotated });
    assertRefused(answer, 404, "Branch 'data/safe2' not found in account 'cucumber'");
  });

  it('names unknown parameters of the body', async () => {
    const body = {
      name: 'branch2',
      branch: 'data',
      not_supported1: 'x',
      not_supported2: 'y',
      annotations: annotated,
    };
    assertRefused(await create(body), 422, 'Unexpected parameters: not_supported1, not_supported2');
  });

  it('names an unknown parameter of the query', async () => {
    const body = { name: 'branch2', branch: 'data', annotations: annotated };
    const answer = await sendV2(on.world.admin, 'POST', `${path}?notpermitted=foobar`, body);
    assertRefused(answer, 422, 'Unexpected parameters: notpermitted');
  });

  for (const [title, branch, by] of [
    ['makes a branch below another that a group owns', 'data/safe1', owner('group', 'data/data-group')],
    ['makes a branch with annotations at the top', '/', owner('user', 'admin')],
  ] as const) {
    it(title, async () => {
      const body = {
        name: 'branch2',
        branch,
        owner: by,
        annotations: { mykey1: 'abc', mykeyffsdfs: 'dfdsfsf' },
      };
      assertAnswer(await create(body), 201, body);
    });
  }

  it('does not find an owner that is not there', async () => {
    const by = owner('group', 'data/data-group-nope');
    const answer = await create({ name: 'branch2', branch: 'data/safe1', owner: by });
    assertRefused(answer, 404, "Group 'data/data-group-nope' not found in account 'cucumber'");
  });

  for (const [title, more] of [
    ['lets a user create where it has the privilege', {}],
    ['lets a branch be the owner of what stands in it', { owner: owner('policy', 'data/safe1/branch1') }],
    ['lets a user own what it creates', { owner: owner('user', alice) }],
  ] as const) {
    it(title, async () => {
      const answer = await create({ name: 'alicebranch', branch: 'data/safe1/branch1', ...more }, alice);
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.headers.get('content-type'), v2);
    });
  }

  it('hides a parent where the user may not create', async () => {
    const answer = await create({ name: 'alicebranch', branch: 'data/safe1/alice-read-only' }, alice);
    assertRefused(answer, 404, "Branch 'data/safe1/alice-read-only' not found in account 'cucumber'");
  });

  it('refuses a name that is taken by a branch that the user may not know of', async () => {
    const body = { name: 'alice-hidden', branch: 'data/safe1/branch1' };
    assert.equal((await create(body)).status, 201);
    assertRefused(
      await create(body, alice),
      409,
      'Branch "cucumber:branch:data/safe1/branch1/alice-hidden" already exists',
    );
  });

  it('answers nothing but a status to whoever is not signed in', async () => {
    const body = JSON.stringify({ name: 'branch2', branch: 'data/safe1' });
    assertEmpty(await send(on.world.service.url + path, 'POST', { body, headers: { accept: v2 } }), 401);
  });

  it('names what the parent stands in where that is not there', async () => {
    await on.world.load('- !policy not_for_branch/branch2\n', 'PATCH', 'data/safe1/branch1');
    const answer = await create({ name: 'branch22', branch: 'data/safe1/branch1/not_for_branch/branch2' });
    assertRefused(answer, 404, "Branch 'data/safe1/branch1/not_for_branch' not found in account 'cucumber'");
  });

  for (const [title, accept] of [
    ['asks for the version', '*/*'],
    ['does not take the version without beta', 'application/x.secretsmgr.v2+json'],
  ] as const) {
    it(title, async () => {
      const body = JSON.stringify({ name: 'branch1', branch: '/', owner: owner('user', 'admin') });
      assertRefused(await on.world.admin.send('POST', path, body, { accept }), 400, versionMissing);
    });
  }
});
