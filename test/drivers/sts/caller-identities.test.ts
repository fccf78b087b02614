import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { openCallerIdentities } from '../../../src/drivers/sts/caller-identities.ts';
import type { SignedCall } from '../../../src/ports/caller-identity.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import {
  roleSession,
  signedHeaders,
  startFakeSts,
  type FakeSts,
  type Signing,
} from '../../support/fake-sts.ts';

const web = roleSession('188945769008', 'web');

function callOf(signing: Signing & { readonly region?: string }, region: string | undefined): SignedCall {
  const headers = signedHeaders(web, signing);
  delete headers['host'];
  return { region, headers };
}

async function fails(promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isFailure(error, code), String(error));
    assert.match(error.message, message);
    return true;
  });
}

describe('openCallerIdentities', () => {
  let sts: FakeSts;
  before(async () => {
    sts = await startFakeSts([web]);
  });
  after(() => sts.stop());

  it('answers whose the signature is, at the global endpoint and at those of regions', async () => {
    const callers = openCallerIdentities({ endpoint: sts.url });
    const identity = { account: '188945769008', arn: web.arn };
    assert.deepEqual(await callers.identify(callOf({}, undefined)), identity);
    const regional = { host: 'sts.eu-west-1.amazonaws.com', region: 'eu-west-1' };
    assert.deepEqual(await callers.identify(callOf(regional, 'eu-west-1')), identity);
    assert.deepEqual(sts.hosts.slice(-2), ['sts.amazonaws.com', 'sts.eu-west-1.amazonaws.com']);
    await callers.close();
  });

  it('tries the global endpoint after that of us-east-1, and after no other', async () => {
    const callers = openCallerIdentities({ endpoint: sts.url });
    // Signed for the global endpoint, whose region is us-east-1.
    assert.equal((await callers.identify(callOf({}, 'us-east-1'))).arn, web.arn);
    const before = sts.hosts.length;
    await fails(callers.identify(callOf({}, 'eu-west-1')), 'AWS_HEADERS_INVALID', /SignatureDoesNotMatch/);
    assert.equal(sts.hosts.length, before + 1);
    await callers.close();
  });

  it('tells the code of a refusal, and not its words', async () => {
    const callers = openCallerIdentities({ endpoint: sts.url });
    const call = callOf({}, undefined);
    const refused = callers.identify({
      ...call,
      headers: { ...call.headers, 'x-amz-security-token': 'other' },
    });
    await fails(refused, 'AWS_HEADERS_INVALID', /^Invalid or expired AWS headers: [A-Za-z]+$/);
    await callers.close();
  });

  it('gives up on an endpoint that does not answer', async () => {
    const callers = openCallerIdentities({ endpoint: sts.url, totalTimeoutMs: 100 });
    sts.answerWith(() => undefined);
    await fails(callers.identify(callOf({}, undefined)), 'AWS_UNREACHABLE', /in time/);
    sts.answerWith(undefined);
    await callers.close();
  });

  it('refuses an endpoint that is neither https nor on this machine', () => {
    for (const endpoint of ['http://sts.example.net', 'https://169.254.169.254', 'ftp://127.0.0.1'])
      assert.throws(
        () => openCallerIdentities({ endpoint }),
        (error) => isFailure(error, 'SETTING_INVALID') && error.message.includes('--sts-endpoint'),
      );
  });

  it('verifies the certificate whatever the environment says', async () => {
    const { cert, key } = createCertificateAuthority().issue();
    const impostor = createServer({ cert, key }, (_request, response) => response.end('{}'));
    impostor.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const { port } = impostor.address() as AddressInfo;
    const callers = openCallerIdentities({ endpoint: `https://127.0.0.1:${port}` });
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await fails(callers.identify(callOf({}, undefined)), 'AWS_UNREACHABLE', /could not be reached/);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      await callers.close();
      impostor.close();
    }
  });
});
