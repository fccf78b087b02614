/** The sample requests of Vault's documentation, with what they are answered. */
import assert from 'node:assert/strict';
import type { Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf, vault } from '../../support/vault-identity.ts';
import { administrator, type Manager } from '../../support/vault-registry.ts';

/** As `curl --data` sends a payload. */
const curlType = { 'content-type': 'application/x-www-form-urlencoded' };

describeOnStores("the samples of Vault's documentation", (on) => {
  let admin: Manager;
  const request = (method: string, path: string, body?: unknown): Promise<Answer> =>
    vault(on.service, method, path, {
      token: admin.token,
      ...(body === undefined ? {} : { body, headers: curlType }),
    });
  const succeed = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await request(method, path, body);
    assert.deepEqual([answer.status, answer.text], [204, ''], path);
  };
  const uuid = '262ca5b9-7b69-0a84-446a-303dc7d778af';
  const other = 'b6094ac6-baf4-6520-b05a-2bd9f07c66da';
  const scope = {
    template: '{ "groups": {{identity.entity.groups.names}} }',
    description: 'A simple scope example.',
  };

  before(async () => {
    admin = await administrator(on.service);
  });

  it('list the one provider of a new service', async () => {
    assert.deepEqual(dataOf(await request('LIST', 'identity/oidc/provider')), {
      key_info: {
        default: {
          allowed_client_ids: ['*'],
          issuer: `${on.service.url}/v1/identity/oidc/provider/default`,
          scopes_supported: [],
        },
      },
      keys: ['default'],
    });
  });

  it('refuse a provider before its scope is there', async () => {
    const payload = { allowed_client_ids: ['*'], scopes_supported: ['test-scope'] };
    assert.equal((await request('POST', 'identity/oidc/provider/test-provider', payload)).status, 400);
  });

  it('make, read and list a scope', async () => {
    await succeed('POST', 'identity/oidc/scope/test-scope', scope);
    assert.deepEqual(dataOf(await request('GET', 'identity/oidc/scope/test-scope')), scope);
    assert.deepEqual(dataOf(await request('LIST', 'identity/oidc/scope')), { keys: ['test-scope'] });
  });

  it('make and read a provider', async () => {
    const payload = { allowed_client_ids: ['*'], scopes_supported: ['test-scope'] };
    await succeed('POST', 'identity/oidc/provider/test-provider', payload);
    assert.deepEqual(dataOf(await request('GET', 'identity/oidc/provider/test-provider')), {
      ...payload,
      issuer: `${on.service.url}/v1/identity/oidc/provider/test-provider`,
    });
  });

  it('make and read a client', async () => {
    await succeed('POST', 'identity/oidc/key/test-key', {});
    const payload = { key: 'test-key', access_token_ttl: '30m', id_token_ttl: '1h' };
    await succeed('POST', 'identity/oidc/client/test-client', payload);
    const {
      client_id: id,
      client_secret: secret,
      ...rest
    } = dataOf(await request('GET', 'identity/oidc/client/test-client'));
    assert.match(String(id), /^[A-Za-z0-9]{32}$/);
    assert.match(String(secret), /^hvo_secret_[A-Za-z0-9]{64}$/);
    assert.deepEqual(rest, {
      access_token_ttl: 1_800,
      assignments: [],
      client_type: 'confidential',
      id_token_ttl: 3_600,
      key: 'test-key',
      redirect_uris: [],
    });
  });

  it('list clients', async () => {
    await succeed('DELETE', 'identity/oidc/client/test-client');
    await succeed('POST', 'identity/oidc/client/my-app', {
      redirect_uris: ['http://localhost:5555/callback'],
      assignments: ['allow_all'],
    });
    const { keys, key_info: info } = dataOf(await request('LIST', 'identity/oidc/client')) as {
      keys: unknown;
      key_info: { 'my-app': { client_id: string } };
    };
    assert.deepEqual(keys, ['my-app']);
    assert.deepEqual(info, {
      'my-app': {
        access_token_ttl: 86_400,
        assignments: ['allow_all'],
        client_id: info['my-app'].client_id,
        client_type: 'confidential',
        id_token_ttl: 86_400,
        key: 'default',
        redirect_uris: ['http://localhost:5555/callback'],
      },
    });
  });

  it('make, read and list an assignment', async () => {
    const payload = { group_ids: [uuid], entity_ids: [other] };
    await succeed('POST', 'identity/oidc/assignment/test-assignment', payload);
    assert.deepEqual(dataOf(await request('GET', 'identity/oidc/assignment/test-assignment')), payload);
    // Beside the one that there is from the start.
    assert.deepEqual(dataOf(await request('LIST', 'identity/oidc/assignment')), {
      keys: ['allow_all', 'test-assignment'],
    });
  });

  it('remove them all', async () => {
    for (const path of [
      'provider/test-provider',
      'scope/test-scope',
      'client/my-app',
      'assignment/test-assignment',
    ]) {
      await succeed('DELETE', `identity/oidc/${path}`);
      assert.equal((await request('GET', `identity/oidc/${path}`)).status, 404, path);
    }
  });
});
