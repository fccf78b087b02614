import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { operations, type Operation } from '../support/openapi.ts';

describe('docs/compatibility.md', () => {
  const page = readFileSync('docs/compatibility.md', 'utf8');
  const [, served = ''] = page.split('\n## What is served\n');
  const [table = ''] = served.split('\n## ');

  /** `GET, POST /accounts`, with what may be left out in parentheses. */
  const listed = [...table.matchAll(/`((?:[A-Z]+, )*[A-Z]+) (\/[^`]*)`/g)].flatMap(
    ([, methods = '', path = '']) =>
      methods
        .split(', ')
        .flatMap((method) => formsOf(path).map((form) => `${method} ${shapeOf(form, /[:*]\w+/g)}`)),
  );

  it('lists every operation that is served, and no other', () => {
    const described = operations
      .filter(isConjurs)
      .map(({ method, path }) => `${method.toUpperCase()} ${shapeOf(path, /\{\w+\}/g)}`);
    assert.deepEqual([...listed].sort(), [...new Set(described)].sort());
  });
});

/** Other dialects have pages of their own. */
function isConjurs({ tags = [] }: Operation): boolean {
  return !tags.some((tag) => /^(?:Vault|Akeyless|Akamai) /.test(tag));
}

function formsOf(path: string): readonly string[] {
  const optional = /\(([^)]*)\)/;
  if (!optional.test(path)) return [path];
  return [path.replace(optional, ''), path.replace(optional, '$1')].flatMap(formsOf);
}

function shapeOf(path: string, parameter: RegExp): string {
  return path.replace(parameter, '{}');
}
