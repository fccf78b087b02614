import assert from 'node:assert/strict';
import { identityOf } from '../../../../src/domain/authn/jwt/identity.ts';
import { isFailure, type ErrorCode } from '../../../../src/domain/errors.ts';
import { toAccount } from '../../../../src/domain/ids.ts';

const account = toAccount('acct');

const inToken = (host: unknown, identityPath = ''): string =>
  identityOf(account, undefined, { tokenAppProperty: 'host', identityPath }, { host });
const inUrl = (login: string): string =>
  identityOf(account, login, { tokenAppProperty: undefined, identityPath: 'ignored' }, {});
const refuses = (act: () => unknown, code: ErrorCode): void => {
  assert.throws(act, (error) => isFailure(error, code));
};

describe('identityOf', () => {
  it('is always a host where a claim names it', () => {
    assert.equal(inToken('app'), 'acct:host:app');
    assert.equal(inToken('host/app'), 'acct:host:host/app');
    assert.equal(inToken('user/admin'), 'acct:host:user/admin');
  });

  it('joins path and name by one slash', () => {
    for (const [path, name] of [
      ['a/b', 'c/d'],
      ['/a/b/', '/c/d'],
      ['a/b//', '//c/d'],
    ] as const)
      assert.equal(inToken(name, path), 'acct:host:a/b/c/d');
    assert.equal(inToken('c/', 'a'), 'acct:host:a/c/');
  });

  it('takes a login of the URL as it is, for a user or a host', () => {
    assert.equal(inUrl('alice'), 'acct:user:alice');
    assert.equal(inUrl('user/alice'), 'acct:user:alice');
    assert.equal(inUrl('host/a/b'), 'acct:host:a/b');
  });

  it('refuses the administrator, other kinds, and what cannot be a name', () => {
    refuses(() => inUrl('admin'), 'ADMIN_REFUSED');
    refuses(() => inUrl('user/admin'), 'ADMIN_REFUSED');
    for (const login of ['policy/root', 'group/x', 'layer/x', '/x']) {
      assert.throws(
        () => inUrl(login),
        (error) => isFailure(error),
      );
    }
    refuses(() => inUrl('host/'), 'AUTHENTICATION_ROLE_NOT_FOUND');
    refuses(() => inToken('a\u0000b'), 'AUTHENTICATION_ROLE_NOT_FOUND');
    refuses(() => inToken('x'.repeat(2_000)), 'AUTHENTICATION_ROLE_NOT_FOUND');
  });

  it('takes hosts called admin, who are nobody special', () => {
    assert.equal(inUrl('host/admin'), 'acct:host:admin');
  });
});
