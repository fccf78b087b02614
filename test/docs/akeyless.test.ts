import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { operations } from '../support/openapi.ts';

const issuerPrefix = '/oidc/provider/{accountId}';

describe('docs/akeyless.md', () => {
  const page = readFileSync('docs/akeyless.md', 'utf8');
  const [, served = ''] = page.split('\n## What is served\n');
  const [tables = ''] = served.split('\n## ');

  it('lists every call and endpoint that is served, and no other', () => {
    const listed = [...tables.matchAll(/^\| `((?:[A-Z]+, )*[A-Z]+) (\/[^`]*)`/gm)].flatMap(
      ([, methods = '', path = '']) => methods.split(', ').map((method) => `${method} ${path}`),
    );
    const described = operations
      .filter(({ tags = [] }) => tags.some((tag) => tag.startsWith('Akeyless ')))
      .map(
        ({ method, path }) =>
          `${method.toUpperCase()} ${path.replace(issuerPrefix, '').replace('{uid}', ':uid')}`,
      );
    assert.deepEqual(listed.sort(), described.sort());
  });
});
