import assert from 'node:assert/strict';
import {
  answerJson,
  privateCertificate,
  startRogueIssuer,
  type RogueIssuer,
} from '../../support/rogue-issuer.ts';
import { openIssuerVerifier } from '../../../src/drivers/issuer/verifier.ts';
import { fails, sharedKey } from './fixture.ts';

const key = sharedKey('ES256');

async function onHttps(
  names: readonly string[] | undefined,
  test: (issuer: RogueIssuer, ca: string, check: (caCert?: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const certificate = privateCertificate(names);
  const issuer = await startRogueIssuer({ certificate, keys: [key] });
  const verifier = openIssuerVerifier({ clock: { now: Date.now } });
  try {
    await test(issuer, certificate.ca, (caCert) =>
      verifier.check({ providerUri: issuer.url, ...(caCert === undefined ? {} : { caCert }) }),
    );
  } finally {
    await verifier.close();
    await issuer.stop();
  }
}

describe('issuer over https', () => {
  it('is trusted through the certificate of its private authority', () =>
    onHttps(undefined, async (_issuer, ca, check) => {
      await check(ca);
    }));

  it('is not trusted without it', () =>
    onHttps(undefined, async (_issuer, _ca, check) => {
      const failure = await fails(check(), 'ISSUER_UNREACHABLE');
      assert.match(failure.message, /CERT/);
    }));

  it('is not trusted through another authority, even one of the same name', () =>
    onHttps(undefined, async (_issuer, _ca, check) => {
      await fails(check(privateCertificate().ca), 'ISSUER_UNREACHABLE');
    }));

  it('is not trusted under a name that its certificate does not have', () =>
    onHttps(['localhost', '127.0.0.2'], async (_issuer, ca, check) => {
      const failure = await fails(check(ca), 'ISSUER_UNREACHABLE');
      assert.match(failure.message, /ALTNAME/);
    }));

  it('is trusted through a bundle, and one that lost its line breaks', () =>
    onHttps(undefined, async (_issuer, ca, check) => {
      await check(`${privateCertificate([], 'Other CA').ca}\n${ca}`);
      await check(ca.replace(/\n/g, ' '));
      await check(ca.replace(/\n/g, '\\n'));
    }));

  it('is not called where the setting holds no certificate', () =>
    onHttps(undefined, async (issuer, _ca, check) => {
      await fails(check('no certificate'), 'SERVICE_VARIABLE_INVALID');
      await fails(check(''), 'SERVICE_VARIABLE_INVALID');
      assert.deepEqual(issuer.requests, []);
    }));

  it('does not send for its keys without https', () =>
    onHttps(undefined, async (issuer, ca, check) => {
      const plain = await startRogueIssuer({ keys: [key] });
      try {
        issuer.answerMetadata(answerJson(issuer.metadata({ jwks_uri: `${plain.url}/jwks` })));
        await fails(check(ca), 'ISSUER_NOT_ALLOWED');
        assert.deepEqual(plain.requests, []);
      } finally {
        await plain.stop();
      }
    }));
});
