/** What is good for once is good for once, however many ask at the same time and in however many processes. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isFailure } from '../../../src/domain/errors.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../../src/drivers/redis/store.ts';
import { roleOfLogin } from '../../../src/domain/ids.ts';
import type { Authorization, CodeRequest } from '../../../src/http/engine/types.ts';
import type { Store } from '../../../src/ports/store.ts';
import { engineAccount, startEngineServer, type EngineServer } from '../../support/engine-server.ts';
import {
  callback,
  codeFor,
  post,
  tokensFor,
  verifier,
  type Answer,
  type Form,
} from '../../support/engine-flow.ts';
import { startRedis } from '../../support/redis-server.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const rounds = 20;
const requests = 50;
const program = fileURLToPath(new URL('../../support/engine-process.js', import.meta.url));

interface Opened {
  readonly where: string;
  readonly store: Store;
  close(): Promise<void>;
}

describeTwoProcesses('LMDB', async () => {
  const folder = temporaryDirectory();
  const store = await openLmdbStore({ directory: folder.path });
  return {
    where: folder.path,
    store,
    close: async () => {
      folder.remove();
    },
  };
});

describeTwoProcesses('Redis', async () => {
  const redis = await startRedis();
  return { where: redis.url, store: await openRedisStore({ url: redis.url }), close: () => redis.stop() };
});

function describeTwoProcesses(name: string, open: () => Promise<Opened>): void {
  describe(`parallel requests at two processes (${name})`, function () {
    this.timeout(180_000);
    let opened: Opened;
    let first: EngineServer;
    let second: ChildProcess;
    let servers: readonly EngineServer[];

    before(async () => {
      opened = await open();
      first = await startEngineServer(opened.store, { origin: 'http://127.0.0.1:1' });
      await first.client('app');
      second = spawn(process.execPath, [program, opened.where, 'http://127.0.0.1:1'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [line] = (await once(second.stdout ?? second, 'data')) as [Buffer];
      servers = [first, { ...first, url: line.toString().trim() }];
      await tokensFor(first, 'app');
    });
    after(async () => {
      second.stdin?.end();
      await once(second, 'exit');
      await first.close();
      await opened.store.close();
      await opened.close();
    });

    /** Half of the requests go to each process. */
    const all = async (form: Form): Promise<readonly Answer[]> => {
      const asking = Array.from({ length: requests }, async (_, index) => {
        const server = servers[index % servers.length] ?? first;
        return post(server, '/api/one/token', form, { id: 'app' });
      });
      return Promise.all(asking);
    };
    const assertOne = (answers: readonly Answer[]): Answer => {
      const good = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(
        ({ status, body }) => status === 400 && body['error'] === 'invalid_grant',
      );
      assert.deepEqual([good.length, refused.length], [1, requests - 1]);
      return good[0] ?? assert.fail();
    };

    it('redeem a code once', async () => {
      for (let round = 0; round < rounds; round += 1) {
        const code = await codeFor(first, 'app');
        const form = {
          grant_type: 'authorization_code',
          code,
          redirect_uri: callback,
          code_verifier: verifier,
        };
        assertOne(await all(form));
      }
    });

    it('redeem a code of a dialect’s own once', async () => {
      const issuers = await Promise.all(servers.map((server) => server.engine.issuer(first.spec('one'))));
      const view = await first.view();
      const role = view.state.graph.role(roleOfLogin(engineAccount, 'alice'));
      const client = view.state.registry.get('oidc-client', 'app');
      if (role === undefined || client === undefined) assert.fail('the fixture is not there');
      for (let round = 0; round < rounds; round += 1) {
        const authorization: Authorization = {
          role,
          client,
          scopes: ['openid'],
          audiences: [],
          attributes: {},
        };
        const request: CodeRequest = { authorization, redirectUri: callback };
        const code: string = (await issuers[0]?.mintCode(request)) ?? '';
        const redeeming = Array.from({ length: requests }, async (_, index) => {
          const issuer = issuers[index % 2] ?? assert.fail();
          const found = await issuer.findCode(view, code);
          if (found === undefined) return false;
          try {
            await issuer.issueTokens(view, authorization, { redeems: found });
            return true;
          } catch (error) {
            assert.ok(isFailure(error, 'OAUTH_INVALID_GRANT'), String(error));
            return false;
          }
        });
        const redeemed = await Promise.all(redeeming);
        assert.equal(redeemed.filter(Boolean).length, 1);
      }
    });

    it('refresh once', async () => {
      for (let round = 0; round < rounds; round += 1) {
        const tokens = await tokensFor(first, 'app');
        assertOne(await all({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] }));
      }
    });

    it('go on in one process with what began in the other', async () => {
      const other = servers[1] ?? first;
      const code = await codeFor(other, 'app');
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: callback,
        code_verifier: verifier,
      };
      const { body } = await post(first, '/api/one/token', form, { id: 'app' });
      const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) };
      assert.equal((await post(other, '/api/one/token', refresh, { id: 'app' })).status, 200);
      await first.client('app', { disabled: true });
      const late = await post(other, '/api/one/token', { grant_type: 'client_credentials' }, { id: 'app' });
      assert.equal(late.status, 401, 'a client that was disabled in one process is refused in the other');
      await first.client('app');
    });
  });
}
