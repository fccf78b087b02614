import assert from 'node:assert/strict';
import { parseClaimAliases, parseEnforcedClaims } from '../../../../src/domain/authn/jwt/claim-rules.ts';
import { isFailure, type ErrorCode } from '../../../../src/domain/errors.ts';

const refuses = (parse: (text: string) => unknown, text: string, code: ErrorCode): void => {
  assert.throws(
    () => parse(text),
    (error) => isFailure(error, code),
    JSON.stringify(text),
  );
};

describe('parseEnforcedClaims', () => {
  it('reads names between commas, without the blanks around them', () => {
    assert.deepEqual(parseEnforcedClaims(' ref , a/b,sub'), ['ref', 'a/b', 'sub']);
  });

  it('refuses blanks alone, a comma too many, and a name twice', () => {
    refuses(parseEnforcedClaims, '', 'ENFORCED_CLAIMS_EMPTY');
    refuses(parseEnforcedClaims, ' \n', 'ENFORCED_CLAIMS_EMPTY');
    for (const text of [',', 'a,', ',a', 'a,,b', 'a, ,b'])
      refuses(parseEnforcedClaims, text, 'ENFORCED_CLAIMS_INVALID');
    refuses(parseEnforcedClaims, 'a, a', 'ENFORCED_CLAIMS_REPEATED');
  });

  it('refuses a name that is none, and a reserved one', () => {
    refuses(parseEnforcedClaims, 'a,b c', 'CLAIM_NAME_INVALID');
    refuses(parseEnforcedClaims, 'a,exp', 'CLAIM_NAME_RESERVED');
  });
});

describe('parseClaimAliases', () => {
  it('reads pairs between commas, without the blanks around them', () => {
    const aliases = parseClaimAliases(' branch : ref ,pod:kubernetes.io/pod/name');
    assert.deepEqual(
      [...aliases],
      [
        ['branch', 'ref'],
        ['pod', 'kubernetes.io/pod/name'],
      ],
    );
  });

  it('refuses blanks alone, and an item of blanks', () => {
    refuses(parseClaimAliases, ' ', 'CLAIM_ALIASES_EMPTY');
    for (const text of ['a:b,', ',a:b', 'a:b,,c:d', 'a:b, ,c:d'])
      refuses(parseClaimAliases, text, 'CLAIM_ALIASES_BLANK_ITEM');
  });

  it('refuses what is not exactly two parts', () => {
    for (const text of ['a', 'a:', ':a', ':', 'a:b:c', 'a:b:'])
      refuses(parseClaimAliases, text, 'CLAIM_ALIAS_INVALID');
  });

  it('refuses a slash in an alias, and names that are none or reserved on either side', () => {
    refuses(parseClaimAliases, 'a/b:c', 'CLAIM_ALIAS_HAS_SLASH');
    for (const text of ['a b:c', 'a:b c', 'iss:a', 'a:iss'])
      refuses(parseClaimAliases, text, 'CLAIM_ALIAS_NAME_INVALID');
  });

  it('refuses an alias twice, and a claim twice', () => {
    refuses(parseClaimAliases, 'a:b,a:c', 'CLAIM_ALIAS_REPEATED');
    refuses(parseClaimAliases, 'a:c,b:c', 'CLAIM_ALIAS_REPEATED');
  });
});
