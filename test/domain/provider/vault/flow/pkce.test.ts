import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  challengeLengthAllowed,
  isChallengeMethod,
  verifierMatches,
} from '../../../../../src/domain/provider/vault/flow/pkce.ts';
import { assertProperty } from '../../../../support/property.ts';

const verifier = '43_char_min_abcdefghijklmnopqrstuvwxyzabcde';
const s256 = 'hMn-5TBH-t3uN00FEaGsQtYPhyC4Otbx-9vDcPTYHmc';

describe('verifierMatches', () => {
  it('takes the verifier of a known S256 challenge', () => {
    assert.equal(verifierMatches({ value: s256, method: 'S256' }, verifier), true);
  });

  it('takes the verifier that is a plain challenge', () => {
    assert.equal(verifierMatches({ value: verifier, method: 'plain' }, verifier), true);
  });

  it('takes no other verifier', () => {
    assertProperty(
      fc.property(fc.string(), fc.constantFrom('plain', 'S256'), (other, method) => {
        if (other === verifier) return;
        const value = method === 'plain' ? verifier : s256;
        assert.equal(verifierMatches({ value, method }, other), false);
      }),
    );
  });

  it('does not take the challenge for the verifier of S256', () => {
    assert.equal(verifierMatches({ value: s256, method: 'S256' }, s256), false);
  });
});

describe('isChallengeMethod', () => {
  for (const name of [undefined, '', 'plain', 'S256']) {
    it(`knows ${name === undefined ? 'that none' : `'${name}'`} is one`, () => {
      assert.equal(isChallengeMethod(name), true);
    });
  }
  for (const name of ['S512', 's256', 'PLAIN', 'none']) {
    it(`knows no '${name}'`, () => {
      assert.equal(isChallengeMethod(name), false);
    });
  }
});

describe('challengeLengthAllowed', () => {
  for (const [length, allowed] of [
    [0, false],
    [42, false],
    [43, true],
    [128, true],
    [129, false],
  ] as const) {
    it(`${allowed ? 'allows' : 'refuses'} ${String(length)} characters`, () => {
      assert.equal(challengeLengthAllowed('x'.repeat(length)), allowed);
    });
  }
});
