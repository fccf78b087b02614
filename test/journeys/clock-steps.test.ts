/** The clock of a running service is set, forward and back, and the clocks of two differ. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  basicHeader,
  load,
  secretPath,
  send,
  sessionOf,
  setSecret,
  signIn,
  type Session,
} from '../support/client.ts';
import { startRedis } from '../support/redis-server.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import type { TestService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { askTokens, codeOf, flowWorld, type FlowWorld } from '../support/vault-flow-world.ts';

const preload = new URL('../support/shifted-clock.js', import.meta.url).href;
const hourMs = 60 * 60 * 1_000;
const password = 'Sup3r-Secret-Passw0rd!';

for (const store of ['LMDB', 'Redis'] as const) {
  describe(`a clock that is set (${store})`, function () {
    this.timeout(120_000);
    const folder = temporaryDirectory();
    const clocks = ['one', 'two'].map((name) => join(folder.path, `clock-${name}`));
    let servers: readonly ServerProcess[];
    let services: readonly TestService[];
    let stopStore = async (): Promise<void> => undefined;
    let flow: FlowWorld;
    let aliceKey: string;

    const at = (place: number): TestService => services[place] ?? assert.fail();
    /** Sets the clock of both processes, or of one. */
    const setClock = async (ms: number, places: readonly number[] = [0, 1]): Promise<void> => {
      for (const place of places) writeFileSync(clocks[place] ?? '', String(ms));
      // The clock is looked up anew after 5 ms.
      await pause(20);
    };
    const read = async (token: string, place: number): Promise<number> =>
      (await sessionOf(at(place), token).send('GET', secretPath(at(place), 'clock/value'))).status;
    const logIn = async (secret: string, place = 0): Promise<number> =>
      (
        await send(`${at(place).url}/authn/${at(place).account}/login`, 'GET', {
          headers: basicHeader('alice', secret),
        })
      ).status;
    const vaultLogin = async (): Promise<string> => {
      const answer = await send(`${at(0).url}/v1/auth/userpass/login/alice`, 'POST', {
        body: JSON.stringify({ password }),
      });
      assert.equal(answer.status, 200, answer.text);
      return (answer.json() as { auth: { client_token: string } }).auth.client_token;
    };
    const lookUp = async (token: string, place = 0): Promise<number> =>
      (
        await send(`${at(place).url}/v1/auth/token/lookup-self`, 'GET', {
          headers: { 'x-vault-token': token },
        })
      ).status;

    before(async () => {
      const env: Record<string, string> = {
        LATCHKEY_DATA: folder.path,
        LATCHKEY_PUBLIC_URL: 'https://id.example',
      };
      if (store === 'Redis') {
        const redis = await startRedis();
        env['LATCHKEY_STORE'] = redis.url;
        stopStore = () => redis.stop();
      }
      const start = (clock: string): Promise<ServerProcess> => {
        writeFileSync(clock, '0');
        return startServerProcess({ ...env, NODE_OPTIONS: `--import=${preload}`, TEST_CLOCK_FILE: clock });
      };
      const [first, second] = [await start(clocks[0] ?? ''), await start(clocks[1] ?? '')];
      servers = [first, second];
      const adminKey = (await readFile(join(folder.path, 'admin.key'), 'utf8')).trim();
      services = servers.map((server) => ({ ...server, adminKey }) as unknown as TestService);
      flow = await flowWorld(at(0));
      const loaded = await load(
        flow.admin,
        '- !user alice\n- !policy { id: clock, body: [ !variable value ] }',
      );
      aliceKey = loaded.created_roles[`${at(0).account}:user:alice`]?.api_key ?? '';
      await setSecret(flow.admin, 'clock/value', 'before');
      const changed = await send(`${at(0).url}/authn/${at(0).account}/password`, 'PUT', {
        headers: basicHeader('alice', aliceKey),
        body: password,
      });
      assert.equal(changed.status, 204, changed.text);
    });
    afterEach(() => setClock(0));
    after(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await stopStore();
      folder.remove();
    });

    it('ends access tokens that are over by it, verified or not, and takes new ones', async () => {
      const { token: used } = await signIn(at(0));
      const { token: unused } = await signIn(at(0));
      assert.deepEqual([await read(used, 0), await read(used, 1)], [200, 200]);
      await setClock(hourMs);
      for (const place of [0, 1]) {
        assert.deepEqual([await read(used, place), await read(unused, place)], [401, 401]);
        assert.equal(await read((await signIn(at(place))).token, place), 200);
      }
    });

    it('loses nothing that was acknowledged while it was wrong, and works when it is right again', async () => {
      await setClock(hourMs);
      const ahead = await signIn(at(0));
      await setSecret(ahead, 'clock/value', 'while ahead');
      await setClock(-hourMs);
      const behind = await signIn(at(1));
      await setSecret(behind, 'clock/value', 'while behind');
      await setClock(0);
      const now: Session = await signIn(at(0));
      const answer = await now.send('GET', secretPath(at(0), 'clock/value'));
      assert.deepEqual([answer.status, answer.text], [200, 'while behind']);
      for (const place of [0, 1]) assert.equal(await logIn(password, place), 200);
    });

    it('makes no code good for a second use', async () => {
      const tokenOf = (): Promise<string> => flow.tokenOf('end-user');
      const code = await codeOf(flow, await tokenOf());
      assert.equal((await askTokens(flow, { code })).status, 200);
      for (const ms of [hourMs, 0, -hourMs, 0]) {
        await setClock(ms);
        assert.equal((await askTokens(flow, { code })).status, 400);
      }
      const fresh = await codeOf(flow, await tokenOf());
      assert.equal((await askTokens(flow, { code: fresh })).status, 200);
    });

    it('brings no session back that was revoked, and none to life for ever', async () => {
      const [kept, revoked] = [await vaultLogin(), await vaultLogin()];
      const ended = await send(`${at(0).url}/v1/auth/token/revoke-self`, 'POST', {
        headers: { 'x-vault-token': revoked },
      });
      assert.equal(ended.status, 204);
      for (const ms of [hourMs, -hourMs, 0]) {
        await setClock(ms);
        assert.equal(await lookUp(revoked), 403);
        assert.equal(await lookUp(kept), 200);
      }
      // Far beyond what any session may live.
      await setClock(400 * 24 * hourMs);
      assert.equal(await lookUp(kept), 403);
    });

    it('keeps nobody out for longer because of failures while it was ahead', async () => {
      await setClock(24 * hourMs);
      let status = 401;
      for (let failures = 0; status === 401 && failures < 40; failures += 1) status = await logIn('wrong', 0);
      assert.equal(status, 429);
      await setClock(0);
      await logIn(password);
      // A whole window later at the latest, as seen by whoever holds the right clock.
      await setClock(6 * 60 * 1_000);
      if (store === 'LMDB') assert.equal(await logIn(password), 200);
      else assert.ok([200, 429].includes(await logIn(password)), 'the clock of Redis has not moved');
    });

    for (const [difference, ms] of [
      ['a minute', 60_000],
      ['an hour', hourMs],
    ] as const) {
      it(`has processes work together whose clocks differ by ${difference}`, async () => {
        await setClock(ms, [1]);
        const [here, there] = [await signIn(at(0)), await signIn(at(1))];
        // What the one that is ahead issued is good at both; what the other issued, where it is not over.
        assert.deepEqual([await read(there.token, 0), await read(there.token, 1)], [200, 200]);
        assert.deepEqual(
          [await read(here.token, 0), await read(here.token, 1)],
          [200, ms === hourMs ? 401 : 200],
        );
        await setSecret(there, 'clock/value', `ahead by ${difference}`);
        const answer = await here.send('GET', secretPath(at(0), 'clock/value'));
        assert.equal(answer.text, `ahead by ${difference}`);
      });
    }

    it('writes audit records with the time as it was', async () => {
      const years = (await readFile(join(folder.path, 'audit.log'), 'utf8'))
        .split('\n')
        .filter(Boolean)
        .map((line) => Date.parse(line.split(' ')[1] ?? ''));
      assert.ok(years.every(Number.isFinite));
      assert.ok(years.some((time) => time > Date.now() + hourMs / 2));
    });
  });
}
