import assert from 'node:assert/strict';
import { mapUserClaim } from '../../../../src/domain/authn/oidc/map-claim.ts';
import { isFailure, type ErrorCode } from '../../../../src/domain/errors.ts';
import { toAccount } from '../../../../src/domain/ids.ts';

const account = toAccount('acct');

describe('mapUserClaim', () => {
  for (const [value, role] of [
    ['alice', 'acct:user:alice'],
    ['alice@conjur.net', 'acct:user:alice@conjur.net'],
    ['host/apps/web', 'acct:user:host/apps/web'],
    ['policy/conjur/authn-oidc/okta', 'acct:user:policy/conjur/authn-oidc/okta'],
  ] as const) {
    it(`takes ${value} for a user, and never for anything else`, () => {
      assert.equal(mapUserClaim(account, { name: value }, 'name'), role);
    });
  }

  const refused: readonly (readonly [unknown, ErrorCode])[] = [
    [undefined, 'ID_TOKEN_CLAIM_MISSING'],
    ['', 'ID_TOKEN_CLAIM_MISSING'],
    [42, 'ID_TOKEN_CLAIM_INVALID'],
    [['alice'], 'ID_TOKEN_CLAIM_INVALID'],
    [' alice', 'ID_TOKEN_CLAIM_INVALID'],
    ['ali\nce', 'ID_TOKEN_CLAIM_INVALID'],
    ['a'.repeat(1_000), 'ID_TOKEN_CLAIM_INVALID'],
    ['admin', 'ADMIN_REFUSED'],
    ['Admin', 'ADMIN_REFUSED'],
    ['user/admin', 'ADMIN_REFUSED'],
  ];
  for (const [value, code] of refused) {
    const shown = value === undefined ? 'no claim' : JSON.stringify(value).slice(0, 20);
    it(`refuses ${shown} as ${code}`, () => {
      assert.throws(
        () => mapUserClaim(account, { name: value }, 'name'),
        (error) => isFailure(error, code),
      );
    });
  }

  it('reads no claim that the token only inherits', () => {
    assert.throws(
      () => mapUserClaim(account, {}, 'constructor'),
      (error) => isFailure(error, 'ID_TOKEN_CLAIM_MISSING') && error.message.includes('claim-mapping'),
    );
  });
});
