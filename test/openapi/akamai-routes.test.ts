import assert from 'node:assert/strict';
import type { Services } from '../../src/domain/services.ts';
import type { Engine } from '../../src/http/engine/engine-types.ts';
import { akamaiRoutes } from '../../src/http/akamai/face.ts';
import { issuerEndpoints } from '../../src/http/akamai/issuer.ts';
import { operations } from '../support/openapi.ts';

const issuerPrefix = '/{customerId}/login';

describe('the routes of Akamai’s dialect and the OpenAPI document', () => {
  const described = operations.filter(({ tags = [] }) => tags.some((tag) => tag.startsWith('Akamai ')));

  it('have the same calls of the configuration, and the token endpoint', () => {
    // The table holds no state.
    const routes = akamaiRoutes({} as unknown as Services, {} as unknown as Engine);
    const served = routes.map(([method, path]) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const calls = described.filter(
      ({ path }) => !path.startsWith(issuerPrefix) || path === `${issuerPrefix}/token`,
    );
    assert.deepEqual(calls.map(({ method, path }) => `${method} ${path}`).sort(), served.sort());
  });

  it('have the same endpoints of the issuer', () => {
    const paths = new Set(
      described
        .filter(({ path }) => path.startsWith(`${issuerPrefix}/`))
        .map(({ path }) => path.slice(issuerPrefix.length)),
    );
    const served = [...Object.keys(issuerEndpoints), '/authorize/{uid}', '/token'];
    assert.deepEqual([...paths].sort(), served.sort());
  });
});
