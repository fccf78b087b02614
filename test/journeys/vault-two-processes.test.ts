/** Providers of Vault's dialect with two processes on one store: what one did, the other knows. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from '../support/client.ts';
import { startRedis } from '../support/redis-server.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import type { TestService } from '../support/service.ts';
import { temporaryDirectory } from '../support/temp.ts';
import {
  askTokens,
  askUserinfo,
  assertRefused,
  authorize,
  codeOf,
  flowWorld,
  tokensIn,
  type FlowWorld,
} from '../support/vault-flow-world.ts';

interface Prepared {
  readonly env: Readonly<Record<string, string>>;
  readonly end: () => Promise<void>;
}

function twoProcesses(title: string, prepare: () => Promise<Prepared>): void {
  describe(`a provider of Vault's dialect, with two processes on one store (${title})`, function () {
    this.timeout(120_000);
    const folder = temporaryDirectory();
    let servers: readonly ServerProcess[] = [];
    let end: () => Promise<void>;
    let here: FlowWorld;
    let there: FlowWorld;
    let token: string;

    before(async () => {
      const prepared = await prepare();
      end = prepared.end;
      const env = {
        ...prepared.env,
        LATCHKEY_DATA: folder.path,
        LATCHKEY_PUBLIC_URL: 'https://id.example',
      };
      const first = await startServerProcess(env);
      const second = await startServerProcess(env);
      servers = [first, second];
      const adminKey = (await readFile(join(folder.path, 'admin.key'), 'utf8')).trim();
      here = await flowWorld({ ...first, adminKey } as unknown as TestService);
      const issuerThere = (provider = 'test-provider'): string =>
        `${second.url}/v1/identity/oidc/provider/${provider}`;
      there = { ...here, issuer: issuerThere };
      token = await here.tokenOf('end-user');
      await here.provideForAll();
    });

    after(async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await end();
      folder.remove();
    });

    it('redeems on one the code of the other, and knows its tokens', async () => {
      const code = await codeOf(here, token);
      const { access_token: accessToken } = tokensIn(await askTokens(there, { code }));
      for (const world of [here, there]) assert.equal((await askUserinfo(world, accessToken)).status, 200);
    });

    it('gives tokens for a code once, to fifty that ask both at the same time', async () => {
      for (let round = 0; round < 5; round += 1) {
        const code = await codeOf(here, token);
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => askTokens(index % 2 === 0 ? here : there, { code })),
        );
        assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      }
    });

    it('serves a client no more on one once it was disabled on the other', async () => {
      const client = await here.client('disabled');
      const changes = { client_id: client.id };
      const request = { provider: 'all', client } as const;
      const code = await codeOf(there, token, changes, 'all');
      const tokens = tokensIn(
        await askTokens(there, { code: await codeOf(there, token, changes, 'all') }, request),
      );
      await here.vault.write('identity/oidc/client/disabled', { disabled: true });
      assertRefused(await authorize(there, token, changes, { provider: 'all' }), 400, 'invalid_client_id');
      assertRefused(await askTokens(there, { code }, request), 401, 'invalid_client');
      assertRefused(await askUserinfo(there, tokens.access_token, { provider: 'all' }), 403, 'access_denied');
    });

    it('serves nobody any more on one who lost the group on the other', async () => {
      await here.vault.write('identity/oidc/assignment/by-group', {
        group_ids: [here.idOf('group:engineering')],
      });
      const client = await here.client('by-group', { assignments: ['by-group'] });
      const changes = { client_id: client.id };
      const request = { provider: 'all', client } as const;
      const code = await codeOf(there, token, changes, 'all');
      const tokens = tokensIn(
        await askTokens(there, { code: await codeOf(there, token, changes, 'all') }, request),
      );
      await load(
        here.admin,
        '- !revoke { role: !group engineering, member: !user end-user }',
        'root',
        'PATCH',
      );
      assertRefused(await authorize(there, token, changes, { provider: 'all' }), 400, 'access_denied');
      assertRefused(await askTokens(there, { code }, request), 400, 'invalid_request');
      assertRefused(await askUserinfo(there, tokens.access_token, { provider: 'all' }), 403, 'access_denied');
    });

    it('knows nobody any more on one who was removed on the other', async () => {
      const client = await here.client('for-all', { assignments: ['allow_all'] });
      const changes = { client_id: client.id };
      const request = { provider: 'all', client } as const;
      const leaver = await here.tokenOf('outsider');
      const code = await codeOf(there, leaver, changes, 'all');
      const tokens = tokensIn(
        await askTokens(there, { code: await codeOf(there, leaver, changes, 'all') }, request),
      );
      await load(here.admin, '- !delete { record: !user outsider }', 'root', 'PATCH');
      assert.equal((await authorize(there, leaver, changes, { provider: 'all' })).status, 403);
      assertRefused(await askTokens(there, { code }, request), 400, 'invalid_request');
      assertRefused(await askUserinfo(there, tokens.access_token, { provider: 'all' }), 401, 'invalid_token');
    });
  });
}

twoProcesses('LMDB', async () => ({ env: {}, end: async () => undefined }));
twoProcesses('Redis', async () => {
  const redis = await startRedis();
  return { env: { LATCHKEY_STORE: redis.url }, end: () => redis.stop() };
});
