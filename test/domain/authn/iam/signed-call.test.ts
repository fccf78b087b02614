import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readSignedCall } from '../../../../src/domain/authn/iam/signed-call.ts';
import { isFailure } from '../../../../src/domain/errors.ts';
import { roleSession, signedHeaders } from '../../../support/fake-sts.ts';
import { assertProperty } from '../../../support/property.ts';

const signed = signedHeaders(roleSession('188945769008', 'web'));
const authorization = signed['authorization'] ?? '';

function read(changes: Readonly<Record<string, unknown>>, optional: readonly string[] = []): unknown {
  return readSignedCall(JSON.stringify({ ...signed, ...changes }), optional);
}

describe('readSignedCall', () => {
  it('keeps what is permitted, by lower-case names, without the host', () => {
    const headers = Object.fromEntries(Object.entries(signed).filter(([name]) => name !== 'host'));
    assert.deepEqual(read({ 'X-Other': 'dropped' }), { region: undefined, headers });
  });

  it('takes the region from the host, and without one from the credential', () => {
    for (const [host, region] of [
      ['sts.amazonaws.com', undefined],
      ['sts.eu-central-1.amazonaws.com', 'eu-central-1'],
      ['sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
      ['', 'us-east-1'],
    ] as const) {
      assert.equal((read({ host }) as { region: unknown }).region, region, host);
    }
  });

  it('keeps a further header where it is named', () => {
    const changed = authorization.replace('SignedHeaders=', 'SignedHeaders=date;');
    const call = read({ authorization: changed, Date: 'now' }, ['date']) as { headers: object };
    assert.ok('date' in call.headers);
    assert.throws(
      () => read({ authorization: changed, Date: 'now' }),
      (error) => isFailure(error, 'AWS_HEADERS_INVALID'),
    );
  });

  it('says nothing of what was sent in what it throws', () => {
    for (const changes of [
      { host: 'secret.example' },
      { authorization: 'secret' },
      { 'x-amz-date': 'secret\n' },
    ]) {
      assert.throws(
        () => read(changes),
        (error) => isFailure(error, 'AWS_HEADERS_INVALID') && !error.message.includes('secret'),
      );
    }
  });

  it('never makes a region that leads elsewhere, whatever host and credential say', () => {
    assertProperty(
      fc.property(fc.string(), fc.string(), (host, scope) => {
        let call: { readonly region?: string | undefined };
        try {
          call = read({ host, authorization: authorization.replace('us-east-1', scope) }) as typeof call;
        } catch (error) {
          assert.ok(isFailure(error, 'AWS_HEADERS_INVALID'));
          return;
        }
        assert.match(call.region ?? 'us-east-1', /^[a-z-]+-\d$/);
      }),
    );
  });
});
