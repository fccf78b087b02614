import assert from 'node:assert/strict';
import { readTokenTtl } from '../../../../src/domain/authn/oidc/token-ttl.ts';
import { isFailure } from '../../../../src/domain/errors.ts';
import { storedResourceId } from '../../../../src/domain/ids.ts';

const service = storedResourceId('acct:webservice:conjur/authn-oidc/okta');

describe('readTokenTtl', () => {
  it('is 60 minutes where nothing is set', () => {
    for (const text of [undefined, '', ' \n']) assert.equal(readTokenTtl(text, service), 3_600);
  });

  const durations: readonly (readonly [string, number])[] = [
    ['PT2H', 7_200],
    ['PT90M', 5_400],
    ['PT30S', 30],
    ['PT1H30M15S', 5_415],
    ['PT1.9S', 1],
    ['PT0S', 0],
    [' PT8M\n', 480],
    ['PT5H', 18_000],
    ['PT5H1S', 18_000],
    ['P1D', 18_000],
    ['P1W', 18_000],
    ['P1Y2M3DT4H', 18_000],
  ];
  for (const [text, seconds] of durations) {
    it(`reads ${JSON.stringify(text)} as ${String(seconds)} seconds`, () => {
      assert.equal(readTokenTtl(text, service), seconds);
    });
  }

  for (const text of [
    '2H',
    'P',
    'PT',
    'P1',
    '-PT1H',
    'PT-1H',
    'PT1H junk',
    'xPT1H',
    'PT1,5H',
    'P1DT',
    '3600',
    'P1W1D',
    `PT${'1'.repeat(70)}S`,
  ]) {
    it(`refuses ${JSON.stringify(text)}, and names the service`, () => {
      assert.throws(
        () => readTokenTtl(text, service),
        (error) => isFailure(error, 'TOKEN_TTL_INVALID') && error.message.includes(service),
      );
    });
  }
});
