import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load, sessionOf, signIn, type Session } from '../../support/client.ts';
import {
  askForTokens,
  farFuture,
  makeHost,
  makeToken,
  revokeToken,
  type ToldToken,
} from '../../support/host-factories.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { startRedis } from '../../support/redis-server.ts';
import { startTestService, type TestService } from '../../support/service.ts';

const policy = `
- !policy
  id: hf
  body:
  - !layer web
  - !group plain
  - !variable secret
  - !host-factory { id: web, layers: [ !layer web ] }
  - !permit { role: !layer web, privileges: [ read, execute ], resource: !variable secret }
- !grant { role: !group hf/plain, member: !host-factory hf/web }
`;

describeOnStores('host factories', (on) => {
  let admin: Session;

  before(async () => {
    admin = await signIn(on.service);
    await load(admin, policy);
  });

  const shownTokens = async (): Promise<readonly ToldToken[]> => {
    const answer = await admin.send('GET', `/resources/${on.service.account}/host_factory/hf%2Fweb`);
    return (answer.json() as { tokens: ToldToken[] }).tokens;
  };
  const heldBy = async (host: string): Promise<readonly string[]> => {
    const path = `/roles/${on.service.account}/host/${encodeURIComponent(host)}?all`;
    return (await admin.send('GET', path)).json() as string[];
  };
  const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';

  it('make hosts that are in the layers of the factory, and in nothing else of it', async () => {
    const token = await makeToken(admin, 'hf/web');
    const made = await makeHost(on.service, token, { id: 'hf/member' });
    const { api_key: apiKey } = made.json() as { api_key: string };
    const { account } = on.service;
    assert.deepEqual([...(await heldBy('hf/member'))].sort(), [
      `${account}:host:hf/member`,
      `${account}:layer:hf/web`,
    ]);
    const host = await signIn(on.service, 'host/hf/member', apiKey);
    // Without a value, but not forbidden.
    assert.match((await host.send('GET', `/secrets/${account}/variable/hf%2Fsecret`)).text, /CONJ00076E/);
  });

  it('make hosts that a load of the policy does not take away', async () => {
    const token = await makeToken(admin, 'hf/web');
    await makeHost(on.service, token, { id: 'hf/stays' });
    await load(admin, policy, 'root', 'PUT');
    assert.equal((await admin.send('HEAD', `/resources/${on.service.account}/host/hf%2Fstays`)).status, 200);
    assert.equal((await makeHost(on.service, token, { id: 'hf/stays' })).status, 201);
  });

  it('show of each token its expiration, its ranges, and a handle by which it can be revoked', async () => {
    const token = await makeToken(admin, 'hf/web', {
      cidr: '10.0.0.0/8',
      expiration: '2040-01-01T00:00:00Z',
    });
    const [first] = await shownTokens();
    const handle = first?.token ?? '';
    assert.deepEqual(first, { expiration: '2040-01-01T00:00:00Z', cidr: ['10.0.0.0/8'], token: handle });
    assert.equal((await makeHost(on.service, handle, { id: 'hf/by-handle' })).status, 401);
    assert.equal((await revokeToken(admin, handle)).status, 204);
    assert.equal((await makeHost(on.service, token, { id: 'hf/late' })).status, 401);
    assert.equal((await revokeToken(admin, handle)).status, 404);
  });

  it('lose their tokens with the policy that defines them, for good', async () => {
    const text = `
- !layer short-lived
- !host-factory { id: short-lived, layers: [ !layer short-lived ] }
`;
    await load(admin, text);
    const token = await makeToken(admin, 'short-lived');
    assert.equal((await makeHost(on.service, token, { id: 'before' })).status, 201);
    await load(admin, '- !delete { record: !host-factory short-lived }', 'root', 'PATCH');
    assert.equal((await makeHost(on.service, token, { id: 'after' })).status, 401);
    await load(admin, text);
    assert.equal((await makeHost(on.service, token, { id: 'after' })).status, 401);
    const path = `/resources/${on.service.account}/host_factory/short-lived`;
    assert.deepEqual(((await admin.send('GET', path)).json() as { tokens: unknown }).tokens, []);
  });

  it('take no token that has expired, and forget it when another is made', async () => {
    const soon = new Date(Date.now() + 300).toISOString();
    const token = await makeToken(admin, 'hf/web', { expiration: soon });
    const handles = (await shownTokens()).length;
    while (Date.now() <= Date.parse(soon)) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal((await makeHost(on.service, token, { id: 'hf/expired' })).status, 401);
    assert.match(await lastRecord(), /tried to create \S*: the host factory token has expired$|has expired$/);
    await makeToken(admin, 'hf/web');
    assert.equal((await shownTokens()).length, handles);
  });

  it('make one host of several requests at once for the same name', async () => {
    const token = await makeToken(admin, 'hf/web');
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => makeHost(on.service, token, { id: 'hf/raced' })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array<number>(8).fill(201),
    );
    const accepted = await Promise.allSettled(
      answers.map((answer) =>
        signIn(on.service, 'host/hf/raced', (answer.json() as { api_key: string }).api_key),
      ),
    );
    assert.equal(accepted.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('have at most 10,000 tokens', async () => {
    await load(admin, '- !layer many\n- !host-factory { id: many, layers: [ !layer many ] }\n');
    const many = {
      host_factory: `${on.service.account}:host_factory:many`,
      expiration: farFuture,
      count: '1000',
    };
    for (let batch = 0; batch < 10; batch += 1) {
      assert.equal((await askForTokens(admin, many)).status, 200);
    }
    const answer = await askForTokens(admin, { ...many, count: '1' });
    assert.equal(answer.status, 422);
    await load(admin, '- !delete { record: !host-factory many }', 'root', 'PATCH');
  });

  it('are recorded: each token made and revoked, each host, each refusal, and never a token', async () => {
    const token = await makeToken(admin, 'hf/web');
    assert.match(
      await lastRecord(),
      /host-factory .*operation="create-token".*:user:admin created a token of \S+:hf\/web$/,
    );
    await makeHost(on.service, token, { id: 'hf/recorded' });
    assert.match(
      await lastRecord(),
      /operation="create-host"\] \S+:host_factory:hf\/web created \S+:host:hf\/recorded$/,
    );
    await makeHost(on.service, token, { id: 'hf/recorded' });
    assert.match(
      await lastRecord(),
      /operation="rotate-host"\].* rotated the api key for \S+:host:hf\/recorded$/,
    );
    await revokeToken(admin, token);
    assert.match(await lastRecord(), /operation="revoke-token".*:user:admin revoked a token of \S+:hf\/web$/);
    await makeHost(on.service, token, { id: 'hf/recorded' });
    assert.match(
      await lastRecord(),
      /result="failure" operation="create-host"\] not-found tried to create .*: no such host factory token$/,
    );
    await revokeToken(admin, token);
    assert.match(await lastRecord(), /result="failure" operation="revoke-token"/);
    assert.ok(!(await on.service.auditLines()).some((line) => line.includes(token)));
  });
});

describe('host-factory tokens at rest', () => {
  it('are nowhere in the store', async () => {
    const service = await startTestService();
    try {
      const admin = await signIn(service);
      await load(admin, policy);
      const token = await makeToken(admin, 'hf/web');
      const folder = join(service.folder, 'store');
      const contents = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
      assert.ok(contents.some((bytes) => bytes.includes('host_factory:hf/web')));
      assert.ok(!contents.some((bytes) => bytes.includes(token)));
    } finally {
      await service.stop();
    }
  });
});

describe('host-factory tokens on two processes (I1)', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let services: readonly [TestService, TestService];

  before(async () => {
    redis = await startRedis();
    const env = { LATCHKEY_STORE: redis.url };
    services = [await startTestService(env), await startTestService(env)];
  });
  after(async () => {
    for (const service of services) await service.stop();
    await redis.stop();
  });

  it('work everywhere as soon as they are made, and nowhere once they are revoked', async () => {
    const [one, other] = services;
    const admin = await signIn(one);
    const elsewhere = sessionOf(other, admin.token);
    await load(admin, policy);
    for (let round = 0; round < 20; round += 1) {
      const token = await makeToken(admin, 'hf/web');
      assert.equal((await makeHost(other, token, { id: `hf/r${round}` })).status, 201);
      assert.equal((await revokeToken(elsewhere, token)).status, 204);
      assert.equal((await makeHost(one, token, { id: `hf/x${round}` })).status, 401);
    }
  });

  it('go everywhere with their factory', async () => {
    const [one, other] = services;
    const admin = await signIn(one);
    await load(admin, '- !layer l\n- !host-factory { id: f, layers: [ !layer l ] }\n');
    const token = await makeToken(admin, 'f');
    assert.equal((await makeHost(other, token, { id: 'first' })).status, 201);
    await load(admin, '- !delete { record: !host-factory f }', 'root', 'PATCH');
    assert.equal((await makeHost(other, token, { id: 'second' })).status, 401);
    await load(admin, '- !host-factory { id: f, layers: [ !layer l ] }\n');
    assert.equal((await makeHost(other, token, { id: 'second' })).status, 401);
  });
});
