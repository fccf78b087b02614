import assert from 'node:assert/strict';
import {
  load,
  secretPath,
  setSecret,
  signIn,
  signInAs,
  type Answer,
  type Session,
} from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { assertEmpty } from '../../support/conjur-world.ts';
import { assertAnswer, assertRefused, owner, sendV2 } from '../../support/versioned-api.ts';

const policy = `
- !policy
  id: data
  body:
    - !policy sub
    - !user maker
    - !user reader
    - !user writer
    - !host app
    - !permit { role: !user maker, privileges: [create], resource: !policy sub }
    - !permit { role: !user reader, privileges: [read], resource: !policy sub }
    - !permit { role: !user writer, privileges: [update], resource: !policy sub }
- !policy pages
`;

describeOnStores('branches', (on) => {
  let admin: Session;
  let as: (login: string) => Promise<Session>;

  before(async () => {
    admin = await signIn(on.service);
    as = signInAs(on.service, await load(admin, policy));
  });

  const create = (body: unknown, session = admin): Promise<Answer> =>
    sendV2(session, 'POST', '/branches/acct', body);
  const get = (path: string, session = admin): Promise<Answer> =>
    sendV2(session, 'GET', `/branches/acct/${path}`);
  const patch = (path: string, body: unknown, session = admin): Promise<Answer> =>
    sendV2(session, 'PATCH', `/branches/acct/${path}`, body);
  const remove = (path: string, session = admin): Promise<Answer> =>
    sendV2(session, 'DELETE', `/branches/acct/${path}`);

  describe('a new one', () => {
    it('belongs to the administrator at the top, and below to the branch it stands in', async () => {
      assertAnswer(await create({ name: 'top', branch: '/' }), 201, {
        name: 'top',
        branch: '/',
        owner: owner('user', 'admin'),
        annotations: {},
      });
      assertAnswer(await create({ name: 'below', branch: '/top' }), 201, {
        name: 'below',
        branch: 'top',
        owner: owner('policy', 'top'),
        annotations: {},
      });
    });

    it('takes policies as if it had come with one', async () => {
      await create({ name: 'loadable', branch: 'data' });
      await load(admin, '- !variable inside', 'data/loadable');
      await setSecret(admin, 'data/loadable/inside', 'value');
      const resource = await admin.send('GET', '/resources/acct/policy/data%2Floadable');
      assert.equal((resource.json() as { readonly policy: string }).policy, 'acct:policy:data');
      const role = await admin.send('GET', '/roles/acct/policy/data%2Floadable?members');
      assert.deepEqual(
        (role.json() as readonly { readonly member: string; readonly ownership: boolean }[]).map(
          ({ member, ownership }) => [member, ownership],
        ),
        [['acct:policy:data', true]],
      );
    });

    it('does not count as a version of the policy around it', async () => {
      const { version } = await load(admin, '- !variable one', 'data');
      await create({ name: 'uncounted', branch: 'data' });
      assert.equal((await load(admin, '- !variable two', 'data')).version, version + 1);
    });

    it('takes the privilege create, and no other', async () => {
      const body = { name: 'made', branch: 'data/sub' };
      const message = "Branch 'data/sub' not found in account 'acct'";
      assertRefused(await create(body, await as('reader@data')), 404, message);
      assertRefused(await create(body, await as('writer@data')), 404, message);
      assert.equal((await create(body, await as('maker@data'))).status, 201);
      assertRefused(
        await create({ name: 'x', branch: '/' }, await as('maker@data')),
        404,
        "Branch 'root' not found in account 'acct'",
      );
    });

    it('is made by one of those who make it at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => create({ name: 'raced', branch: 'data' })),
      );
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    });

    it('is made beside others at once', async () => {
      const names = Array.from({ length: 12 }, (_, index) => `at-once-${index}`);
      const answers = await Promise.all(names.map((name) => create({ name, branch: 'data' })));
      assert.deepEqual(
        answers.map(({ status }) => status),
        names.map(() => 201),
      );
    });
  });

  describe('names and paths', () => {
    for (const [title, body, message] of [
      [
        'a name of 61 characters',
        { name: 'n'.repeat(61), branch: 'data' },
        'Name is too long (maximum is 60 characters)',
      ],
      ['a dot in a name', { name: 'a.b', branch: 'data' }, "Name Wrong name 'a.b'"],
      ['a line break at the end of a name', { name: 'a\n', branch: 'data' }, "Name Wrong name 'a\n'"],
      [
        'a name and a path, both wrong',
        { name: 'a b', branch: 'data b' },
        "Name Wrong name 'a b' and Branch Wrong path 'data b'",
      ],
      [
        'more than 950 characters in all',
        { name: 'n', branch: `data/${'p'.repeat(950)}` },
        'Identifier exceeds maximum length of 950 characters',
      ],
      [
        'more than 15 elements, whatever else is wrong',
        { name: 'a b', branch: `/${'d/'.repeat(14)}d` },
        'The number of identifier nesting exceeds maximum depth of 15',
      ],
      [
        'an unknown kind of owner',
        { name: 'n', branch: 'data', owner: owner('layer', 'x') },
        "Kind 'layer' is not a valid owner kind",
      ],
      [
        'a missing id of an owner',
        { name: 'n', branch: 'data', owner: { kind: 'host' } },
        "Id can't be blank, Id Wrong path '', and Id is too short (minimum is 1 character)",
      ],
      [
        'an @ in the id of a host',
        { name: 'n', branch: 'data', owner: owner('host', 'a@b') },
        "Id Wrong path 'a@b'",
      ],
      [
        'an owner id of 501 characters',
        { name: 'n', branch: 'data', owner: owner('user', 'u'.repeat(501)) },
        'Id is too long (maximum is 500 characters)',
      ],
      [
        'an owner that is a text',
        { name: 'n', branch: 'data', owner: 'admin' },
        'Unexpected parameters: owner',
      ],
      [
        'an unknown field of an owner',
        { name: 'n', branch: 'data', owner: { kind: 'user', id: 'admin', x: 1 } },
        'Unexpected parameters: x',
      ],
      [
        'annotations that are a list',
        { name: 'n', branch: 'data', annotations: [] },
        'Unexpected parameters: annotations',
      ],
      [
        '< in the name of an annotation',
        { name: 'n', branch: 'data', annotations: { '<>': 'x' } },
        "<> annotation key format error '<>'",
      ],
      [
        "' in the value of an annotation",
        { name: 'n', branch: 'data', annotations: { my_Note: "it's" } },
        'My note annotation value format error',
      ],
      [
        'a value of 121 characters',
        { name: 'n', branch: 'data', annotations: { note: 'v'.repeat(121) } },
        'Note annotation value length cannot exceeded 120',
      ],
      [
        'an empty value',
        { name: 'n', branch: 'data', annotations: { note: '' } },
        'Note annotation value format error and Note annotation value length cannot exceeded 1',
      ],
      [
        'a null value',
        { name: 'n', branch: 'data', annotations: { note: null } },
        'Note should have string value but got ',
      ],
      [
        'a tab in the name of an annotation',
        { name: 'n', branch: 'data', annotations: { 'a\tb': 'x' } },
        "A\tb annotation key format error 'a\tb'",
      ],
    ] as const) {
      it(`may not have ${title}`, async () => {
        assertRefused(await create(body), 422, message);
      });
    }

    it('may have 60 characters, 15 elements, and an @ where the owner is a user', async () => {
      assert.equal((await create({ name: 'n'.repeat(60), branch: 'data' })).status, 201);
      let branch = 'data';
      for (let depth = 2; depth <= 15; depth += 1) {
        const answer = await create({ name: `d${depth}`, branch });
        assert.equal(answer.status, 201, answer.text);
        branch = `${branch}/d${depth}`;
      }
      assert.equal(
        (await create({ name: 'by-user', branch: 'data', owner: owner('user', 'maker@data') })).status,
        201,
      );
    });

    it('mean the root as /, root and /root, where nothing may be called so', async () => {
      for (const branch of ['/', 'root', '/root']) {
        assertRefused(
          await create({ name: 'root', branch }),
          409,
          'Branch "acct:branch:root" already exists',
        );
      }
    });

    it('of an owner that nobody has are not found', async () => {
      assertRefused(
        await create({ name: 'n', branch: 'data', owner: owner('policy', '/data/nope') }),
        404,
        "Policy 'data/nope' not found in account 'acct'",
      );
    });

    it('of policies that could not be made here are shown all the same', async () => {
      await load(admin, '- !policy dotted.name', 'data');
      assert.equal((await get('data/dotted.name')).status, 200);
    });
  });

  describe('the list', () => {
    before(async () => {
      await load(
        admin,
        Array.from({ length: 12 }, (_, index) => `- !policy p${index + 10}`).join('\n'),
        'pages',
      );
    });

    const page = async (query: string): Promise<readonly string[]> => {
      const answer = await sendV2(admin, 'GET', `/branches/acct${query}`);
      assert.equal(answer.status, 200, answer.text);
      const { branches } = answer.json() as { readonly branches: readonly { readonly name: string }[] };
      return branches.map(({ name }) => name);
    };

    it('has at most a thousand, and ten from an offset on', async () => {
      const all = await page('');
      assert.ok(all.length > 20);
      assert.deepEqual(await page('?offset=3'), all.slice(3, 13));
      assert.deepEqual(await page('?limit=1000&offset=0'), all);
      assert.deepEqual(await page('?limit=0'), []);
      assert.deepEqual(await page(`?offset=${all.length}`), []);
    });

    for (const [query, message] of [
      ['limit=1001', 'Limit must be less than or equal to 1000'],
      ['offset=-1', 'Offset must be greater than or equal to 0'],
      ['limit=abc', 'Limit is not a number'],
      ['limit=', 'Limit is not a number'],
      ['limit=1.5', 'Limit is not a number'],
      [
        'limit=-1&offset=-1',
        'Offset must be greater than or equal to 0 and Limit must be greater than or equal to 0',
      ],
    ] as const) {
      it(`refuses ${query}`, async () => {
        assertRefused(await sendV2(admin, 'GET', `/branches/acct?${query}`), 422, message);
      });
    }

    it('shows what the role may read, not what it may create in or change', async () => {
      const listFor = async (login: string): Promise<unknown> =>
        (await sendV2(await as(login), 'GET', '/branches/acct')).json();
      assert.deepEqual(await listFor('maker@data'), {
        branches: [{ name: 'by-user', branch: 'data', owner: owner('user', 'maker@data'), annotations: {} }],
        count: 1,
      });
      assert.deepEqual(await listFor('writer@data'), { branches: [], count: 0 });
    });
  });

  describe('a change', () => {
    before(async () => {
      await create({ name: 'changing', branch: 'data', annotations: { first: '1' } });
    });

    it('takes read and update, both', async () => {
      const message = "Branch 'data/sub' not found in account 'acct'";
      const body = { annotations: { note: 'x' } };
      for (const login of ['reader@data', 'writer@data', 'maker@data']) {
        assertRefused(await patch('data/sub', body, await as(login)), 404, message);
      }
    });

    it('passes what the owner holds on to the new one', async () => {
      const writer = await as('writer@data');
      assert.equal((await get('data/changing', writer)).status, 404);
      assert.equal((await patch('data/changing', { owner: owner('user', 'writer@data') })).status, 200);
      assert.equal((await get('data/changing', writer)).status, 200);
      assert.equal((await patch('data/changing', { owner: owner('policy', '/data') }, writer)).status, 200);
      assert.equal((await get('data/changing', writer)).status, 404);
    });

    it('may say nothing new', async () => {
      const shown = (await get('data/changing')).json();
      for (const body of [{ annotations: {} }, { owner: {} }, { annotations: { first: '1' } }]) {
        assertAnswer(await patch('data/changing', body), 200, shown);
      }
    });

    it('reaches annotations that a policy defined', async () => {
      await load(admin, '- !policy { id: noted, annotations: { note: from policy } }');
      const { annotations } = (await patch('noted', { annotations: { note: 'new', more: 'x' } })).json() as {
        readonly annotations: unknown;
      };
      assert.deepEqual(annotations, { note: 'new', more: 'x' });
    });

    it('is looked at only once the branch was found', async () => {
      const body = { owner: owner('layer', '') };
      assertRefused(await patch('data/nope', body), 404, "Branch 'data/nope' not found in account 'acct'");
      assertRefused(
        await patch('data/changing', { owner: owner('user', 'nobody') }),
        404,
        "User 'nobody' not found in account 'acct'",
      );
    });
  });

  describe('a removal', () => {
    it('takes values, credentials and permissions along', async () => {
      await create({ name: 'going', branch: 'data' });
      const { created_roles: roles } = await load(
        admin,
        '- !variable v\n- !host h\n- !permit { role: !host h, privileges: [read, execute], resource: !variable v }',
        'data/going',
      );
      await setSecret(admin, 'data/going/v', 'old');
      const host = await signIn(on.service, 'host/data/going/h', roles['acct:host:data/going/h']?.api_key);
      assertEmpty(await remove('data/going'), 204);
      assert.equal((await host.send('GET', secretPath(on.service, 'data/going/v'))).status, 403);
      await create({ name: 'going', branch: 'data' });
      await load(admin, '- !variable v', 'data/going');
      assert.equal((await admin.send('GET', secretPath(on.service, 'data/going/v'))).status, 404);
    });

    it('takes update on the branch itself', async () => {
      const message = "Branch 'data/sub' not found in account 'acct'";
      assertRefused(await remove('data/sub', await as('reader@data')), 404, message);
    });

    it('of what is not there is refused', async () => {
      assertRefused(await remove('data/nope'), 404, "Branch 'data/nope' not found in account 'acct'");
    });
  });
});
