import assert from 'node:assert/strict';
import type { Services } from '../../src/domain/services.ts';
import { endpointPaths } from '../../src/http/akeyless/issuer.ts';
import { issuerEndpoints } from '../../src/http/akeyless/face.ts';
import { akeylessCalls } from '../../src/http/akeyless/routes.ts';
import { operations } from '../support/openapi.ts';

const issuerPrefix = '/oidc/provider/{accountId}';

describe('the routes of Akeyless’ dialect and the OpenAPI document', () => {
  it('have the same calls, each a POST', () => {
    // The table holds no state.
    const calls = Object.keys(akeylessCalls({} as unknown as Services)).map((path) => `post /${path}`);
    const described = operations.filter(({ tags = [] }) => tags.includes('Akeyless management'));
    assert.deepEqual(described.map(({ method, path }) => `${method} ${path}`).sort(), calls.sort());
  });

  it('have the same endpoints of the issuer', () => {
    const described = operations.filter(({ path }) => path.startsWith(issuerPrefix));
    const paths = new Set(described.map(({ path }) => path.slice(issuerPrefix.length)));
    const served = [...Object.keys(issuerEndpoints), `${endpointPaths.authorization}/{uid}`];
    assert.deepEqual([...paths].sort(), served.sort());
  });
});
