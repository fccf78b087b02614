import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { load, secretPath, send, signIn, signInAs, type Answer, type Session } from '../../support/client.ts';
import { assertEmpty, assertError } from '../../support/conjur-world.ts';
import {
  assertNoIssuer,
  awsData,
  dynamicVariable,
  makeIssuer,
  maskedData,
  newIssuer,
  sendJson,
  withIssuers,
} from '../../support/issuers.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { startTestService } from '../../support/service.ts';
import { sendV2, v2 } from '../../support/versioned-api.ts';

const people = `
- !user outsider
- !user watcher
- !user maker
- !user changer
- !user loader
- !permit { role: !user loader, privileges: [create], resource: !policy root }
`;
const rights = `
- !permit { role: !user /watcher, privileges: [watch], resource: !policy }
- !permit { role: !user /maker, privileges: [create], resource: !policy }
- !permit { role: !user /changer, privileges: [update], resource: !policy }
`;

interface Shown {
  readonly id: string;
  readonly created_at: string;
  readonly modified_at: string;
}

describeOnStores(
  'issuers',
  (on) => {
    let admin: Session;
    let as: (login: string) => Promise<Session>;

    before(async () => {
      admin = await signIn(on.service);
      as = signInAs(on.service, await load(admin, people));
    });

    const post = (body: unknown, session = admin): Promise<Answer> =>
      sendJson(session, 'POST', '/issuers/acct', body);
    const patch = (id: string, body: unknown, session = admin): Promise<Answer> =>
      sendJson(session, 'PATCH', `/issuers/acct/${id}`, body);
    const get = (path: string, session = admin): Promise<Answer> =>
      session.send('GET', `/issuers/acct${path}`);
    const remove = (path: string, session = admin): Promise<Answer> =>
      session.send('DELETE', `/issuers/acct${path}`);
    const exists = async (kind: string, identifier: string): Promise<boolean> =>
      (await admin.send('GET', `/resources/acct/${kind}/${encodeURIComponent(identifier)}`)).status === 200;

    describe('before there is a policy for them', () => {
      it('can be listed by nobody, and are not found', async () => {
        assertEmpty(await get(''), 403);
        assertNoIssuer(await get('/none'), 'none');
        assertNoIssuer(await remove('/none'), 'none');
      });

      it('leave nothing behind where one is refused', async () => {
        assert.equal((await post({ ...newIssuer('x'), max_ttl: 1 })).status, 400);
        for (const login of ['outsider', 'loader']) {
          assertEmpty(await post(newIssuer('x'), await as(login)), 403);
        }
        assert.equal(await exists('policy', 'conjur/issuers'), false);
      });

      it('make it along with the first, owned as what is loaded to the root', async () => {
        await makeIssuer(admin, 'first');
        const base = await admin.send('GET', '/resources/acct/policy/conjur%2Fissuers');
        const { owner, policy } = base.json() as { readonly owner: string; readonly policy: string };
        assert.deepEqual([owner, policy], ['acct:user:admin', 'acct:policy:root']);
        await load(admin, rights, 'conjur/issuers');
      });
    });

    describe('a new one', () => {
      it('is shown with its secret masked, and with the times of its making', async () => {
        const issuer = (await makeIssuer(admin, 'made')) as unknown as Shown;
        const { created_at: createdAt, modified_at: modifiedAt, ...rest } = issuer;
        assert.deepEqual(rest, {
          id: 'made',
          account: 'acct',
          max_ttl: 3_000,
          type: 'aws',
          data: maskedData,
        });
        assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
        assert.equal(modifiedAt, createdAt);
        const order = ['id', 'account', 'max_ttl', 'type', 'data', 'created_at', 'modified_at'];
        assert.deepEqual(Object.keys(issuer), order);
      });

      it('gets a policy with a group that may read and use it', async () => {
        await makeIssuer(admin, 'delegated');
        assert.ok(await exists('policy', 'conjur/issuers/delegated/delegation'));
        assert.ok(await exists('group', 'conjur/issuers/delegated/delegation/consumers'));
        await load(
          admin,
          '- !grant { role: !group consumers, member: !user /outsider }\n',
          'conjur/issuers/delegated/delegation',
        );
        const outsider = await as('outsider');
        assert.equal((await get('/delegated', outsider)).status, 200);
        assert.deepEqual((await get('/delegated?projection=minimal', outsider)).json(), { max_ttl: 3_000 });
      });

      it('takes create on the policy of issuers', async () => {
        assertEmpty(await post(newIssuer('refused'), await as('watcher')), 403);
        assertEmpty(await post(newIssuer('refused'), await as('outsider')), 403);
        assert.equal((await post(newIssuer('by-maker'), await as('maker'))).status, 201);
      });

      it('is refused where its id is taken', async () => {
        await makeIssuer(admin, 'taken');
        const answer = await post(newIssuer('taken'));
        const details = { code: 'conflict', target: 'id', message: 'taken' };
        const error = {
          code: 'conflict',
          message: 'issuer "taken" already exists',
          target: 'issuer',
          details,
        };
        assert.deepEqual([answer.status, answer.json()], [409, { error }]);
      });

      it('is refused with 500 where variables name it already, as is left when they were kept', async () => {
        await makeIssuer(admin, 'kept');
        await load(admin, dynamicVariable('of-kept', 'kept'));
        assertEmpty(await remove('/kept?keep_secrets=true'), 204);
        assertEmpty(await post(newIssuer('kept')), 500);
        assert.equal(await exists('policy', 'conjur/issuers/kept'), false);
      });

      it('can come as a form only in what a form can say', async () => {
        const form = 'id=formed&type=aws&max_ttl=3000';
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await admin.send('POST', '/issuers/acct', form, headers);
        assertError(answer, 400, 'bad_request', "the 'max_ttl' parameter must be a positive integer");
        assertEmpty(await post('{"id":'), 400);
        assertEmpty(await post(''), 400);
      });
    });

    describe('one that is there', () => {
      before(() => makeIssuer(admin, 'shown'));

      it('is shown to who may read its policy, over HEAD, too', async () => {
        const answer = await get('/shown');
        assert.deepEqual((answer.json() as { readonly data: unknown }).data, maskedData);
        const head = await admin.send('HEAD', '/issuers/acct/shown');
        assert.deepEqual([head.status, head.text], [200, '']);
        assertNoIssuer(await get('/shown', await as('outsider')), 'shown');
        const permit = '- !permit { role: !user /watcher, privileges: [use], resource: !policy shown }\n';
        await load(admin, permit, 'conjur/issuers');
        assertEmpty(await get('/shown', await as('watcher')), 403);
      });

      it('is shown in the minimal projection, and in no other', async () => {
        assert.deepEqual((await get('/shown?projection=minimal')).json(), { max_ttl: 3_000 });
        for (const query of ['projection=full', 'projection', 'projection=']) {
          const message = 'Value provided for projection query param is invalid';
          assertError(await get(`/shown?${query}`), 422, 'unprocessable_entity', message);
        }
        assertNoIssuer(await get('/none?projection=full'), 'none');
      });

      it('is not found by a policy alone, nor under a path with a raw dot', async () => {
        await load(admin, '- !policy policy-only\n', 'conjur/issuers');
        assertNoIssuer(await get('/policy-only'), 'policy-only');
        assert.equal((await get('/a.b')).text, '');
        assertNoIssuer(await get('/a%2Eb'), 'a.b');
      });

      it('is not found in an account that is not there', async () => {
        const answer = await admin.send('GET', '/issuers/nowhere/shown');
        const { error } = answer.json() as { readonly error: { readonly message: string } };
        assert.deepEqual(
          [answer.status, error.message],
          [404, "User 'admin' not found in account 'nowhere'"],
        );
      });

      it('gets errors in the words of version 2 where those are asked for', async () => {
        const missing = await sendV2(admin, 'GET', '/issuers/acct/none');
        assert.deepEqual(missing.json(), { code: '404', message: 'Issuer not found' });
        assert.equal(missing.headers.get('content-type'), v2);
        const bad = await sendV2(admin, 'PATCH', '/issuers/acct/shown', { max_ttl: 1 });
        assert.deepEqual([bad.status, (bad.json() as { readonly code: string }).code], [400, '400']);
        const data = await sendV2(admin, 'PATCH', '/issuers/acct/shown', { data: {} });
        assert.deepEqual([data.status, (data.json() as { readonly code: string }).code], [422, '422']);
      });
    });

    describe('the list', () => {
      it('has all of them for who may update the policy of issuers', async () => {
        const issuers = (await get('', await as('changer'))).json() as { readonly issuers: readonly Shown[] };
        const ids = issuers.issuers.map(({ id }) => id);
        assert.deepEqual(ids, [...ids].sort());
        assert.ok(ids.includes('first') && ids.includes('made'));
        assert.ok(!JSON.stringify(issuers).includes(awsData.secret_access_key));
        for (const login of ['maker', 'watcher', 'outsider'])
          assertEmpty(await get('', await as(login)), 403);
      });

      it('is sorted by a field, if it is one', async () => {
        const { issuers } = (await get('?sort=max_ttl')).json() as {
          readonly issuers: readonly { readonly max_ttl: number }[];
        };
        const ttls = issuers.map((issuer) => issuer.max_ttl);
        assert.deepEqual(
          ttls,
          [...ttls].sort((one, other) => one - other),
        );
        const message = 'the sort key name is not a valid field of the issuer object';
        assertError(await get('?sort=name'), 400, 'bad_request', message);
      });
    });

    describe('a change', () => {
      before(() => makeIssuer(admin, 'changing'));

      it('gives a longer TTL or other data, and the time of the change', async () => {
        const before = (await get('/changing')).json() as Shown;
        const longer = await patch('changing', { max_ttl: 4_000 }, await as('changer'));
        const shown = longer.json() as Shown & { readonly max_ttl: number };
        assert.deepEqual([longer.status, shown.max_ttl, shown.created_at], [200, 4_000, before.created_at]);
        assert.ok(shown.modified_at > before.modified_at);
        const data = { ...awsData, access_key_id: 'AKIAIOSFODNN7CHANGED' };
        const other = (await patch('changing', { data })).json() as { readonly data: unknown };
        assert.deepEqual(other.data, { ...data, secret_access_key: '*****' });
        assert.deepEqual((await get('/changing')).json(), other);
        assert.deepEqual((await patch('changing', {})).json(), other);
      });

      it('never gives a shorter TTL, and nothing else', async () => {
        const rows = [
          [{ max_ttl: 3_999 }, 'The new max_ttl must be equal or higher than the current max_ttl'],
          [{ max_ttl: 43_201 }, "the 'max_ttl' parameter must be a between 900 and 43200"],
          [{ max_ttl: null }, "the 'max_ttl' parameter must be a positive integer"],
          [
            { max_ttl: 5_000, data: awsData, id: 'other' },
            'invalid parameter received in the request body. Only max_ttl and data are allowed',
          ],
          [
            { data: null },
            "'data' is not a valid JSON object; ensure that 'data' is properly formatted as a JSON object.",
          ],
        ] as const;
        for (const [body, message] of rows) {
          assertError(await patch('changing', body), 400, 'bad_request', message);
        }
        const half = await patch('changing', { data: { access_key_id: awsData.access_key_id } });
        const message = 'secret_access_key is a required parameter and must be specified';
        assertError(half, 422, 'unprocessable_entity', message);
        assert.equal(((await get('/changing')).json() as { readonly max_ttl: number }).max_ttl, 4_000);
      });

      it('takes update on the policy of issuers', async () => {
        assertNoIssuer(await patch('none', { max_ttl: 5_000 }), 'none');
        assertEmpty(await patch('changing', { max_ttl: 5_000 }, await as('maker')), 403);
        const hidden = await patch('changing', { max_ttl: 5_000 }, await as('outsider'));
        const { error } = hidden.json() as { readonly error: { readonly message: string } };
        const message = "Policy 'conjur/issuers' not found in account 'acct'";
        assert.deepEqual([hidden.status, error.message], [404, message]);
      });
    });

    describe('a deletion', () => {
      it('takes update on the policy of issuers, and takes its policy along', async () => {
        await makeIssuer(admin, 'leaving');
        assertEmpty(await remove('/leaving', await as('maker')), 403);
        assertNoIssuer(await remove('/leaving', await as('outsider')), 'leaving');
        assertEmpty(await remove('/leaving', await as('changer')), 204);
        assertNoIssuer(await get('/leaving'), 'leaving');
        for (const [kind, rest] of [
          ['policy', ''],
          ['policy', '/delegation'],
          ['group', '/delegation/consumers'],
        ] as const) {
          assert.equal(await exists(kind, `conjur/issuers/leaving${rest}`), false);
        }
        assertNoIssuer(await remove('/leaving'), 'leaving');
        await makeIssuer(admin, 'leaving');
      });

      it('takes the dynamic variables that name it along, if they are not to be kept', async () => {
        for (const [id, keep] of [
          ['drops', ''],
          ['keeps', '?keep_secrets=true'],
        ] as const) {
          await makeIssuer(admin, id);
          await load(admin, dynamicVariable(`of-${id}`, id));
          assertEmpty(await remove(`/${id}${keep}`), 204);
          assert.equal(await exists('variable', `data/dynamic/of-${id}`), keep !== '');
        }
      });

      it('comes with its policy, by whatever means that goes', async () => {
        await makeIssuer(admin, 'by-policy');
        const text = '- !delete { record: !policy by-policy }\n';
        assert.equal((await load(admin, text, 'conjur/issuers', 'PATCH')).version > 0, true);
        assertNoIssuer(await get('/by-policy'), 'by-policy');
        await load(admin, '- !policy by-policy\n', 'conjur/issuers');
        assertNoIssuer(await get('/by-policy'), 'by-policy');
      });
    });

    it('never appear with their secrets in the audit log', async () => {
      assert.ok(!(await readFile(on.service.auditFile, 'utf8')).includes(awsData.secret_access_key));
    });
  },
  withIssuers,
);

describeOnStores('issuers that are switched off', (on) => {
  it('are unknown paths, and variables below data/dynamic are like others', async () => {
    const admin = await signIn(on.service);
    for (const [method, path] of [
      ['POST', '/issuers/acct'],
      ['GET', '/issuers/acct'],
      ['GET', '/issuers/acct/x'],
      ['PATCH', '/issuers/acct/x'],
      ['DELETE', '/issuers/acct/x'],
    ] as const) {
      assertEmpty(await admin.send(method, path), 404);
      assert.equal((await send(on.service.url + path, method)).status, 401);
    }
    await load(admin, '- !variable data/dynamic/plain\n');
    const path = secretPath(on.service, 'data/dynamic/plain');
    assert.equal((await admin.send('POST', path, 'value')).status, 201);
    assert.equal((await admin.send('GET', path)).text, 'value');
  });
});

describe('issuers of a service that starts again', () => {
  it('are as they were', async () => {
    const first = await startTestService({ ...withIssuers });
    try {
      const made = await makeIssuer(await signIn(first), 'lasting');
      const second = await startTestService({ ...withIssuers, LATCHKEY_STORE: `lmdb:${first.folder}/store` });
      try {
        const session = await signIn(second, 'admin', first.adminKey);
        assert.deepEqual((await session.send('GET', '/issuers/acct/lasting')).json(), made);
      } finally {
        await second.stop();
      }
    } finally {
      await first.stop();
    }
  });
});
