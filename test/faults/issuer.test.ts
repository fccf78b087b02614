/** Issuers that are down, slow or lie, while the service goes on for everybody else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { load, secretPath, setSecret, signIn, type Answer } from '../support/client.ts';
import { openJwtStage, type JwtStage } from '../support/jwt-stage.ts';
import {
  answerEndless,
  answerJson,
  answerNever,
  answerRedirect,
  answerStatus,
  createSigningKey,
  metadataPath,
  mint,
  startRogueIssuer,
  type Answer as IssuerAnswer,
  type RogueIssuer,
} from '../support/rogue-issuer.ts';
import { startTestService, type TestService } from '../support/service.ts';

const value = 'served meanwhile';
/** A host name of which resolvers know without asking that there is none: a label has 63 characters at most. */
const unresolvable = `${'x'.repeat(64)}.example`;
/** Longer than a failure is held against an issuer, and shorter than a token is valid. */
const pastFailureMs = 11_000;
/** Longer than keys serve without being fetched anew. */
const pastSoftTtlMs = 601_000;

/** Begins an answer, then a byte each second for as long as anybody reads. */
const answerByteByByte: IssuerAnswer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(' ');
  const sending = setInterval(() => response.write(' '), 1_000);
  response.once('close', () => {
    clearInterval(sending);
  });
};

/** Ends the connection in the middle of the body. */
const answerReset: IssuerAnswer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"issuer":', () => response.socket?.resetAndDestroy());
};

describe('issuers at fault', () => {
  const { now } = Date;
  let service: TestService;
  let stage: JwtStage;
  let issuers: readonly RogueIssuer[];
  let halfOpen: HalfOpen;

  before(async () => {
    service = await startTestService({
      // Neither limit is what is tested, and the flood would meet both on a busy machine.
      LATCHKEY_MAX_FAILURES: '0',
      LATCHKEY_MAX_QUEUE_DELAY: '0',
    });
    stage = await openJwtStage({ service });
    await stage.define('well');
    halfOpen = await startHalfOpen();
    await load(stage.admin, '- !variable meanwhile');
    await setSecret(stage.admin, 'meanwhile', value);
  });
  beforeEach(() => {
    issuers = [];
  });
  afterEach(async () => {
    Date.now = now;
    await Promise.all(issuers.map((issuer) => issuer.stop()));
  });
  after(async () => {
    await stage.stop();
    await service.stop();
    await halfOpen.stop();
  });

  async function startIssuer(): Promise<RogueIssuer> {
    const issuer = await startRogueIssuer({ keys: [stage.key] });
    issuers = [...issuers, issuer];
    return issuer;
  }

  /** Sets the clock of the service ahead; it stays so until the end of the test. */
  function advance(ms: number): void {
    const before = Date.now;
    Date.now = () => before() + ms;
  }

  /** Defines a service that discovers an issuer. */
  async function discover(name: string, providerUri: string): Promise<void> {
    await stage.define(name, { variables: { 'provider-uri': providerUri, 'token-app-property': 'host' } });
  }

  const signInAt = (name: string, iss: string): Promise<Answer> => stage.authenticate(name, { iss });

  /** What has nothing to do with the issuer at fault. */
  async function goesOn(): Promise<void> {
    assert.equal((await stage.authenticate('well')).status, 200);
    const session = await signIn(service);
    const answer = await session.send('GET', secretPath(service, 'meanwhile'));
    assert.deepEqual([answer.status, answer.text], [200, value]);
  }

  const fetches = ({ requests }: RogueIssuer): number =>
    requests.filter((path) => path === metadataPath).length;

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('keep nobody else waiting while they hang, and are called once for all who wait', async () => {
    const slow = await startIssuer();
    const slowKeys = await startIssuer();
    const mute = await startIssuer();
    slow.answerMetadata(answerByteByByte);
    slowKeys.answerKeys(answerByteByByte);
    mute.answerMetadata(answerNever);
    const uris: Readonly<Record<string, string>> = {
      slow: slow.url,
      'slow-keys': slowKeys.url,
      mute: mute.url,
      'half-open': halfOpen.url,
    };
    for (const [name, uri] of Object.entries(uris)) await discover(name, uri);
    let ended = 0;
    const waiting = Object.entries(uris).map(async ([name, uri]) => {
      const logins = Array.from({ length: 10 }, () => signInAt(name, uri));
      for (const login of logins) void login.finally(() => ended++);
      return { name, answers: await Promise.all(logins) };
    });
    await until(() => fetches(slow) + fetches(slowKeys) + fetches(mute) + halfOpen.connections() === 4);
    await Promise.all(Array.from({ length: 5 }, goesOn));
    assert.equal(ended, 0);
    for (const { name, answers } of await Promise.all(waiting)) {
      for (const answer of answers) await stage.refused(answer, name, 'CONJ');
      assert.match(await stage.record(name), /did not answer in time/);
    }
    for (const issuer of [slow, slowKeys, mute]) {
      assert.deepEqual([fetches(issuer), issuer.mostConnections()], [1, 1]);
      await issuer.idle();
    }
    assert.equal(halfOpen.connections(), 1);
    await halfOpen.idle();
  });

  const endless = answerEndless();
  const hugeLength: IssuerAnswer = (response) => {
    response.writeHead(200, { 'content-length': String(100 * 1_024 * 1_024) }).flushHeaders();
  };
  const faults: readonly {
    readonly name: string;
    readonly reason: RegExp;
    readonly begin: (issuer: RogueIssuer) => unknown;
  }[] = [
    { name: 'is down', reason: /ECONNREFUSED/, begin: (issuer) => issuer.down() },
    {
      name: 'resets the connection in the body',
      reason: /could not be reached/,
      begin: (issuer) => {
        issuer.answerMetadata(answerReset);
      },
    },
    {
      name: 'states the name of another',
      reason: /another name/,
      begin: (issuer) => {
        issuer.answerMetadata(answerJson(issuer.metadata({ issuer: 'https://accounts.example' })));
      },
    },
    {
      name: 'publishes 10,000 keys',
      reason: /more than 100 keys/,
      begin: (issuer) => {
        issuer.publish(
          ...Array.from({ length: 10_000 }, (_, index) => ({ ...stage.key, jwk: { kid: `${index}` } })),
        );
      },
    },
    {
      name: 'announces 100 MiB',
      reason: /more than 1048576 bytes/,
      begin: (issuer) => {
        issuer.answerMetadata(hugeLength);
      },
    },
    {
      name: 'sends without end',
      reason: /more than 1048576 bytes/,
      begin: (issuer) => {
        issuer.answerKeys(endless);
      },
    },
    {
      name: 'redirects',
      reason: /redirect/,
      begin: (issuer) => {
        issuer.answerMetadata(answerRedirect(`${stage.issuer.url}${metadataPath}`));
      },
    },
    {
      name: 'fails',
      reason: /status 500/,
      begin: (issuer) => {
        issuer.answerMetadata(answerStatus(500));
      },
    },
  ];
  for (const [place, { name, reason, begin }] of faults.entries()) {
    it(`are refused with the true reason in the audit where one ${name}, and serve once they are well`, async () => {
      const id = `fault-${place}`;
      const issuer = await startIssuer();
      await discover(id, issuer.url);
      await begin(issuer);
      for (let count = 0; count < 3; count++) {
        const answer = await signInAt(id, issuer.url);
        assert.equal(answer.status, 401, answer.text);
        assert.match(await stage.record(id), reason);
      }
      await goesOn();
      assert.ok(fetches(issuer) <= 1);
      await issuer.up();
      issuer.answerMetadata(answerJson(issuer.metadata()));
      issuer.publish(stage.key);
      advance(pastFailureMs);
      assert.equal((await signInAt(id, issuer.url)).status, 200);
      assert.ok(endless.sentBytes() < 32 * 1_024 * 1_024);
    });
  }

  it('are refused where the name of one does not resolve', async () => {
    await discover('unresolved', `https://${unresolvable}`);
    const answer = await signInAt('unresolved', `https://${unresolvable}`);
    assert.equal(answer.status, 401);
    assert.match(await stage.record('unresolved'), /ENOTFOUND|EAI_/);
    await goesOn();
  });

  it('are trusted by their last good keys, at once, whatever they do meanwhile', async () => {
    const issuer = await startIssuer();
    await discover('known', issuer.url);
    const signsIn = async (): Promise<void> => {
      assert.equal((await signInAt('known', issuer.url)).status, 200);
    };
    await signsIn();
    let asked = 1;
    const whatever: readonly IssuerAnswer[] = [
      answerStatus(503),
      answerReset,
      answerJson(issuer.metadata({ issuer: 'https://accounts.example' })),
      answerRedirect('http://127.0.0.1:1/'),
    ];
    for (const answer of whatever) {
      issuer.answerMetadata(answer);
      advance(pastSoftTtlMs);
      await signsIn();
      await until(() => fetches(issuer) === asked + 1);
      await issuer.idle();
      await signsIn();
      assert.equal(fetches(issuer), ++asked);
    }
    await issuer.down();
    advance(pastSoftTtlMs);
    await signsIn();
    await issuer.up();
    issuer.answerMetadata(answerNever);
    advance(pastSoftTtlMs);
    await signsIn();
    await until(() => fetches(issuer) > asked);
    // While it is asked and says nothing.
    await Promise.all(Array.from({ length: 20 }, signsIn));
    assert.ok(fetches(issuer) <= asked + 1);
  });

  it('flap between 500 and 200 without anybody noticing', async () => {
    const issuer = await startIssuer();
    await discover('flapping', issuer.url);
    assert.equal((await signInAt('flapping', issuer.url)).status, 200);
    let count = 0;
    issuer.answerMetadata((response, request) => {
      (++count % 2 === 1 ? answerStatus(500) : answerJson(issuer.metadata()))(response, request);
    });
    for (let round = 1; round <= 6; round++) {
      advance(pastSoftTtlMs);
      const answers = await Promise.all(Array.from({ length: 5 }, () => signInAt('flapping', issuer.url)));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      await until(() => count === round);
      await issuer.idle();
    }
  });

  it('may swap their keys at any time; the old ones are good no more', async () => {
    const issuer = await startIssuer();
    await discover('swapped', issuer.url);
    assert.equal((await signInAt('swapped', issuer.url)).status, 200);
    const other = createSigningKey('RS256', { kid: stage.key.kid });
    issuer.publish(other);
    const now = Math.floor(Date.now() / 1_000);
    const jwt = mint(other, {
      iss: issuer.url,
      host: 'app-swapped',
      project: 'blue',
      iat: now,
      exp: now + 600,
    });
    assert.equal((await stage.post(`swapped/${service.account}`, { jwt })).status, 200);
    await stage.refused(await signInAt('swapped', issuer.url), 'swapped', 'CONJ');
  });

  it('are not asked once for each token of a flood under unknown keys', async () => {
    const issuer = await startIssuer();
    await discover('flooded', issuer.url);
    assert.equal((await signInAt('flooded', issuer.url)).status, 200);
    const flood = Array.from({ length: 200 }, (_, index) =>
      stage.post(`flooded/${service.account}`, {
        jwt: stage.token('flooded', { iss: issuer.url }, { header: { kid: `unknown-${index}` } }),
      }),
    );
    assert.equal((await signInAt('flooded', issuer.url)).status, 200);
    await goesOn();
    assert.deepEqual(
      (await Promise.all(flood)).filter(({ status }) => status !== 401),
      [],
    );
    assert.deepEqual([fetches(issuer), issuer.mostConnections()], [2, 1]);
    await issuer.idle();
  });
});

interface HalfOpen {
  readonly url: string;
  /** How many connections there have been. */
  readonly connections: () => number;
  /** Waits until every connection has been ended by the other side. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Takes connections, and neither reads nor writes nor, by itself, ends one. */
async function startHalfOpen(): Promise<HalfOpen> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connections++;
    sockets.add(socket);
    // What is not read shows no end either.
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    connections: () => connections,
    idle: async () => {
      for (const socket of sockets) {
        if (socket.destroyed) continue;
        socket.resume();
        await once(socket, 'close');
      }
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
