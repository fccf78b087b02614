import assert from 'node:assert/strict';
import { UserPaths } from '../../../src/domain/effective-policy/user-paths.ts';
import { storedResourceId, storedRoleId } from '../../../src/domain/ids.ts';

function pathOf(user: string, owner: string | undefined, policies: readonly string[] = []): string {
  const paths = new UserPaths(policies, () =>
    owner === undefined ? undefined : storedRoleId(`acct:${owner}`),
  );
  return paths.pathOf(storedResourceId(`acct:user:${user}`));
}

describe('UserPaths', () => {
  it('puts a user in the policy that owns it and that it is named after', () => {
    assert.equal(pathOf('bob@shop-eu', 'policy:shop/eu'), 'shop/eu/bob');
    assert.equal(pathOf('lee@corp@shop', 'policy:shop'), 'shop/lee@corp');
    assert.equal(pathOf('bob@a@b', 'policy:a@b'), 'a@b/bob');
  });

  it('puts a user of another owner in a policy that it is named after', () => {
    assert.equal(pathOf('bob@shop-eu', 'group:g', ['shop', 'shop/eu']), 'shop/eu/bob');
    assert.equal(pathOf('bob@a-b', 'group:g', ['a-b', 'a/b']), 'a-b/bob');
    assert.equal(pathOf('bob@elsewhere', 'group:g', ['shop']), 'bob@elsewhere');
  });

  it('leaves the users of the administrator at the root', () => {
    for (const owner of ['user:admin', 'policy:root', undefined]) {
      assert.equal(pathOf('bob@shop', owner, ['shop']), 'bob@shop');
    }
  });

  it('takes no user for a nameless one', () => {
    assert.equal(pathOf('@shop', 'policy:shop', ['shop']), '@shop');
    assert.equal(pathOf('bob', 'policy:bob'), 'bob');
  });
});
