/** The HTTP envelope of Vault's dialect. */
import assert from 'node:assert/strict';
import type { Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { sendRaw } from '../../support/raw-request.ts';
import { dataOf, errorsOf, vault } from '../../support/vault-identity.ts';
import { administrator, warningsOf, type Manager } from '../../support/vault-registry.ts';

const notFound = '{"errors":[]}';
const unsupportedPath = '1 error occurred:\n\t* unsupported path\n\n';
const unsupportedOperation = '1 error occurred:\n\t* unsupported operation\n\n';

describeOnStores("Vault's envelope", (on) => {
  let admin: Manager;
  const call = (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    vault(on.service, method, path, { token: admin.token, headers });
  const sent = (
    method: string,
    path: string,
    body: string,
    headers: Record<string, string>,
  ): Promise<Answer> => vaultText(method, path, body, headers);
  async function vaultText(
    method: string,
    path: string,
    body: string,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const response = await fetch(`${on.service.url}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': admin.token, ...headers },
      body: Buffer.from(body),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString();
    return {
      status: response.status,
      headers: response.headers,
      text,
      bytes,
      json: () => JSON.parse(text) as unknown,
    };
  }
  const scope = 'identity/oidc/scope/envelope';

  before(async () => {
    admin = await administrator(on.service);
    await admin.write('scope/envelope', { description: 'one' });
  });

  describe('methods', () => {
    it('lists alike by LIST, LIST with a slash, and GET with a true list', async () => {
      const wanted = dataOf(await call('LIST', 'identity/oidc/scope'));
      assert.deepEqual(wanted, { keys: ['envelope'] });
      for (const [method, path] of [
        ['LIST', 'identity/oidc/scope/'],
        ...['true', 'True', 'TRUE', 't', 'T', '1'].map((text) => ['GET', `identity/oidc/scope?list=${text}`]),
        ['GET', 'identity/oidc/scope/?list=true'],
      ]) {
        assert.deepEqual(dataOf(await call(method ?? '', path ?? '')), wanted, path);
      }
    });

    it('reads where list is false, which a collection does not support', async () => {
      for (const text of ['false', 'False', 'FALSE', 'f', 'F', '0']) {
        const answer = await call('GET', `identity/oidc/scope?list=${text}`);
        assert.equal(answer.status, 405, text);
        assert.deepEqual(errorsOf(answer), [unsupportedOperation]);
      }
    });

    it('refuses any other value of list without a word', async () => {
      for (const text of ['yes', 'tRUE', '2']) {
        const answer = await call('GET', `identity/oidc/scope?list=${text}`);
        assert.deepEqual([answer.status, answer.text], [400, notFound], text);
      }
    });

    it('takes POST and PUT for the same', async () => {
      for (const method of ['POST', 'PUT']) {
        const answer = await vault(on.service, method, 'identity/oidc/scope/method', {
          token: admin.token,
          body: { description: method },
        });
        assert.deepEqual([answer.status, answer.text], [204, '']);
        assert.deepEqual(await admin.read('scope/method'), { description: method, template: '' });
      }
      await admin.delete('scope/method');
    });

    it('ignores the query of a write', async () => {
      const answer = await call('POST', `${scope}?description=query`);
      assert.equal(answer.status, 204);
      assert.equal((await admin.read('scope/envelope'))['description'], 'one');
    });

    it('refuses a write to a path that ends in a slash', async () => {
      for (const path of [`${scope}/`, 'identity/oidc/scope/']) {
        assert.equal((await call('PUT', path)).status, 400, path);
      }
    });

    it('finds no object whose name has a slash after it', async () => {
      for (const method of ['GET', 'DELETE', 'LIST']) {
        const answer = await call(method, `${scope}/`);
        assert.deepEqual([answer.status, errorsOf(answer)], [404, [unsupportedPath]], method);
      }
    });

    it('supports no PATCH', async () => {
      assert.equal((await call('PATCH', scope)).status, 415);
      assert.equal(
        (await call('PATCH', scope, { 'content-type': 'application/merge-patch+json' })).status,
        405,
      );
    });

    it('refuses other methods without a word', async () => {
      const answer = await sendRaw(on.service.url, 'PROPFIND', `/v1/${scope}`, {
        'x-vault-token': admin.token,
      });
      assert.deepEqual([answer.status, answer.text], [405, notFound]);
    });

    it('answers HEAD as GET, without a body', async () => {
      const answer = await sendRaw(on.service.url, 'HEAD', `/v1/${scope}`, { 'x-vault-token': admin.token });
      assert.deepEqual([answer.status, answer.text], [200, '']);
      assert.equal(answer.headers['content-type'], 'application/json');
    });

    it('refuses OPTIONS where other origins are of no concern', async () => {
      const answer = await call('OPTIONS', scope, { origin: 'https://app.example' });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    });

    it('does not do what it is asked to explain', async () => {
      assert.equal((await call('DELETE', `${scope}?help=1`)).status, 400);
      assert.equal((await call('GET', scope)).status, 200);
    });
  });

  describe('tokens', () => {
    const denied = '{"errors":["permission denied"]}';
    const ask = (headers: Record<string, string>): Promise<Answer> =>
      vault(on.service, 'GET', scope, { headers });

    it('are demanded on every path, those that do not exist included', async () => {
      for (const path of [scope, 'identity/nothing', 'nothing', 'identity/oidc/scope/-bad']) {
        const answer = await vault(on.service, 'GET', path);
        assert.deepEqual([answer.status, answer.text], [403, denied], path);
      }
    });

    it('are taken from X-Vault-Token, and as Bearer', async () => {
      assert.equal((await ask({ 'x-vault-token': admin.token })).status, 200);
      assert.equal((await ask({ authorization: `Bearer ${admin.token} ` })).status, 200);
    });

    it('are taken from X-Vault-Token first', async () => {
      assert.equal(
        (await ask({ 'x-vault-token': 'bad', authorization: `Bearer ${admin.token}` })).status,
        403,
      );
      assert.equal((await ask({ 'x-vault-token': admin.token, authorization: 'Bearer bad' })).status, 200);
    });

    it('are taken as Bearer in exactly this spelling', async () => {
      for (const authorization of [
        `bearer ${admin.token}`,
        `BEARER ${admin.token}`,
        admin.token,
        `Basic ${admin.token}`,
      ]) {
        const answer = await ask({ authorization });
        assert.deepEqual([answer.status, answer.text], [403, denied]);
      }
    });

    it('are refused in the form of a session that there is not', async () => {
      const answer = await ask({ 'x-vault-token': `s.${'A'.repeat(32)}` });
      assert.deepEqual([answer.status, answer.text], [403, denied]);
    });
  });

  describe('headers', () => {
    it('may name the one namespace in any of its spellings', async () => {
      for (const namespace of ['', '/', 'root', 'root/']) {
        assert.equal((await call('GET', scope, { 'x-vault-namespace': namespace })).status, 200, namespace);
      }
    });

    it('may not name another namespace', async () => {
      const answer = await call('GET', scope, { 'x-vault-namespace': 'team/' });
      assert.deepEqual([answer.status, errorsOf(answer)], [404, ['namespace not found']]);
      assert.equal(answer.headers.get('x-vault-namespace'), 'team/');
    });

    it('may not ask for a wrapped answer', async () => {
      const answer = await call('GET', scope, { 'x-vault-wrap-ttl': '60s' });
      assert.deepEqual([answer.status, errorsOf(answer).length], [400, 1]);
    });

    it('of answers state JSON without a charset, and that nothing is to be stored', async () => {
      for (const path of [scope, 'identity/oidc/scope/missing']) {
        const { headers } = await call('GET', path);
        assert.equal(headers.get('content-type'), 'application/json');
        assert.equal(headers.get('cache-control'), 'no-store');
      }
    });
  });

  describe('bodies', () => {
    const written = async (body: string, headers: Record<string, string>): Promise<unknown> => {
      await admin.write('scope/envelope', { description: 'one' });
      const answer = await sent('PUT', scope, body, headers);
      assert.equal(answer.status, 204, answer.text);
      return (await admin.read('scope/envelope'))['description'];
    };

    it('are JSON whatever their type', async () => {
      for (const type of [
        '',
        'text/plain',
        'application/json; charset=utf-8',
        'application/x-www-form-urlencoded',
      ]) {
        const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
        assert.equal(await written(' {"description":"two"}', headers), 'two', type);
      }
    });

    it('may come without any type, as clients in Go send them', async () => {
      const body = '{"description":"untyped"}';
      const headers = { 'x-vault-token': admin.token, 'content-length': String(body.length) };
      const answer = await sendRaw(on.service.url, 'PUT', `/v1/${scope}`, headers, body);
      assert.equal(answer.status, 204);
      assert.equal((await admin.read('scope/envelope'))['description'], 'untyped');
    });

    it('are forms where they are called that and do not begin as JSON', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
      assert.equal(await written('description=a+b%21', headers), 'a b!');
      assert.equal(await written('description=a&description=b', headers), 'a,b');
    });

    it('may be empty, or null', async () => {
      for (const body of ['', 'null', ' \n']) assert.equal(await written(body, {}), 'one', body);
    });

    it('are refused where they are anything else', async () => {
      for (const body of ['[]', '"text"', '1', '{', 'description=two', '{} {}']) {
        const answer = await sent('PUT', scope, body, {});
        assert.deepEqual([answer.status, errorsOf(answer).length], [400, 1], body);
      }
    });

    it('may have up to 1 MiB', async () => {
      const answer = await sent('PUT', scope, ' '.repeat(1024 * 1024 + 1), {});
      assert.deepEqual([answer.status, errorsOf(answer).length], [413, 1]);
    });
  });

  describe('answers', () => {
    it('wrap what was asked for', async () => {
      const { request_id: id, ...rest } = (await call('GET', scope)).json() as { request_id: string };
      assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.deepEqual(Object.keys(rest), [
        'lease_id',
        'renewable',
        'lease_duration',
        'data',
        'wrap_info',
        'warnings',
        'auth',
      ]);
      const constant = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'data'));
      assert.deepEqual(constant, {
        lease_id: '',
        renewable: false,
        lease_duration: 0,
        wrap_info: null,
        warnings: null,
        auth: null,
      });
    });

    it('of a missing object, and of a list without keys, are 404 without a word', async () => {
      for (const answer of [
        await call('GET', 'identity/oidc/scope/missing'),
        await call('LIST', 'identity/oidc/client'),
      ]) {
        assert.deepEqual([answer.status, answer.text], [404, notFound]);
      }
    });

    it('to the removal of what is not there are 204', async () => {
      const answer = await call('DELETE', 'identity/oidc/scope/missing');
      assert.deepEqual([answer.status, answer.text], [204, '']);
    });

    it('tell of fields that are unknown or part of the path, where there is an answer at all', async () => {
      const silent = await admin.put('scope/envelope', { description: 'one', nonsense: 1 });
      assert.deepEqual([silent.status, silent.text], [204, '']);
      const told = await admin.put('provider/warned', {
        issuer: 'https://example.com',
        zeta: 1,
        alpha: 2,
        name: 'x',
      });
      assert.deepEqual(warningsOf(told).slice(1), [
        'Endpoint ignored these unrecognized parameters: [alpha zeta]',
        "Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [name]",
      ]);
      await admin.delete('provider/warned');
    });
  });

  describe('paths', () => {
    it('below a mount that there are not, are unsupported', async () => {
      for (const path of [
        'identity/oidc/nothing',
        'identity',
        'auth/token/nothing',
        'identity/oidc/scope/a/b',
      ]) {
        const answer = await call('GET', path);
        assert.deepEqual([answer.status, errorsOf(answer)], [404, [unsupportedPath]], path);
      }
    });

    it('below no mount have no handler', async () => {
      const answer = await call('GET', 'secret/data/x');
      assert.equal(answer.status, 404);
      assert.deepEqual(errorsOf(answer), ['no handler for route "secret/data/x". route entry not found.']);
    });

    it('end at /v1', async () => {
      for (const path of ['/v1', '/v1/']) {
        const answer = await sendRaw(on.service.url, 'GET', path, { 'x-vault-token': admin.token });
        assert.deepEqual([answer.status, answer.text], [404, notFound], path);
      }
    });

    it('are read with their escapes', async () => {
      const answer = await sendRaw(on.service.url, 'GET', '/v1/identity%2Foidc/scope/%65nvelope', {
        'x-vault-token': admin.token,
      });
      assert.equal(answer.status, 200);
    });

    it('are refused with escapes that are no text', async () => {
      const answer = await sendRaw(on.service.url, 'GET', '/v1/identity/%ff', {
        'x-vault-token': admin.token,
      });
      assert.deepEqual([answer.status, answer.text], [400, notFound]);
    });

    it('take names of letters, digits and underscores, with dots and dashes between them', async () => {
      for (const name of ['a', '_', '9', 'a.b-c_D', 'A']) {
        await admin.write(`assignment/${name}`);
        assert.equal((await admin.delete(`assignment/${name}`)).status, 204);
      }
      for (const name of ['-a', 'a-', '.a', 'a.', 'a%20b', 'a:b', 'ä']) {
        const answer = await admin.put(`assignment/${name}`, {});
        assert.deepEqual([answer.status, errorsOf(answer)], [404, [unsupportedPath]], name);
      }
    });

    it('tell names apart by case', async () => {
      await admin.write('scope/Case', { description: 'upper' });
      assert.equal((await admin.get('scope/case')).status, 404);
      await admin.delete('scope/Case');
    });
  });
});
