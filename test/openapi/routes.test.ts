import assert from 'node:assert/strict';
import type { Services } from '../../src/domain/services.ts';
import { demandOf } from '../../src/http/conjur/gate.ts';
import { conjurRoutes } from '../../src/http/conjur/routes.ts';
import { send } from '../support/client.ts';
import { openApiDocument, operationOf, operations, type Operation } from '../support/openapi.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** Served beside Conjur's API, without an access token. */
const opsPaths = ['/health/live', '/health/ready', '/metrics', '/openapi.json'];

/** Whose routes have tests of their own. */
const otherFaces = ['/v1/', '/oidc/provider/', '/{customerId}/', '/akamai/'];

/** Tables hold no state: with every switch on they show all that can be served. */
const everything = {
  settings: new Proxy({}, { get: () => true }),
} as unknown as Services;

describe('the routes and the OpenAPI document', () => {
  const routed = Object.values(conjurRoutes(everything))
    .flat()
    .flatMap(([method, path]) => pathsOf(path).map((each) => `${method} ${shapeOf(each)}`));
  const described = operations.filter(
    ({ path, tags = [] }) =>
      !opsPaths.includes(path) &&
      !otherFaces.some((face) => path.startsWith(face)) &&
      !tags.includes('Akeyless management'),
  );

  it('has every route in the document', () => {
    const known = new Set(described.map(({ method, path }) => `${method} ${shapeOf(path)}`));
    assert.deepEqual(
      routed.filter((route) => !known.has(route)),
      [],
    );
  });

  it('has a route for every operation of the document', () => {
    const served = new Set(routed);
    assert.deepEqual(
      described.map(({ method, path }) => `${method} ${shapeOf(path)}`).filter((route) => !served.has(route)),
      [],
    );
  });

  it('states for every operation whether a token is demanded, as the gate decides it', () => {
    for (const operation of described) {
      const demand = demandOf(exampleOf(operation));
      const { path, method, operationId } = operation;
      const security = (operation.security ?? [{ accessToken: [] }]).flatMap((each) => Object.keys(each));
      const demands = security.includes('accessToken') ? ['required', 'optional'] : ['none', 'optional'];
      assert.ok(demands.includes(demand), `${method} ${path} (${operationId}): ${demand}`);
    }
  });

  it('names the same parameters in a path and beside it', () => {
    for (const { path, parameters, operationId } of operations) {
      const inPath = [...path.matchAll(/\{(.+?)\}/g)].map((match) => match[1]);
      const beside = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
      assert.deepEqual(inPath.sort(), beside.sort(), operationId);
    }
  });

  describe('on a running service', () => {
    let service: TestService;

    before(async () => {
      service = await startTestService();
    });
    after(() => service.stop());

    it('refuses every operation whose access token is missing or cannot be read', async () => {
      const header = { authorization: 'Token token="bm8gdG9rZW4="' };
      for (const operation of described.filter((each) => demandOf(exampleOf(each)) === 'required')) {
        const url = service.url + exampleOf(operation);
        const method = operation.method.toUpperCase();
        const without = await send(url, method);
        assert.deepEqual(
          [without.status, without.text],
          [401, 'Authorization missing'],
          operation.operationId,
        );
        const unreadable = await send(url, method, { headers: header });
        assert.equal(unreadable.text, 'Malformed authorization token', operation.operationId);
        assert.equal(operationOf(method, url), operation);
      }
    });
  });

  describe('of operations', () => {
    let service: TestService;

    before(async () => {
      service = await startTestService({ LATCHKEY_TELEMETRY_ENABLED: 'true' });
    });
    after(() => service.stop());

    it('are answered without a token, HEAD included', async () => {
      for (const path of opsPaths) {
        for (const method of ['GET', 'HEAD']) {
          assert.equal((await send(service.url + path, method)).status, 200, `${method} ${path}`);
        }
      }
    });

    it('include the document as JSON', async () => {
      const answer = await send(`${service.url}/openapi.json`, 'GET');
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.deepEqual(answer.json(), JSON.parse(JSON.stringify(openApiDocument)));
      const head = await send(`${service.url}/openapi.json`, 'HEAD');
      assert.equal(head.headers.get('content-length'), String(answer.bytes.length));
      assert.equal(head.bytes.length, 0);
    });

    it('leave other methods to the gate', async () => {
      assert.equal((await send(`${service.url}/openapi.json`, 'POST')).status, 401);
    });
  });
});

/** A path of the table in the form of the document, with and without a part that may be left out. */
function pathsOf(path: string | RegExp): readonly string[] {
  assert.ok(typeof path === 'string', `${String(path)} cannot be compared with the document`);
  const forms = [path.replace(/\{.*?\}/g, ''), path.replace(/[{}]/g, '')];
  return [...new Set(forms)].map((form) => form.replace(/[:*](\w+)/g, '{$1}'));
}

/** Names of parameters do not tell paths apart. */
function shapeOf(path: string): string {
  return path.replace(/\{\w+\}/g, '{}');
}

function exampleOf({ path, parameters }: Operation): string {
  return path.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const example = parameters.find((each) => each.in === 'path' && each.name === name)?.example;
    return typeof example === 'string' ? encodeURIComponent(example) : whole;
  });
}
