import assert from 'node:assert/strict';
import { isFailure } from '../../src/domain/errors.ts';
import {
  isIdText,
  loginOf,
  partsOf,
  roleOfLogin,
  splitId,
  toAccount,
  toRoleId,
} from '../../src/domain/ids.ts';

const account = toAccount('acct');

describe('ids', () => {
  it('split at the first two colons', () => {
    assert.deepEqual(splitId('a:host:x:y/z'), { account: 'a', kind: 'host', identifier: 'x:y/z' });
    assert.deepEqual(partsOf(toRoleId('a', 'host', 'x:y/z')), {
      account: 'a',
      kind: 'host',
      identifier: 'x:y/z',
    });
    for (const text of ['', 'a', 'a:b', ':b:c', 'a::c', 'a:b:']) assert.equal(splitId(text), undefined, text);
  });

  it('name a role for each login, and back', () => {
    const logins = {
      alice: 'acct:user:alice',
      'host/a/b': 'acct:host:a/b',
      'lee@team': 'acct:user:lee@team',
      'user/a/b': 'acct:user:a/b',
    };
    for (const [login, role] of Object.entries(logins)) {
      assert.equal(roleOfLogin(account, login), role);
      assert.equal(loginOf(roleOfLogin(account, login)), login);
    }
    assert.equal(roleOfLogin(account, 'user/alice'), 'acct:user:alice');
  });

  it('have no control character, no empty part, and at most 1,000 bytes', () => {
    assert.equal(isIdText('acct', 'user', 'a b:c/é'), true);
    for (const identifier of ['', 'a\u0000', 'a\nb', 'a\u0085', 'a\ud800', 'x'.repeat(1_000)]) {
      assert.equal(isIdText('acct', 'user', identifier), false);
    }
    assert.throws(
      () => roleOfLogin(account, 'host/'),
      (error) => isFailure(error, 'ID_INVALID'),
    );
  });

  it('belong to accounts without white space, colon or slash', () => {
    assert.equal(toAccount('my.account-1'), 'my.account-1');
    for (const text of ['', 'a b', 'a:b', 'a/b', 'a\tb', 'x'.repeat(129)]) {
      assert.throws(
        () => toAccount(text),
        (error) => isFailure(error, 'ACCOUNT_NAME_INVALID'),
      );
    }
  });
});
