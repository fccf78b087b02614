import assert from 'node:assert/strict';
import { matcherOf, openRoute, type Operation } from '../../../src/http/vault/routing.ts';

const answered = async (): Promise<undefined> => undefined;
const route = (path: string, ...operations: readonly Operation[]) =>
  openRoute(
    { path, access: 'public', fields: {} },
    Object.fromEntries(operations.map((each) => [each, answered])),
  );

describe('matcherOf', () => {
  const match = matcherOf([
    route('things', 'list'),
    route('things/:name', 'read'),
    route('things/:name/parts', 'write'),
    route('login/*login', 'write'),
    route('things/special', 'read'),
  ]);
  const found = (path: string): readonly unknown[] | undefined => {
    const matched = match(path.split('/'));
    return matched && [matched.route.path, { ...matched.captured }];
  };

  it('finds a route by its literal segments', () => {
    assert.deepEqual(found('things'), ['things', {}]);
  });

  it('captures names', () => {
    assert.deepEqual(found('things/a.b-c'), ['things/:name', { name: 'a.b-c' }]);
    assert.deepEqual(found('things/a/parts'), ['things/:name/parts', { name: 'a' }]);
  });

  it('captures the rest, slashes included', () => {
    assert.deepEqual(found('login/host/a/b'), ['login/*login', { login: 'host/a/b' }]);
  });

  it('finds the first of several', () => {
    assert.deepEqual(found('things/special'), ['things/:name', { name: 'special' }]);
  });

  it('takes a slash at the end of what can be listed, and of nothing else', () => {
    assert.deepEqual(found('things/'), ['things', {}]);
    for (const path of ['things//', 'things/a/', 'things/a/parts/', 'login/'])
      assert.equal(found(path), undefined, path);
  });

  it('finds nothing for a name of another form, or of over 255 characters', () => {
    for (const name of ['', '-a', 'a-', 'a b', 'ä', 'a/b', 'a'.repeat(256)]) {
      assert.equal(found(`things/${name}`)?.[0] === 'things/:name', false, name);
    }
    assert.ok(found(`things/${'a'.repeat(255)}`));
  });
});
