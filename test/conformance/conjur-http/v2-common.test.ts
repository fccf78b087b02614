import assert from 'node:assert/strict';
import { load, send, signIn, signInAs, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { assertEmpty } from '../../support/conjur-world.ts';
import { assertAnswer, assertRefused, sendV2, v2, versionMissing } from '../../support/versioned-api.ts';

const policy = `
- !policy data
- !user alice
- !variable secret
- !permit { role: !user alice, privileges: [read], resource: !variable secret }
`;

describeOnStores('what all of the versioned API has in common', (on) => {
  let admin: Session;
  let alice: Session;

  before(async () => {
    admin = await signIn(on.service);
    alice = await signInAs(on.service, await load(admin, policy))('alice');
  });

  describe('the version', () => {
    it('is asked for only of who is signed in', async () => {
      const url = `${on.service.url}/branches/acct`;
      assertEmpty(await send(url, 'GET', { headers: { accept: v2 } }), 401);
      const answer = await send(url, 'GET');
      assert.deepEqual([answer.status, answer.text], [401, 'Authorization missing']);
    });

    for (const accept of [
      '*/*',
      'application/json',
      'application/x.secretsmgr.v2+json',
      'application/x.secretsmgr.v1beta+json',
      'application/x.secretsmgr.v3beta+json',
      'application/x.secretsmgr.v22beta+json',
    ]) {
      it(`is missing in ${accept}`, async () => {
        for (const path of ['/branches/acct', '/branches/acct/data', '/authenticators/acct']) {
          assertRefused(await admin.send('GET', path, undefined, { accept }), 400, versionMissing);
        }
      });
    }

    it('may stand among others, and then is the media type of the answer as it was sent', async () => {
      const accept = `text/html, ${v2};q=0.9, */*`;
      const answer = await admin.send('GET', '/branches/acct/data', undefined, { accept });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('content-type'), accept);
    });
  });

  describe('errors where more than the version is asked for', () => {
    const accept = `${v2}, */*`;
    const refused = async (
      method: string,
      path: string,
      body?: string,
    ): Promise<readonly [number, unknown]> => {
      const answer = await admin.send(method, path, body, { accept });
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      return [answer.status, (answer.json() as { readonly error: unknown }).error];
    };

    it('name what is not found', async () => {
      assert.deepEqual(await refused('GET', '/branches/acct/nope'), [
        404,
        {
          code: 'not_found',
          message: "Branch 'nope' not found in account 'acct'",
          target: 'branch',
          details: { code: 'not_found', target: 'id', message: 'acct:branch:nope' },
        },
      ]);
    });

    it('name what exists', async () => {
      assert.deepEqual(await refused('POST', '/branches/acct', '{"name":"data","branch":"/"}'), [
        409,
        {
          code: 'conflict',
          message: 'Branch "acct:branch:data" already exists',
          target: 'Branch',
          details: { code: 'conflict', target: 'id', message: 'acct:branch:data' },
        },
      ]);
    });

    it('tell a bad request from one that cannot be processed', async () => {
      assert.deepEqual(await refused('POST', '/branches/acct', '{}'), [
        400,
        { code: 'bad_request', message: 'Empty request body' },
      ]);
      assert.deepEqual(await refused('POST', '/branches/acct', '{"name":"x"}'), [
        422,
        { code: 'unprocessable_entity', message: 'CONJ00190W Missing required parameter: branch' },
      ]);
    });

    it('of an authenticator have the shape of the version all the same', async () => {
      const answer = await admin.send('GET', '/authenticators/acct/jwt/nope', undefined, { accept });
      assertRefused(answer, 404, "Authenticator: nope not found in account 'acct'");
    });
  });

  describe('the older API, asked for this version', () => {
    it('words what is not found as this one does', async () => {
      const answer = await sendV2(admin, 'GET', '/resources/acct/variable/nope');
      assertRefused(answer, 404, "Variable 'nope' not found in account 'acct'");
    });

    it('answers a missing privilege with nothing', async () => {
      assertEmpty(await sendV2(alice, 'GET', '/secrets/acct/variable/secret'), 403);
    });

    it('words a body that is no JSON as one that cannot be processed', async () => {
      const answer = await sendV2(admin, 'POST', '/host_factory_tokens', '{');
      assert.equal(answer.status, 422, answer.text);
      assert.equal((answer.json() as { readonly code: string }).code, '422');
    });

    it('words parameters that are not valid as ones that cannot be processed', async () => {
      for (const path of ['/policies/acct/policy/root?depth=x', '/resources/acct?limit=x']) {
        const answer = await sendV2(admin, 'GET', path);
        assert.equal(answer.status, 422, answer.text);
      }
    });

    it('words the value of a secret that is not there as always', async () => {
      const answer = await sendV2(admin, 'GET', '/secrets/acct/variable/nope');
      assert.equal(answer.status, 404);
      assert.deepEqual(answer.json(), {
        error: {
          code: 'not_found',
          message: 'CONJ00076E Variable acct:variable:nope is empty or not found.',
        },
      });
    });

    it('words a policy that is not valid as always', async () => {
      const answer = await sendV2(
        admin,
        'POST',
        '/policies/acct/policy/root',
        '- !grant { role: !group nope }',
      );
      assert.equal(answer.status, 201, answer.text);
      const unknown = await sendV2(
        admin,
        'POST',
        '/policies/acct/policy/root',
        '- !grant { role: !group nope, member: !user alice }',
      );
      assert.equal(unknown.status, 422);
      assert.equal(
        (unknown.json() as { readonly error: { readonly code: string } }).error.code,
        'policy_invalid',
      );
    });

    it('answers an unknown path as always', async () => {
      assertEmpty(await sendV2(admin, 'GET', '/nope'), 404);
    });
  });

  describe('bodies', () => {
    const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', '', 'text\\plain'];
    for (const [index, type] of types.entries()) {
      it(`are JSON, though they were said to be "${type}"`, async () => {
        const body = JSON.stringify({ name: `typed${index}`, branch: 'data' });
        const answer = await admin.send('POST', '/branches/acct', Buffer.from(body), {
          accept: v2,
          ...(type === '' ? {} : { 'content-type': type }),
        });
        assert.equal(answer.status, 201, answer.text);
      });
    }

    for (const text of ['[]', '{}', ' { } ']) {
      it(`of ${text} are empty`, async () => {
        assertRefused(await sendV2(admin, 'POST', '/branches/acct', text), 400, 'Empty request body');
      });
    }

    for (const text of ['[1]', '"text"', '5', 'null', 'true']) {
      it(`of ${text} are no object`, async () => {
        const answer = await sendV2(admin, 'POST', '/branches/acct', text);
        assertRefused(answer, 400, 'Invalid JSON body: an object is expected');
      });
    }

    it('that are nested too deep are refused', async () => {
      const text = `{"a":${'['.repeat(100)}${']'.repeat(100)}}`;
      const answer = await sendV2(admin, 'POST', '/branches/acct', text);
      assert.equal(answer.status, 400);
      assert.match(answer.text, /Invalid JSON body/);
    });

    it('that are too large are refused', async () => {
      const answer = await sendV2(admin, 'POST', '/branches/acct', `{"name":"${'x'.repeat(1024 * 1024)}"}`);
      assertRefused(answer, 413, 'The request body is too large');
    });

    it('have properties of their own only', async () => {
      const answer = await sendV2(
        admin,
        'POST',
        '/branches/acct',
        '{"__proto__":{"name":"x","branch":"data"}}',
      );
      assertRefused(answer, 422, 'CONJ00190W Missing required parameter: name, branch');
      for (const name of ['constructor', '__proto__', 'toString']) {
        const more = `{"name":"x","branch":"data","${name}":{}}`;
        assertRefused(
          await sendV2(admin, 'POST', '/branches/acct', more),
          422,
          `Unexpected parameters: ${name}`,
        );
      }
      const annotations = '{"name":"own","branch":"data","annotations":{"__proto__":"kept"}}';
      const made = await sendV2(admin, 'POST', '/branches/acct', annotations);
      assert.match(made.text, /"annotations":\{"__proto__":"kept"\}/);
    });
  });

  describe('parameters', () => {
    it('that nobody knows are named once each, in their order', async () => {
      const answer = await sendV2(admin, 'GET', '/branches/acct?x=1&y[]=2;x=3&z');
      assertRefused(answer, 422, 'Unexpected parameters: x, y, z');
      assertRefused(
        await sendV2(admin, 'GET', '/branches/acct/data?limit=1'),
        422,
        'Unexpected parameters: limit',
      );
      assertRefused(
        await sendV2(admin, 'GET', '/branches/acct?limit[]=1'),
        422,
        'Unexpected parameters: limit',
      );
      assertRefused(
        await sendV2(admin, 'DELETE', '/branches/acct/data?force=1'),
        422,
        'Unexpected parameters: force',
      );
    });

    it('of the query are looked at before the body', async () => {
      assertRefused(await sendV2(admin, 'POST', '/branches/acct?x=1', '{'), 422, 'Unexpected parameters: x');
    });

    it('that are blank are missing, and those that are absent are named', async () => {
      const blank = await sendV2(admin, 'POST', '/branches/acct', { name: ' ', branch: 'data' });
      assertRefused(blank, 422, 'CONJ00190W Missing required parameter: ');
      const absent = await sendV2(admin, 'POST', '/branches/acct', { name: null });
      assertRefused(absent, 422, 'CONJ00190W Missing required parameter: branch');
    });
  });

  it('answers HEAD as GET, without a body', async () => {
    for (const path of ['/branches/acct', '/branches/acct/data', '/authenticators/acct']) {
      const answer = await sendV2(admin, 'HEAD', path);
      assert.deepEqual([answer.status, answer.text], [200, '']);
      assert.equal(answer.headers.get('content-type'), v2);
    }
    const missing = await sendV2(admin, 'HEAD', '/branches/acct/nope');
    assert.deepEqual([missing.status, missing.text], [404, '']);
  });

  it('takes slashes of paths escaped, and one at the end', async () => {
    await sendV2(admin, 'POST', '/branches/acct', { name: 'sub', branch: 'data' });
    for (const path of [
      '/branches/acct/data%2Fsub',
      '/branches/acct/data/sub/',
      '/branches/acct//data//sub',
    ]) {
      assert.equal((await sendV2(admin, 'GET', path)).status, 200, path);
    }
  });

  it('knows nothing of an account that does not exist', async () => {
    assertAnswer(await sendV2(admin, 'GET', '/branches/nope'), 200, { branches: [], count: 0 });
    assertAnswer(await sendV2(admin, 'GET', '/authenticators/nope'), 200, { authenticators: [], count: 0 });
    const message = "Branch 'data' not found in account 'nope'";
    assertRefused(await sendV2(admin, 'GET', '/branches/nope/data'), 404, message);
    assertRefused(await sendV2(admin, 'POST', '/branches/nope', { name: 'x', branch: 'data' }), 404, message);
    assertRefused(await sendV2(admin, 'DELETE', '/branches/nope/data'), 404, message);
    const member = { kind: 'user', id: 'alice' };
    assertRefused(await sendV2(admin, 'POST', '/groups/nope/data/group/members', member), 404, message);
    const slash = await sendV2(admin, 'GET', '/branches/a%2Fb');
    assertEmpty(slash, 404);
  });
});
