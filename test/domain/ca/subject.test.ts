import assert from 'node:assert/strict';
import { certificateSubject } from '../../../src/domain/ca/subject.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { toRoleId } from '../../../src/domain/ids.ts';

const subject = (identifier: string): ReturnType<typeof certificateSubject> =>
  certificateSubject(toRoleId('acct', 'host', identifier), 'mesh');

describe('the subject of a certificate', () => {
  it('names account, service and host, and the last element as a host name', () => {
    assert.deepEqual(subject('apps/web-1.example'), {
      commonName: 'acct:mesh:host:apps/web-1.example',
      dnsName: 'web-1.example',
      uri: 'spiffe://conjur/acct/mesh/host/apps/web-1.example',
    });
  });

  it('leaves out a host name that is none', () => {
    for (const leaf of ['*', '*.example', 'with blank', 'a,DNS:b', '-a', 'a..b', 'ü']) {
      assert.equal(subject(`x/${leaf}`).dnsName, undefined, leaf);
    }
  });

  it('escapes what may not stand in a URI', () => {
    assert.equal(subject('a b/c,d?é').uri, 'spiffe://conjur/acct/mesh/host/a%20b/c%2Cd%3F%C3%A9');
  });

  it('refuses an id that does not fit into a common name', () => {
    assert.equal(subject('h'.repeat(49)).commonName.length, 64);
    assert.throws(
      () => subject('h'.repeat(50)),
      (error: unknown) => isFailure(error, 'PARAMETER_INVALID'),
    );
  });
});
