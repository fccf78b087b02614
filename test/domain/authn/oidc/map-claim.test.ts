import assert from 'node:assert/strict';
import { mapClaim } from '../../../../src/domain/authn/oidc/map-claim.ts';
import type { LatchkeyError } from '../../../../src/domain/errors.ts';
import { isFailure, type ErrorCode } from '../../../../src/domain/errors.ts';
import { adminOf, toAccount } from '../../../../src/domain/ids.ts';
import type { Claims } from '../../../../src/ports/id-token-verifier.ts';

const account = toAccount('acct');

function refuses(value: unknown, code: ErrorCode, property = 'name'): LatchkeyError {
  let failure: unknown;
  try {
    mapClaim(account, { sub: 'sub', [property]: value }, property);
  } catch (error) {
    failure = error;
  }
  assert.ok(isFailure(failure, code), `${JSON.stringify(value)}: ${String(failure)}`);
  return failure;
}

describe('role of a claim', () => {
  for (const [value, role] of [
    ['alice', 'acct:user:alice'],
    ['alice@conjur.net', 'acct:user:alice@conjur.net'],
    ['bob@team-a', 'acct:user:bob@team-a'],
    ['Ünïcødé 名', 'acct:user:Ünïcødé 名'],
    ['a:b', 'acct:user:a:b'],
    ['administrator', 'acct:user:administrator'],
    ['admin@team-a', 'acct:user:admin@team-a'],
    ['acct:user:admin', 'acct:user:acct:user:admin'],
    ['host/app', 'acct:host:app'],
    ['host/team-a/app', 'acct:host:team-a/app'],
    ['host/admin', 'acct:host:admin'],
    ['host/user/admin', 'acct:host:user/admin'],
  ] as const) {
    it(`is ${role} for ${value}`, () => {
      assert.equal(mapClaim(account, { name: value }, 'name'), role);
    });
  }

  it('is read from the claim of exactly that name, at the top level', () => {
    const claims: Claims = { name: 'alice', Name: 'bob', 'deep.name': 'carol', deep: { name: 'dave' } };
    assert.equal(mapClaim(account, claims, 'Name'), 'acct:user:bob');
    assert.equal(mapClaim(account, claims, 'deep.name'), 'acct:user:carol');
    assert.throws(() => mapClaim(account, claims, 'deep/name'));
  });

  it('says which claim is missing and which variable names it', () => {
    for (const claims of [{}, { name: '' }, { Name: 'alice' }]) {
      assert.throws(
        () => mapClaim(account, claims, 'name'),
        (error) =>
          isFailure(error, 'ID_TOKEN_CLAIM_MISSING') &&
          error.message.includes('name') &&
          error.message.includes('id-token-user-property'),
      );
    }
  });

  for (const property of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    it(`is not read from what every object has: ${property}`, () => {
      assert.throws(
        () => mapClaim(account, { sub: 'alice' }, property),
        (error) => isFailure(error, 'ID_TOKEN_CLAIM_MISSING'),
      );
    });
  }

  for (const value of [null, 7, true, ['alice'], { name: 'alice' }, []]) {
    it(`is none for ${JSON.stringify(value)}`, () => {
      refuses(value, 'ID_TOKEN_CLAIM_INVALID');
    });
  }

  for (const value of ['admin', 'user/admin', 'Admin', 'ADMIN', 'ａｄｍｉｎ', 'user/ADMIN']) {
    it(`is never the administrator: ${value}`, () => {
      refuses(value, 'ADMIN_REFUSED');
    });
  }

  for (const value of [
    'user/alice',
    'User/admin',
    'USER/alice',
    '/admin',
    '//admin',
    '/',
    'admin/',
    'group/ops',
    'layer/app',
    'policy/conjur/authn-oidc/okta',
    'Host/app',
    'host_factory/app',
    'webservice/conjur/authn-oidc/okta',
    ' user/admin',
  ]) {
    it(`is neither a user's nor a host's for ${JSON.stringify(value)}`, () => {
      refuses(value, value.startsWith(' ') ? 'ID_TOKEN_CLAIM_INVALID' : 'CLAIM_KIND_REFUSED');
    });
  }

  for (const value of [
    'admin\0',
    '\0admin',
    'ad\nmin',
    'alice\r\n',
    'alice\u0085',
    ' admin',
    'admin ',
    '\u00a0admin',
    'admin\u3000',
    'alice\ud800',
    '\udc00',
    'host/',
    'host/app ',
    'a'.repeat(1_001),
    `host/${'a'.repeat(1_001)}`,
    'ä'.repeat(600),
  ]) {
    it(`is none for ${JSON.stringify(value).slice(0, 30)}`, () => {
      refuses(value, 'ID_TOKEN_CLAIM_INVALID');
    });
  }

  it('is never the administrator for any text', () => {
    const pieces = [
      'user',
      'admin',
      'acct',
      '/',
      ':',
      '//',
      '%2F',
      '\\',
      ' ',
      '.',
      '..',
      '\u200b',
      'host',
      '@',
    ];
    for (const first of pieces) {
      for (const second of pieces) {
        for (const third of pieces) {
          for (const value of [first, `${first}${second}`, `${first}${second}${third}`]) {
            try {
              assert.notEqual(mapClaim(account, { name: value }, 'name'), adminOf(account), value);
            } catch (error) {
              if (!isFailure(error)) throw error;
            }
          }
        }
      }
    }
  });

  it('is refused without a word about the value', () => {
    for (const value of ['group/s3cret', 's3cret\0', 's3cret ', `s3cret${'a'.repeat(1_000)}`, ['s3cret']]) {
      assert.throws(
        () => mapClaim(account, { name: value }, 'name'),
        (error) =>
          isFailure(error) && !JSON.stringify([error.message, error.detail, error.stack]).includes('s3cret'),
      );
    }
  });
});
