import assert from 'node:assert/strict';
import { toAccount, toRoleId } from '../../../../src/domain/ids.ts';
import {
  accessIdForm,
  groupIdForm,
  groupIdOf,
  itemIdOf,
  methodAccessId,
  roleAccessId,
  shownKeyId,
} from '../../../../src/domain/provider/akeyless/ids.ts';

const account = toAccount('acct');
const alice = { role: toRoleId('acct', 'user', 'alice'), createdAt: 1_700_000_000_000 };

describe('the ids of Akeyless’ dialect', () => {
  it('are the same whenever they are asked for', () => {
    // Written down: assignments that are stored name them.
    assert.equal(methodAccessId(account, 'authn-oidc/okta'), methodAccessId(account, 'authn-oidc/okta'));
    assert.equal(roleAccessId(alice), roleAccessId({ ...alice }));
    assert.match(methodAccessId(account, 'authn'), accessIdForm);
    assert.match(groupIdOf({ id: 'a' }), groupIdForm);
    assert.match(shownKeyId('a'), /^k-[a-z0-9]{12}$/);
  });

  it('differ by account, authenticator, role and the time that it was made', () => {
    const ids = [
      methodAccessId(account, 'authn'),
      methodAccessId(account, 'authn-oidc/okta'),
      methodAccessId(toAccount('other'), 'authn'),
      roleAccessId(alice),
      roleAccessId({ ...alice, createdAt: alice.createdAt + 1 }),
      roleAccessId({ ...alice, role: toRoleId('acct', 'host', 'alice') }),
    ];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('do not collide in ten thousand', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => methodAccessId(account, `authn-jwt/${index}`));
    assert.equal(new Set(ids).size, ids.length);
  });

  it('have numbers for items that JSON carries', () => {
    assert.ok(Number.isSafeInteger(itemIdOf('c-1')) && itemIdOf('c-1') !== itemIdOf('c-2'));
  });
});
