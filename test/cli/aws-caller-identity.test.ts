import assert from 'node:assert/strict';
import { signedCallerIdentity } from '../../src/cli/aws-caller-identity.ts';
import { roleSession, signedHeaders } from '../support/fake-sts.ts';

describe('signedCallerIdentity', () => {
  it('signs as AWS wants it', () => {
    const credentials = roleSession('188945769008', 'web');
    const at = new Date('2026-03-04T05:06:07Z');
    const env = {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    };
    assert.deepEqual(signedCallerIdentity(env, at), signedHeaders(credentials, { at }));
  });

  it('signs without a session token where there is none, and nothing without credentials', () => {
    const headers = signedCallerIdentity({ AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'b' }, new Date());
    assert.ok(headers !== undefined && !('x-amz-security-token' in headers));
    assert.equal(signedCallerIdentity({ AWS_ACCESS_KEY_ID: 'A' }, new Date()), undefined);
    assert.equal(signedCallerIdentity({}, new Date()), undefined);
  });
});
