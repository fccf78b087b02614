import assert from 'node:assert/strict';
import type { Services } from '../../src/domain/services.ts';
import type { Engine } from '../../src/http/engine/engine-types.ts';
import { vaultRoutes } from '../../src/http/vault/routes.ts';
import type { Operation } from '../../src/http/vault/routing.ts';
import { operations } from '../support/openapi.ts';

/** PUT means what POST means, and LIST what GET with `list=true` does. */
const methodOf: Readonly<Record<Operation, string>> = {
  read: 'get',
  list: 'get',
  write: 'post',
  delete: 'delete',
};

describe("the routes of Vault's dialect and the OpenAPI document", () => {
  // Tables hold no state.
  const routes = vaultRoutes(
    { settings: {} } as unknown as Services,
    { register: () => ({}) } as unknown as Engine,
  );
  const described = operations.filter(({ path }) => path.startsWith('/v1/'));
  const served = new Map(
    routes.flatMap((route) =>
      route.operations.map((each) => [`${methodOf[each]} ${shapeOf(route.path)}`, route]),
    ),
  );

  it('has every route in the document', () => {
    const known = new Set(described.map(({ method, path }) => `${method} ${shapeOf(path.slice(4))}`));
    assert.deepEqual(
      [...served.keys()].filter((route) => !known.has(route)),
      [],
    );
  });

  it('has a route for every operation of the document', () => {
    const all = described.map(({ method, path }) => `${method} ${shapeOf(path.slice(4))}`);
    assert.deepEqual(
      all.filter((operation) => !served.has(operation)),
      [],
    );
  });

  it('states for every operation whether a token is demanded', () => {
    for (const { method, path, security = [], operationId } of described) {
      const names = security.map((each) => Object.keys(each));
      const demanded = names.length > 0 && names.every((each) => each.includes('vaultToken'));
      const route = served.get(`${method} ${shapeOf(path.slice(4))}`);
      assert.equal(demanded, route?.access === 'token', operationId);
    }
  });
});

/** Names of parameters do not tell paths apart. */
function shapeOf(path: string): string {
  return path.replace(/\{\w+\}|[:*]\w+/g, '{}');
}
