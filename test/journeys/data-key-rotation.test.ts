/** The data key is rotated while two processes serve reads and writes of everything, and the rotation is killed on its way. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { collections } from '../../src/domain/records/keys.ts';
import { dataKeyId } from '../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../src/drivers/redis/store.ts';
import type { Store } from '../../src/ports/store.ts';
import { secretPath, sessionOf, signIn, type Session } from '../support/client.ts';
import { History, unseen } from '../support/history/history.ts';
import { runOperator, startOperator } from '../support/operator-process.ts';
import { startRedis } from '../support/redis-server.ts';
import { sealedWorld, sealedWorldSettings, type SealedWorld } from '../support/sealed-world.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import type { TestService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temp.ts';

const variableCount = 60;

interface Place {
  readonly env: Readonly<Record<string, string>>;
  readonly open: () => Promise<Store>;
  readonly end: () => Promise<void>;
}

const places: Readonly<Record<string, (folder: string) => Promise<Place>>> = {
  LMDB: async (folder) => ({
    env: {},
    open: () => openLmdbStore({ directory: join(folder, 'store') }),
    end: async () => undefined,
  }),
  Redis: async () => {
    const redis = await startRedis();
    return {
      env: { LATCHKEY_STORE: redis.url },
      open: () => openRedisStore({ url: redis.url }),
      end: () => redis.stop(),
    };
  },
};

for (const [name, prepare] of Object.entries(places)) {
  describe(`the data key, rotated under load (${name})`, function () {
    this.timeout(120_000);
    const folder = temporaryDirectory();
    const keyFile = join(folder.path, 'data.key');
    let place: Place;
    let env: Readonly<Record<string, string>>;
    let servers: ServerProcess[];
    let service: TestService;
    let world: SealedWorld;
    const oldKey = randomBytes(32);

    const start = (): Promise<ServerProcess> => startServerProcess(env);
    const keyIdsInFile = (): readonly string[] =>
      readFileSync(keyFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => dataKeyId(Buffer.from(line, 'base64')));

    before(async () => {
      place = await prepare(folder.path);
      writeFileSync(keyFile, `${oldKey.toString('base64')}\n`, { mode: 0o600 });
      env = {
        ...place.env,
        ...sealedWorldSettings,
        LATCHKEY_DATA: folder.path,
        LATCHKEY_DATA_KEY: '',
        LATCHKEY_DATA_KEY_FILE: keyFile,
        LATCHKEY_PUBLIC_URL: 'https://id.example',
      };
      servers = [await start(), await start()];
      const adminKey = (await readFile(join(folder.path, 'admin.key'), 'utf8')).trim();
      service = { ...servers[0], adminKey } as unknown as TestService;
      world = await sealedWorld(service, variableCount);
    });
    after(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await place.end();
      folder.remove();
    });

    it('loses nothing, fails no read, and survives being killed on its way', async () => {
      const load = new Load(
        servers.map((server) => ({ ...service, url: server.url })),
        world,
      );
      await load.begin();

      const args = ['data-key', 'rotate', '--wait-seconds', '2'];
      const killed = startOperator([...args, '--rate', '40'], env);
      while (!killed.errors().includes('Sealing everything anew')) {
        assert.equal(killed.process.exitCode, null, killed.errors());
        await pause(20);
      }
      await pause(500);
      killed.process.kill('SIGKILL');
      assert.equal(await killed.exited, null, 'it had ended before it was killed');
      assert.equal(keyIdsInFile().length, 2);

      const done = JSON.parse(await runOperator([...args, '--output', 'json'], env)) as {
        readonly data_key_id: string;
        readonly retired: readonly string[];
        readonly resealed: number;
        readonly damaged: readonly string[];
      };
      const figures = await load.end();
      assert.deepEqual(figures.failures, []);
      assert.deepEqual(figures.violations, []);
      assert.ok(figures.reads > 0 && figures.writes > 0);
      assert.deepEqual(done.retired, [dataKeyId(oldKey)]);
      assert.deepEqual(done.damaged, []);
      assert.ok(done.resealed > 0);
      assert.deepEqual(keyIdsInFile(), [done.data_key_id]);
      if (process.env['LATCHKEY_FIGURES'] !== undefined) console.log(name, figures, done.resealed);
    });

    it('leaves nothing in the store that is under the old key, whatever the kind', async () => {
      const found = await recordsUnder(place, dataKeyId(oldKey));
      assert.deepEqual(found, []);
      const kinds = await recordsUnder(place, keyIdsInFile()[0] ?? '');
      // Something of every kind was there to be sealed anew.
      const expected = [
        ...['credential', 'issuer', 'key-check', 'oidc-client', 'oidc-key', 'oidc-settings'],
        ...['secret', 'secret-version', 'signing-key'],
        ...['configuration-token', 'oidc', 'session'].map((kind) => `for a while: ${kind}`),
      ];
      assert.deepEqual([...new Set(kinds)].sort(), expected.sort());
    });

    it('serves all that was made before, in the processes that ran and in new ones', async () => {
      for (const server of servers) await world.stillWorks(server);
      const fresh = await start();
      servers.push(fresh);
      await world.stillWorks(fresh);
    });

    it('is recorded from its beginning to its end, and never shows a key', async () => {
      const audit = await readFile(join(folder.path, 'audit.log'), 'utf8');
      const [newId = ''] = keyIdsInFile();
      const said = (pattern: string): boolean => new RegExp(pattern).test(audit);
      assert.ok(said(`key="${newId}".*rotate-data-key.*began to rotate the data key`));
      assert.ok(said(`key="${dataKeyId(oldKey)}".*retire-data-key.*retired a data key`));
      const [newKey = ''] = readFileSync(keyFile, 'utf8').split('\n');
      for (const key of [newKey, oldKey.toString('base64')]) assert.ok(!audit.includes(key));
    });

    it('shows what is sealed under which key, and who holds it', async () => {
      const shown = JSON.parse(
        await runOperator(['data-key', 'status', '--output', 'json', '--wait-seconds', '3'], env),
      ) as {
        readonly keys: readonly { id: string; seals: boolean; held: boolean; values: number }[];
        readonly processes: readonly { seals: string; holds: readonly string[] }[];
      };
      const [id] = keyIdsInFile();
      assert.deepEqual(
        shown.keys.map(({ values, ...key }) => ({ ...key, some: values > variableCount })),
        [{ id, seals: true, held: true, some: true }],
      );
      assert.equal(shown.processes.length, servers.length);
      for (const { seals, holds } of shown.processes) assert.deepEqual([seals, holds], [id, [id]]);
    });
  });
}

/** The collections of records, and the kinds of entries, that hold something sealed under a key. */
async function recordsUnder(place: Place, keyId: string): Promise<readonly string[]> {
  const prefix = Buffer.concat([Buffer.of(1), Buffer.from(keyId, 'hex')]);
  const isUnder = (value: Uint8Array): boolean => {
    const bytes = Buffer.from(value);
    return bytes.includes(prefix) || bytes.includes(prefix.toString('base64'));
  };
  const store = await place.open();
  const found: string[] = [];
  for (const account of await store.accounts()) {
    for (const collection of collections) {
      for await (const batch of store.scan(account, collection)) {
        for (const [, { value }] of batch) if (isUnder(value)) found.push(collection);
      }
    }
    for await (const batch of store.ephemeral.scan(account)) {
      for (const [key, value] of batch) {
        if (isUnder(value)) found.push(`for a while: ${key.split(/[ \t]/)[0] ?? ''}`);
      }
    }
  }
  await store.close();
  return found;
}

interface Figures {
  readonly reads: number;
  readonly writes: number;
  readonly failures: readonly string[];
  readonly violations: readonly unknown[];
}

/** Reads and writes variables at both processes, and signs in, until it is ended. */
class Load {
  readonly #services: readonly TestService[];
  readonly #variables: readonly string[];
  readonly #history = new History();
  readonly #failures: string[] = [];
  #sessions: readonly Session[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #ended = false;
  #reads = 0;
  #writes = 0;

  constructor(services: readonly TestService[], { variables }: SealedWorld) {
    this.#services = services;
    this.#variables = variables;
  }

  async begin(): Promise<void> {
    const [first] = this.#services;
    if (first === undefined) return;
    // One token for both: neither signs in the other's place.
    const { token } = await signIn(first);
    this.#sessions = this.#services.map((service) => sessionOf(service, token));
    this.#variables.forEach((id, index) => {
      this.#history.initially(id, index < 5 ? `second ${id}` : `first ${id}`);
    });
    this.#running = Promise.all(
      this.#sessions.flatMap((session, place) => [
        this.#repeat((turn) => this.#read(session, this.#variableAt(turn * 7 + place))),
        this.#repeat((turn) =>
          this.#write(session, this.#variableAt(turn * 11 + place), `${String(place)} ${String(turn)}`),
        ),
        this.#repeat(() => this.#signIn(session)),
      ]),
    );
  }

  async end(): Promise<Figures> {
    this.#ended = true;
    await this.#running;
    const [reads, writes] = [this.#reads, this.#writes];
    return { reads, writes, failures: this.#failures, violations: this.#history.check() };
  }

  async #repeat(act: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0; !this.#ended; turn += 1) {
      await act(turn);
      await pause(2);
    }
  }

  #variableAt(turn: number): string {
    return this.#variables[turn % this.#variables.length] ?? '';
  }

  async #read(session: Session, id: string): Promise<void> {
    this.#reads += 1;
    await this.#history.read(id, async () => {
      const answer = await session.send('GET', secretPath(session.service, id));
      if (answer.status === 200) return answer.text;
      this.#failures.push(`read: ${String(answer.status)} ${answer.text}`);
      return unseen;
    });
  }

  async #write(session: Session, id: string, value: string): Promise<void> {
    this.#writes += 1;
    const answer = await this.#history.write(id, value, () =>
      session.send('POST', secretPath(session.service, id), value),
    );
    if (answer?.status !== 201) this.#failures.push(`write: ${String(answer?.status)} ${answer?.text ?? ''}`);
  }

  async #signIn({ service }: Session): Promise<void> {
    this.#reads += 1;
    await signIn(service).catch((error: unknown) => {
      this.#failures.push(String(error));
    });
  }
}
