import assert from 'node:assert/strict';
import { load, send, signIn, signInAs, type Answer, type Session } from '../../support/client.ts';
import {
  askForTokens,
  farFuture,
  makeHost,
  makeToken,
  revokeToken,
  type ToldToken,
} from '../../support/host-factories.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { startTestService } from '../../support/service.ts';

const policy = `
- !user alice
- !user nobody
- !group team
- !policy
  id: hf
  body:
  - !layer web
  - !layer extra
  - !host-factory { id: web, layers: [ !layer web, !layer extra ] }
  - !host-factory { id: other, layers: [ !layer web ] }
- !permit { role: !user alice, privileges: [ execute, update ], resource: !host-factory hf/web }
- !permit { role: !user alice, privileges: [ read ], resource: !host-factory hf/other }
- !permit { role: !user alice, privileges: [ read ], resource: !group team }
- !host taken
`;

describeOnStores('host factories, as Conjur answers', (on) => {
  let admin: Session;
  let alice: Session;
  let nobody: Session;

  before(async () => {
    admin = await signIn(on.service);
    const session = signInAs(on.service, await load(admin, policy));
    [alice, nobody] = [await session('alice'), await session('nobody')];
  });

  const factory = (name = 'hf/web'): string => `${on.service.account}:host_factory:${name}`;
  const ask = (parameters: Record<string, string> = {}, session = alice): Promise<Answer> =>
    askForTokens(session, { host_factory: factory(), expiration: farFuture, ...parameters });
  const isRefused = (answer: Answer, message: string, code = 'argument_error'): void => {
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(answer.json(), { error: { code, message } });
  };

  it('have whoever defines a host of theirs in policy warned, in a dry run, too', async () => {
    const { service } = on;
    await load(admin, '- !policy ward');
    const made = await makeHost(service, await makeToken(alice, 'hf/web'), { id: 'ward/intruder' });
    assert.equal(made.status, 201, made.text);
    const path = `/policies/${service.account}/policy/ward`;
    const text = '- !host own\n- !host intruder\n';
    const warnings = [
      "Host 'ward/intruder' (line 2) was made by the host factory 'hf/web' and stays its own: " +
        'whoever has a token of that can replace its API key. Delete the host first to define it here.',
    ];
    const rehearsed = await admin.send('POST', `${path}?dryRun=true`, text);
    assert.deepEqual((rehearsed.json() as { warnings?: unknown }).warnings, warnings);
    assert.deepEqual((await load(admin, text, 'ward')).warnings, warnings);
    // What it says to do helps.
    await load(admin, '- !delete { record: !host intruder }', 'ward', 'PATCH');
    assert.equal((await load(admin, text, 'ward')).warnings, undefined);
  });

  describe('POST /host_factory_tokens', () => {
    it('answers 200 with a list of tokens, their expiration to the second', async () => {
      const answer = await ask({ count: '2', expiration: '2050-12-31T01:02:03.456+01:00' });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      const told = answer.json() as ToldToken[];
      assert.equal(told.length, 2);
      for (const { token, ...rest } of told) {
        assert.match(token, /^[0-9a-hjkmnp-tv-z]{40,56}$/);
        assert.deepEqual(rest, { expiration: '2050-12-31T00:02:03Z', cidr: [] });
      }
      assert.notEqual(told[0]?.token, told[1]?.token);
    });

    it('takes its parameters from the query, a form, or JSON', async () => {
      const fields = { host_factory: factory(), expiration: farFuture };
      const form = new URLSearchParams(fields).toString();
      for (const [body, type] of [
        [form, 'application/x-www-form-urlencoded'],
        [JSON.stringify({ ...fields, count: 1 }), 'application/json'],
      ] as const) {
        const answer = await alice.send('POST', '/host_factory_tokens', body, { 'content-type': type });
        assert.equal(answer.status, 200, answer.text);
      }
      const ignored = await alice.send('POST', '/host_factory_tokens', form, {
        'content-type': 'text/plain',
      });
      isRefused(ignored, 'host_factory');
    });

    it('takes an expiration without a zone as UTC', async () => {
      const [told] = (await ask({ expiration: '2050-01-02T03:04:05' })).json() as ToldToken[];
      assert.equal(told?.expiration, '2050-01-02T03:04:05Z');
    });

    it('takes one range or a list, and shows them with their prefix', async () => {
      const [one] = (await ask({ cidr: '10.1.2.3' })).json() as ToldToken[];
      assert.deepEqual(one?.cidr, ['10.1.2.3/32']);
      const query = `host_factory=${factory()}&expiration=${farFuture}&cidr[]=10.0.0.0/8&cidr[]=2001:db8::/32`;
      const [two] = (await alice.send('POST', `/host_factory_tokens?${query}`)).json() as ToldToken[];
      assert.deepEqual(two?.cidr, ['10.0.0.0/8', '2001:db8::/32']);
    });

    it('takes the empty range that the Python library sends as no restriction', async () => {
      const [told] = (await ask({ 'cidr[]': '' })).json() as ToldToken[];
      assert.deepEqual(told?.cidr, []);
    });

    it('is 422 without a host factory', async () => {
      isRefused(await askForTokens(alice, { expiration: farFuture }), 'host_factory');
    });

    it('is 404 for a factory that is missing, malformed or invisible, and looks the same', async () => {
      for (const [session, name] of [
        [alice, 'hf/none'],
        [nobody, 'hf/web'],
      ] as const) {
        const answer = await ask({ host_factory: factory(name) }, session);
        assert.equal(answer.status, 404);
        assert.deepEqual(answer.json(), {
          error: {
            code: 'not_found',
            message: `Host_factory '${name}' not found in account '${on.service.account}'`,
            target: 'host_factory',
            details: { code: 'not_found', target: 'id', message: factory(name) },
          },
        });
      }
      assert.equal((await ask({ host_factory: 'no-id' })).status, 404);
      assert.equal((await ask({ host_factory: 'nowhere:host_factory:x' })).status, 404);
    });

    it('is 422 for what is not a host factory, before any privilege is asked for', async () => {
      isRefused(
        await ask({ host_factory: `${on.service.account}:group:team` }),
        'Invalid resource kind: group',
      );
    });

    it('is an empty 403 without execute, before the other parameters are looked at', async () => {
      const answer = await ask({ host_factory: factory('hf/other'), expiration: 'x', count: 'x' });
      assert.deepEqual([answer.status, answer.text], [403, '']);
    });

    it('is 422 for an expiration that is absent, unreadable or past', async () => {
      isRefused(await askForTokens(alice, { host_factory: factory() }), 'expiration');
      isRefused(await ask({ expiration: 'x' }), 'Input is invalid ISO8601 datetime string: x');
      isRefused(
        await ask({ expiration: '2020-01-01T00:00:00Z' }),
        'Value for parameter expiration must be in the future: 2020-01-01T00:00:00+00:00',
      );
    });

    it('is 422 for a count that is not a positive whole number', async () => {
      for (const count of ['0', '-2', 'two', '1.5', '']) {
        isRefused(await ask({ count }), `Invalid value for parameter 'count': ${count}`);
      }
    });

    it('is 422 for a range that is not in canonical form', async () => {
      const code = 'unprocessable_entity';
      isRefused(await ask({ cidr: '10.0.0' }), "Invalid IP address or CIDR range '10.0.0'", code);
      const answer = await ask({ cidr: '10.0.0.1/8' });
      assert.match(answer.text, /"code":"unprocessable_entity".*'10\.0\.0\.1\/8'/);
    });

    it('is 401 without an access token', async () => {
      const answer = await send(`${on.service.url}/host_factory_tokens`, 'POST');
      assert.deepEqual([answer.status, answer.text], [401, 'Authorization missing']);
    });
  });

  describe('DELETE /host_factory_tokens/:token', () => {
    it('answers 204 with nothing, and the token is gone', async () => {
      const token = await makeToken(alice, 'hf/web');
      const answer = await revokeToken(alice, token);
      assert.deepEqual([answer.status, answer.text], [204, '']);
      assert.equal((await makeHost(on.service, token, { id: 'hf/late' })).status, 401);
    });

    it('is 404 for a token that nobody made, and for one whose factory is invisible, alike', async () => {
      const token = await makeToken(admin, 'hf/other');
      for (const [session, presented] of [
        [alice, 'nothing'],
        [nobody, token],
      ] as const) {
        const answer = await revokeToken(session, presented);
        assert.equal(answer.status, 404);
        assert.deepEqual(answer.json(), {
          error: {
            code: 'not_found',
            message: `Host_factory_token '${presented}' not found in account '*'`,
            target: 'host_factory_token',
            details: { code: 'not_found', target: 'id', message: `*:host_factory_token:${presented}` },
          },
        });
      }
    });

    it('is an empty 403 where the factory is visible and update is missing', async () => {
      const answer = await revokeToken(alice, await makeToken(admin, 'hf/other'));
      assert.deepEqual([answer.status, answer.text], [403, '']);
    });

    it('has no route for a token with a raw dot', async () => {
      const answer = await alice.send('DELETE', '/host_factory_tokens/a.b');
      assert.deepEqual([answer.status, answer.text], [404, '']);
    });
  });

  describe('POST /host_factories/hosts', () => {
    it('answers 201 with the host, its API key, and permissions as an empty list', async () => {
      const token = await makeToken(alice, 'hf/web');
      const answer = await makeHost(on.service, token, { id: 'hf/fresh', 'annotations[role]': 'web <1>' });
      assert.equal(answer.status, 201);
      const { created_at: createdAt, api_key: apiKey, ...rest } = answer.json() as Record<string, unknown>;
      assert.match(String(createdAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
      assert.deepEqual(rest, {
        id: `${on.service.account}:host:hf/fresh`,
        owner: factory(),
        permissions: [],
        annotations: [{ name: 'role', value: 'web <1>' }],
        restricted_to: [],
      });
      await signIn(on.service, 'host/hf/fresh', String(apiKey));
    });

    it('takes its parameters from a form or JSON, too', async () => {
      const token = await makeToken(alice, 'hf/web');
      const authorization = `Token token="${token}"`;
      for (const [body, type] of [
        ['id=hf/by-form&annotations[a]=1', 'application/x-www-form-urlencoded'],
        [JSON.stringify({ id: 'hf/by-json', annotations: { a: 1 } }), 'application/json'],
      ] as const) {
        const answer = await nobody.send('POST', '/host_factories/hosts', body, {
          'content-type': type,
          authorization,
        });
        assert.equal(answer.status, 201, answer.text);
        assert.deepEqual((answer.json() as { annotations: unknown }).annotations, [
          { name: 'a', value: '1' },
        ]);
      }
    });

    it('makes many hosts with one token, each id as it is given', async () => {
      const token = await makeToken(alice, 'hf/web');
      for (const id of ['elsewhere/one', 'conjur-like', 'with blank']) {
        const answer = await makeHost(on.service, token, { id });
        assert.equal((answer.json() as { id: string }).id, `${on.service.account}:host:${id}`);
      }
    });

    it('is an empty 401 without a token, with an unknown one, or from another address', async () => {
      const elsewhere = await makeToken(alice, 'hf/web', { cidr: '198.51.100.0/24' });
      const revoked = await makeToken(alice, 'hf/web');
      await revokeToken(alice, revoked);
      for (const token of [undefined, 'unknown', elsewhere, revoked]) {
        const answer = await makeHost(on.service, token, { id: 'hf/refused' });
        assert.deepEqual([answer.status, answer.text], [401, '']);
      }
      const basic = await makeHost(on.service, undefined, { id: 'x' }, { authorization: 'Basic YTpi' });
      assert.deepEqual([basic.status, basic.text], [401, '']);
      const near = await makeHost(
        on.service,
        elsewhere,
        { id: 'hf/near' },
        { 'x-forwarded-for': '198.51.100.7' },
      );
      assert.equal(near.status, 201);
    });

    it('is 422 without an id', async () => {
      const token = await makeToken(alice, 'hf/web');
      const message = 'param is missing or the value is empty: id';
      isRefused(await makeHost(on.service, token, {}), message, 'parameter_missing');
      isRefused(await makeHost(on.service, token, { id: '' }), message, 'parameter_missing');
    });

    it('is 422 for ids below conjur/, and for those that no policy could define', async () => {
      const token = await makeToken(alice, 'hf/web');
      for (const id of ['conjur/x', '/conjur/x', '/x', 'a//b', 'a/', 'a/../b', ' ', 'line\nbreak']) {
        isRefused(await makeHost(on.service, token, { id }), `Invalid id: ${id}`);
      }
    });

    it('gives a host of this factory a new key and leaves the rest as it was', async () => {
      const token = await makeToken(alice, 'hf/web');
      const first = (await makeHost(on.service, token, { id: 'hf/again', 'annotations[a]': '1' })).json() as {
        api_key: string;
      };
      const answer = await makeHost(on.service, token, { id: 'hf/again', 'annotations[b]': '2' });
      assert.equal(answer.status, 201);
      const { api_key: apiKey, annotations } = answer.json() as { api_key: string; annotations: unknown };
      assert.notEqual(apiKey, first.api_key);
      assert.deepEqual(annotations, [{ name: 'a', value: '1' }]);
      await signIn(on.service, 'host/hf/again', apiKey);
      await assert.rejects(signIn(on.service, 'host/hf/again', first.api_key));
    });

    it('is an empty 403 for a host of somebody else', async () => {
      const mine = await makeToken(alice, 'hf/web');
      const others = await makeToken(admin, 'hf/other');
      assert.equal((await makeHost(on.service, others, { id: 'hf/theirs' })).status, 201);
      for (const id of ['taken', 'hf/theirs']) {
        const answer = await makeHost(on.service, mine, { id });
        assert.deepEqual([answer.status, answer.text], [403, '']);
      }
    });

    it('does not look at an access token', async () => {
      const answer = await alice.send('POST', '/host_factories/hosts?id=hf/nope');
      assert.deepEqual([answer.status, answer.text], [401, '']);
    });
  });
});

describe('host factories that are switched off', () => {
  it('have no routes', async () => {
    const service = await startTestService({ CONJUR_HOST_FACTORIES_ENABLED: 'false' });
    try {
      const admin = await signIn(service);
      await load(admin, '- !layer web\n- !host-factory { id: web, layers: [ !layer web ] }\n');
      const answer = await askForTokens(admin, {
        host_factory: `${service.account}:host_factory:web`,
        expiration: farFuture,
      });
      assert.deepEqual([answer.status, answer.text], [404, '']);
      assert.equal((await revokeToken(admin, 'x')).status, 404);
      assert.equal((await makeHost(service, 'x', { id: 'x' })).status, 404);
    } finally {
      await service.stop();
    }
  });
});

describe('host factories where hosts have to say that they use an API key', () => {
  it('make hosts with the annotation that says so, and refuse others', async () => {
    const service = await startTestService({ CONJUR_AUTHN_API_KEY_DEFAULT: 'false' });
    try {
      const admin = await signIn(service);
      await load(admin, '- !layer web\n- !host-factory { id: web, layers: [ !layer web ] }\n');
      const token = await makeToken(admin, 'web');
      for (const parameters of [{ id: 'a' }, { id: 'a', 'annotations[authn/api-key]': 'false' }]) {
        const answer = await makeHost(service, token, parameters);
        assert.equal(answer.status, 422);
        assert.match(answer.text, /"code":"policy_invalid".*authn\/api-key/);
      }
      const answer = await makeHost(service, token, { id: 'a', 'annotations[authn/api-key]': 'true' });
      assert.equal(answer.status, 201);
    } finally {
      await service.stop();
    }
  });
});
