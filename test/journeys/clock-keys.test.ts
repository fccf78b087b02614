/** Keys and tokens of issuers, and of the service as one, by a clock that is set while it runs. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import { load, send, signIn } from '../support/client.ts';
import { openJwtStage, type JwtStage } from '../support/jwt-stage.ts';
import { createSigningKey, keysPath, mint, type SigningKey } from '../support/rogue-issuer.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import type { TestService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { vaultApi, vaultTokenOf, type VaultApi } from '../support/vault-flow-world.ts';

const preload = new URL('../support/shifted-clock.js', import.meta.url).href;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

function idTokenPolicy(variables: readonly string[]): string {
  return `
- !policy
  id: conjur/authn-oidc/clock
  body:
  - !webservice
  - !group hosts
  - !permit { role: !group hosts, privileges: [ read, authenticate ], resource: !webservice "" }
${variables.map((name) => `  - !variable ${name}\n`).join('')}`;
}

describe('keys by a clock that is set', function () {
  this.timeout(60_000);
  const folder = temporaryDirectory();
  const clock = join(folder.path, 'clock');
  let server: ServerProcess;
  let service: TestService;
  let stage: JwtStage;
  let shiftMs = 0;

  async function setClock(ms: number): Promise<void> {
    shiftMs = ms;
    writeFileSync(clock, String(ms));
    // The clock is looked up anew after 5 ms.
    await pause(20);
  }

  before(async () => {
    writeFileSync(clock, '0');
    const data = join(folder.path, 'data');
    server = await startServerProcess({
      LATCHKEY_DATA: data,
      NODE_OPTIONS: `--import=${preload}`,
      TEST_CLOCK_FILE: clock,
    });
    const adminKey = (await readFile(join(data, 'admin.key'), 'utf8')).trim();
    const auditLines = async (): Promise<readonly string[]> =>
      (await readFile(join(data, 'audit.log'), 'utf8')).split('\n').filter(Boolean);
    service = { ...server, adminKey, auditLines } as unknown as TestService;
    stage = await openJwtStage({ service });
    await stage.define('clock');
    const variables = { 'provider-uri': stage.issuer.url, 'id-token-user-property': 'login' };
    const granted = '- !grant { role: !group conjur/authn-oidc/clock/hosts, member: !host app-clock }';
    await load(stage.admin, idTokenPolicy(Object.keys(variables)) + granted);
    await stage.set('clock', variables, 'authn-oidc');
    const path = `/authn-oidc/clock/${server.account}`;
    assert.equal((await stage.admin.send('PATCH', path, 'enabled=true')).status, 204);
  });
  afterEach(() => setClock(0));
  after(async () => {
    await stage.stop();
    await server.stop();
    folder.remove();
  });

  type Times = Readonly<Record<string, number>>;

  /** A token; its times are in milliseconds from the service's own, its key by default the issuer's. */
  function token({ iat = 0, exp = 10 * minute, ...times }: Times, iss: string, key = stage.key): string {
    const now = Date.now() + shiftMs;
    const at = Object.entries({ iat, exp, ...times }).map(([name, ms]): [string, number] => [
      name,
      Math.floor((now + ms) / second),
    ]);
    return mint(key, {
      iss,
      aud: 'x',
      sub: 'x',
      host: 'app-clock',
      login: 'host/app-clock',
      project: 'blue',
      ...Object.fromEntries(at),
    });
  }

  /** Presents a token to authn-jwt. */
  const present = async (times: Times = {}, key?: SigningKey): Promise<number> =>
    (await stage.post('clock/acct', { jwt: token(times, '127.0.0.1', key) })).status;

  const presentIdToken = async (times: Times): Promise<number> => {
    const form = { id_token: token(times, stage.issuer.url) };
    return (await stage.post('clock/acct', form, 'authn-oidc')).status;
  };

  const fetches = (): number => stage.issuer.requests.filter((path) => path === keysPath).length;

  for (const [where, ms] of [
    ['right', 0],
    ['ahead', 48 * hour],
    ['behind', -48 * hour],
  ] as const) {
    it(`lets clocks differ by a minute for ID tokens, by 5 seconds for JWTs (the clock ${where})`, async () => {
      await setClock(ms);
      assert.equal(await presentIdToken({ iat: -hour, exp: -30 * second }), 200);
      assert.equal(await presentIdToken({ iat: -hour, exp: -61 * second }), 401);
      for (const name of ['iat', 'nbf']) {
        assert.equal(await presentIdToken({ [name]: 59 * second }), 200, name);
        assert.equal(await presentIdToken({ [name]: 90 * second }), 401, name);
        assert.equal(await present({ [name]: 4 * second }), 200, name);
        assert.equal(await present({ [name]: 40 * second }), 401, name);
      }
      assert.equal(await present({ iat: -hour, exp: -6 * second }), 401);
    });
  }

  it('judges a token by the clock as it is, not as it was when its keys came', async () => {
    const token = { iat: -minute, exp: 5 * minute };
    assert.equal(await present(token), 200);
    for (const [ms, status] of [
      [hour, 401],
      [-hour, 401],
      [0, 200],
    ] as const) {
      await setClock(ms);
      assert.equal(await present({ iat: token.iat - ms, exp: token.exp - ms }), status, String(ms));
    }
  });

  /** Goes on until nothing more is fetched for what is presented. */
  async function settle(): Promise<void> {
    let before: number;
    do {
      before = fetches();
      assert.equal(await present(), 200);
      await pause(20);
      await stage.issuer.idle();
    } while (fetches() !== before);
  }

  it('asks for keys anew once they are 10 minutes old, or from the time to come', async () => {
    await settle();
    for (const ms of [11 * minute, 0]) {
      const before = fetches();
      await setClock(ms);
      assert.equal(await present(), 200, 'served by the keys at hand');
      while (fetches() === before) await pause(10);
      await settle();
    }
  });

  it('takes keys of an issuer that is down for 24 hours, and after that none; those it has then at once', async () => {
    await settle();
    await stage.issuer.down();
    await setClock(23 * hour);
    assert.equal(await present(), 200);
    await setClock(25 * hour);
    assert.equal(await present(), 401);
    assert.match(await stage.record('clock'), /CONJ00087E Failed to fetch JWKS/);
    const successor = createSigningKey('RS256', { kid: 'successor' });
    stage.issuer.publish(successor);
    await stage.issuer.up();
    // What has failed is asked again 10 seconds later at most.
    await setClock(25 * hour + 11 * second);
    assert.equal(await present({}, successor), 200);
    assert.equal(await present({}, stage.key), 401);
    stage.issuer.publish(stage.key);
    await setClock(26 * hour);
    await present({}, stage.key);
    assert.equal(await present({}, stage.key), 200);
  });

  describe('of the service itself', () => {
    const keysOf = async (): Promise<readonly string[]> => {
      const answer = await send(`${server.url}/v1/identity/oidc/.well-known/keys`, 'GET');
      return (answer.json() as { readonly keys: readonly { kid: string }[] }).keys.map(({ kid }) => kid);
    };
    const vault = async (): Promise<VaultApi> => vaultApi(service, vaultTokenOf(await signIn(service)));
    /** An identity token of a key that turns every hour and verifies for two, and lives for one. */
    const tokenNow = async (): Promise<string> =>
      String((await (await vault()).data('identity/oidc/token/clock'))['token']);
    const isActive = async (token: string): Promise<unknown> => {
      const answer = await (await vault()).write('identity/oidc/introspect', { token });
      return (answer.json() as { readonly active: unknown }).active;
    };
    const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);

    before(async () => {
      const api = await vault();
      const ring = { rotation_period: '1h', verification_ttl: '2h', allowed_client_ids: ['*'] };
      await api.write('identity/oidc/key/clock', { algorithm: 'ES256', ...ring });
      await api.write('identity/oidc/role/clock', { key: 'clock', ttl: '1h' });
    });

    it('turn when it says so, verify for as long as it says, and every token by the keys that are published', async () => {
      const first = await tokenNow();
      assert.ok((await keysOf()).includes(kidOf(first)));
      await setClock(30 * minute);
      assert.equal(kidOf(await tokenNow()), kidOf(first));
      assert.equal(await isActive(first), true);
      await setClock(hour + minute);
      const second = await tokenNow();
      assert.notEqual(kidOf(second), kidOf(first));
      const both = await keysOf();
      assert.ok(both.includes(kidOf(first)) && both.includes(kidOf(second)), 'both verify');
      assert.deepEqual([await isActive(first), await isActive(second)], [false, true], 'the first is over');
      await setClock(4 * hour);
      const third = await tokenNow();
      const left = await keysOf();
      assert.ok(left.includes(kidOf(third)) && !left.includes(kidOf(first)));
      // Set back, it signs with what is published, and takes nothing again that it had dropped.
      await setClock(0);
      const back = await tokenNow();
      assert.ok((await keysOf()).includes(kidOf(back)));
      assert.equal(await isActive(back), true);
    });
  });
});
