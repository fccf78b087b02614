/** Providers, in Vault's words. */
import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf } from '../../support/vault-identity.ts';
import { administrator, warningsOf, type Manager } from '../../support/vault-registry.ts';

describeOnStores("Vault's providers", (on) => {
  let admin: Manager;
  const issuer = (name: string, origin = on.service.url): string =>
    `${origin}/v1/identity/oidc/provider/${name}`;

  before(async () => {
    admin = await administrator(on.service);
    await admin.write('scope/one', { template: '{"name":{{identity.entity.name}},"one":1}' });
    await admin.write('scope/two', { template: '{"name":"fixed","two":2}' });
    await admin.write('scope/bare');
  });

  it('have the service’s address, and empty lists, where they were given nothing', async () => {
    await admin.write('provider/plain');
    assert.deepEqual(await admin.read('provider/plain'), {
      allowed_client_ids: [],
      issuer: issuer('plain'),
      scopes_supported: [],
    });
  });

  it('take the address of the service from no header', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };
    const response = await fetch(`${on.service.url}/v1/identity/oidc/provider/default`, {
      headers: { 'x-vault-token': admin.token, ...headers },
    });
    assert.ok(!(await response.text()).includes('evil'));
  });

  it('support only scopes that there are', async () => {
    assert.match(
      await admin.refused('provider/unknown', { scopes_supported: ['one', 'nothing'] }),
      /nothing/,
    );
    await admin.refused('provider/unknown', { scopes_supported: ['openid'] });
    assert.equal((await admin.get('provider/unknown')).status, 404);
  });

  it('support a scope without a template', async () => {
    await admin.write('provider/bare', { scopes_supported: ['bare'] });
  });

  it('are refused with an issuer that is more, or less, than scheme, host and port', async () => {
    for (const text of [
      'test-issuer',
      'ftp://example.com',
      'https://example.com/',
      'https://example.com/path',
      'https://example.com?x',
      'https://example.com#x',
      'https://user@example.com',
      'https://',
      'http:://a.com',
      'https://example.com:port',
      'https://example.com:99999',
      ' https://example.com',
      'https://[::1',
    ]) {
      await admin.refused('provider/issued', { issuer: text });
    }
    assert.equal((await admin.get('provider/issued')).status, 404);
  });

  it('warn of an issuer of their own, and show it with their path', async () => {
    for (const origin of ['https://example.com:8200', 'http://[::1]:8200', 'https://a-b.example']) {
      const answer = await admin.put('provider/issued', { issuer: origin });
      assert.equal(warningsOf(answer).length, 1);
      assert.equal((await admin.read('provider/issued'))['issuer'], issuer('issued', origin));
    }
    // Any write warns for as long as it is set.
    assert.equal((await admin.put('provider/issued', {})).status, 200);
    await admin.write('provider/issued', { issuer: '' });
    assert.equal((await admin.read('provider/issued'))['issuer'], issuer('issued'));
  });

  it('keep what a write leaves out', async () => {
    await admin.write('provider/kept', { allowed_client_ids: ['a'], scopes_supported: ['one'] });
    await admin.put('provider/kept', { issuer: 'https://example.com' });
    assert.deepEqual(await admin.read('provider/kept'), {
      allowed_client_ids: ['a'],
      issuer: issuer('kept', 'https://example.com'),
      scopes_supported: ['one'],
    });
  });

  it('warn of a claim that several of their scopes make', async () => {
    const warnings = warningsOf(await admin.put('provider/mixed', { scopes_supported: ['one', 'two'] }));
    assert.equal(warnings.length, 1);
    for (const word of ['"name"', '"one"', '"two"']) assert.ok(warnings[0]?.includes(word), word);
    assert.deepEqual((await admin.read('provider/mixed'))['scopes_supported'], ['one', 'two']);
  });

  it('keep every item of a list once, in order', async () => {
    await admin.put('provider/sorted', {
      allowed_client_ids: ['b', 'a', '', 'b', 'B'],
      scopes_supported: 'two, bare ,two',
    });
    const provider = await admin.read('provider/sorted');
    assert.deepEqual(provider['allowed_client_ids'], ['B', 'a', 'b']);
    assert.deepEqual(provider['scopes_supported'], ['bare', 'two']);
  });

  it('are removed, other than default', async () => {
    await admin.write('provider/removed');
    assert.equal((await admin.delete('provider/removed')).status, 204);
    assert.equal((await admin.get('provider/removed')).status, 404);
    assert.equal((await admin.delete('provider/default')).status, 400);
    assert.equal((await admin.get('provider/default')).status, 200);
  });

  it('show in discovery what they are now', async () => {
    const discovered = async (): Promise<Record<string, unknown>> => {
      const response = await fetch(`${issuer('found')}/.well-known/openid-configuration`);
      assert.equal(response.status, 200);
      return (await response.json()) as Record<string, unknown>;
    };
    await admin.write('provider/found');
    const before = await discovered();
    assert.deepEqual([before['issuer'], before['scopes_supported']], [issuer('found'), ['openid']]);
    await admin.put('provider/found', { issuer: 'https://example.com', scopes_supported: ['two'] });
    const { issuer: shown, jwks_uri: keys, scopes_supported: scopes } = await discovered();
    assert.equal(shown, issuer('found', 'https://example.com'));
    assert.equal(keys, `${issuer('found', 'https://example.com')}/.well-known/keys`);
    assert.deepEqual(scopes, ['two', 'openid']);
  });
});

describeOnStores("the list of Vault's providers", (on) => {
  let admin: Manager;
  const listed = async (query = ''): Promise<readonly string[]> => {
    const { keys, key_info: info } = dataOf(await admin.list(`provider${query}`)) as {
      keys: string[];
      key_info: Record<string, unknown>;
    };
    assert.deepEqual(Object.keys(info), keys);
    return keys;
  };

  before(async () => {
    admin = await administrator(on.service);
  });

  it('has default from the start', async () => {
    assert.deepEqual(dataOf(await admin.list('provider')), {
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

  it('tells those that serve a client', async () => {
    const allowed: Record<string, readonly string[]> = {
      p0: ['*'],
      p1: ['abc'],
      p2: ['abc', 'def'],
      p3: ['abc', 'def', 'ghi'],
      p4: ['ghi'],
      p5: ['jkl'],
    };
    for (const [name, ids] of Object.entries(allowed)) {
      await admin.write(`provider/${name}`, { allowed_client_ids: ids });
    }
    assert.deepEqual(await listed('?allowed_client_id=abc'), ['default', 'p0', 'p1', 'p2', 'p3']);
    assert.deepEqual(await listed('?allowed_client_id=def'), ['default', 'p0', 'p2', 'p3']);
    assert.deepEqual(await listed('?allowed_client_id=ghi'), ['default', 'p0', 'p3', 'p4']);
    assert.deepEqual(await listed('?allowed_client_id=jkl'), ['default', 'p0', 'p5']);
    assert.deepEqual(await listed('?allowed_client_id=other'), ['default', 'p0']);
    const all = ['default', ...Object.keys(allowed)];
    assert.deepEqual(await listed('?allowed_client_id='), all);
    assert.deepEqual(await listed(), all);
  });

  it('is empty, as of none, where no provider serves the client', async () => {
    await admin.write('provider/default', { allowed_client_ids: [] });
    await admin.delete('provider/p0');
    const answer = await admin.list('provider?allowed_client_id=other');
    assert.deepEqual([answer.status, answer.text], [404, '{"errors":[]}']);
    assert.deepEqual((await admin.read('provider/default'))['allowed_client_ids'], []);
  });

  it('takes one client only', async () => {
    assert.equal((await admin.list('provider?allowed_client_id=a&allowed_client_id=b')).status, 400);
  });
});
