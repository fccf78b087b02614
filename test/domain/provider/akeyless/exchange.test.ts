import assert from 'node:assert/strict';
import {
  grantedAudiences,
  grantedScopes,
  requestedExchange,
  wordsOf,
} from '../../../../src/domain/provider/akeyless/exchange.ts';

const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

describe('a token exchange', () => {
  it('takes the token by either name, and by both where they agree', () => {
    assert.deepEqual(requestedExchange({ assertion: 't' }), { token: 't', standard: false });
    assert.deepEqual(requestedExchange({ subject_token: 't' }), { token: 't', standard: true });
    assert.deepEqual(requestedExchange({ assertion: 't', subject_token: 't' }), {
      token: 't',
      standard: true,
    });
  });

  it('refuses a request without a token, with two, with an actor, or of another type', () => {
    const requests = [
      {},
      { assertion: '' },
      { assertion: 'a', subject_token: 'b' },
      { assertion: 'a', actor_token: 'b' },
      { subject_token: 'a', subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      { assertion: 'a', requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
    ];
    for (const request of requests) {
      assert.throws(() => requestedExchange(request), { code: 'OAUTH_INVALID_REQUEST' });
    }
    const types = { subject_token_type: accessToken, requested_token_type: accessToken };
    assert.equal(requestedExchange({ subject_token: 'a', ...types }).token, 'a');
  });

  it('grants all words that the app has, each once, in the order asked for', () => {
    assert.deepEqual(grantedScopes({ scopes: ['a', 'b', 'c'] }, ['c', 'a', 'c']), ['c', 'a']);
    assert.deepEqual(grantedAudiences({ audiences: ['x', 'y'] }, ['y']), ['y']);
    assert.deepEqual(grantedScopes({ scopes: ['a'] }, []), []);
  });

  it('refuses all where one is not among them', () => {
    assert.throws(() => grantedScopes({ scopes: ['a'] }, ['a', 'b']), { code: 'OAUTH_INVALID_SCOPE' });
    assert.throws(() => grantedAudiences({ audiences: [] }, ['x']), { code: 'OAUTH_INVALID_TARGET' });
  });

  it('separates words by blanks, as many as there are', () => {
    assert.deepEqual(wordsOf('  a   b '), ['a', 'b']);
    assert.deepEqual(wordsOf(undefined), []);
  });
});
