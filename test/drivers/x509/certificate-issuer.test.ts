import 'reflect-metadata';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { openCertificateIssuer } from '../../../src/drivers/x509/certificate-issuer.ts';
import type { CertificateOrder, IssuedCertificate } from '../../../src/ports/certificate-issuer.ts';
import {
  newAuthority,
  newForgedRequest,
  newRequest,
  type KeyKind,
  type TestAuthority,
} from '../../support/ca.ts';

const issuer = openCertificateIssuer();
const day = 24 * 60 * 60 * 1_000;

describe('the certificate issuer', () => {
  let authority: TestAuthority;
  let csr: string;

  before(async () => {
    authority = await newAuthority({ kind: 'P-256' });
    csr = await newRequest('anything', { kind: 'P-256' });
  });

  function issue(change: Partial<CertificateOrder> = {}, of = authority): Promise<IssuedCertificate> {
    const now = Date.now();
    return issuer.issue({
      csr,
      authority: { ...of, password: undefined },
      subject: { commonName: 'acct:mesh:host:a/b', dnsName: 'b', uri: 'spiffe://conjur/acct/mesh/host/a/b' },
      notBefore: now,
      notAfter: now + day,
      ...change,
    });
  }

  async function isRefused(code: ErrorCode, detail: RegExp, act: Promise<unknown>): Promise<void> {
    await assert.rejects(act, (error: unknown) => isFailure(error, code) && detail.test(error.message));
  }

  it('says of a certificate who it is for, whatever the request asks for', async () => {
    const { pem } = await issue();
    const certificate = new X509Certificate(pem);
    assert.equal(certificate.subject, 'CN=acct:mesh:host:a/b');
    assert.equal(certificate.subjectAltName, 'DNS:b, URI:spiffe://conjur/acct/mesh/host/a/b');
    assert.equal(certificate.ca, false);
    assert.ok(pem.endsWith('-----END CERTIFICATE-----\n'));
  });

  for (const signer of ['RSA', 'P-256', 'P-384', 'P-521'] as const satisfies readonly KeyKind[]) {
    it(`signs with an authority's key of the kind ${signer}, so that the chain holds`, async () => {
      const own = await newAuthority({ kind: signer });
      for (const kind of ['RSA', 'P-256', 'P-384', 'P-521'] as const) {
        const certificate = new X509Certificate(
          (await issue({ csr: await newRequest('x', { kind }) }, own)).pem,
        );
        const parent = new X509Certificate(own.chain);
        assert.ok(certificate.verify(parent.publicKey), kind);
        assert.ok(certificate.checkIssued(parent), kind);
        assert.equal(certificate.publicKey.asymmetricKeyType, kind === 'RSA' ? 'rsa' : 'ec');
      }
    });
  }

  it('lets RSA keys encipher and keys on a curve sign only', async () => {
    const usage = async (kind: KeyKind): Promise<number | undefined> => {
      const { pem } = await issue({ csr: await newRequest('x', { kind }) });
      const found = new x509.X509Certificate(pem).getExtension(x509.KeyUsagesExtension);
      assert.equal(found?.critical, true);
      return found.usages;
    };
    const { digitalSignature, keyEncipherment, dataEncipherment } = x509.KeyUsageFlags;
    assert.equal(await usage('RSA'), digitalSignature | keyEncipherment | dataEncipherment);
    assert.equal(await usage('P-256'), digitalSignature);
  });

  it('names its key and that of the authority', async () => {
    const certificate = new x509.X509Certificate((await issue()).pem);
    const parent = new x509.X509Certificate(authority.chain);
    const own = certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
    assert.match(own ?? '', /^[0-9a-f]{40}$/);
    const named = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
    assert.equal(named, parent.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId);
    assert.notEqual(named, own);
  });

  it('numbers certificates at random, with 20 positive bytes', async () => {
    const numbers = new Set<string>();
    for (let count = 0; count < 20; count += 1) {
      const { pem, serial } = await issue();
      assert.match(serial, /^[4-7][0-9a-f]{39}$/);
      assert.equal(new X509Certificate(pem).serialNumber.toLowerCase(), serial);
      numbers.add(serial);
    }
    assert.equal(numbers.size, 20);
  });

  it('keeps to the times that are asked for, but never outlives the authority', async () => {
    const now = Date.UTC(2049, 0, 1);
    const long = await newAuthority({ kind: 'P-256', notAfter: new Date(Date.UTC(2055, 0, 1)) });
    const validity = async (notAfter: number): Promise<readonly string[]> => {
      const { validFrom, validTo } = new X509Certificate(
        (await issue({ notBefore: now, notAfter }, long)).pem,
      );
      return [validFrom, validTo].map((text) => new Date(text).toISOString());
    };
    assert.deepEqual(await validity(Date.UTC(2052, 0, 1)), [
      '2049-01-01T00:00:00.000Z',
      '2052-01-01T00:00:00.000Z',
    ]);
    assert.deepEqual((await validity(Date.UTC(2060, 0, 1)))[1], '2055-01-01T00:00:00.000Z');
  });

  it('takes no character of a name for syntax', async () => {
    const commonName = 'a"b,CN=c+d\\e#f;<é>';
    const { pem } = await issue({
      subject: { commonName, dnsName: undefined, uri: 'spiffe://conjur/a,DNS:evil' },
    });
    const certificate = new x509.X509Certificate(pem);
    assert.deepEqual(certificate.subjectName.getField('CN'), [commonName]);
    assert.deepEqual(certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON(), [
      { type: 'url', value: 'spiffe://conjur/a,DNS:evil' },
    ]);
    assert.equal(new X509Certificate(pem).subjectAltName?.includes('DNS:evil,'), false);
  });

  it('takes a private key that is encrypted, with its password', async () => {
    for (const kind of ['RSA', 'P-256'] as const) {
      const locked = await newAuthority({ kind, password: 'open sesame' });
      const { pem } = await issue({ authority: { ...locked, password: 'open sesame' } });
      assert.ok(new X509Certificate(pem).verify(new X509Certificate(locked.chain).publicKey));
      for (const password of ['wrong', undefined]) {
        await isRefused(
          'CA_MISCONFIGURED',
          /private key cannot be read/,
          issue({ authority: { ...locked, password } }),
        );
      }
    }
  });

  it('takes the first certificate of a chain', async () => {
    const other = await newAuthority({ kind: 'P-256' });
    const chain = `${authority.chain}\n${other.chain}\n`;
    const { pem } = await issue({ authority: { ...authority, chain, password: undefined } });
    assert.ok(new X509Certificate(pem).checkIssued(new X509Certificate(authority.chain)));
  });

  it('takes a request with text around it, and in the older form', async () => {
    for (const text of [
      `Certificate Request:\n    Data:\n${csr}`,
      csr.replaceAll('CERTIFICATE REQ', 'NEW CERTIFICATE REQ'),
    ]) {
      assert.ok((await issue({ csr: text })).pem);
    }
  });

  it('refuses a request that was not signed with its own key', async () => {
    await isRefused(
      'CSR_SIGNATURE_INVALID',
      /CSR cannot be verified/,
      issue({ csr: await newForgedRequest() }),
    );
  });

  it('refuses what is no request', async () => {
    const empty = '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n';
    for (const text of ['', 'text', authority.chain, authority.privateKey, empty, csr.slice(0, 200)]) {
      await isRefused('CSR_INVALID', /^The CSR (?:is not in PEM|cannot be read)$/, issue({ csr: text }));
    }
    await isRefused('CSR_INVALID', /longer than 16384/, issue({ csr: csr + ' '.repeat(16_384) }));
  });

  it('refuses keys that are too short, and hashes that are broken', async () => {
    const short = await newRequest('x', { modulusLength: 1_024 });
    await isRefused('CSR_INVALID', /neither RSA of 2048/, issue({ csr: short }));
    await isRefused(
      'CSR_INVALID',
      /SHA-256 or better/,
      issue({ csr: await newRequest('x', { hash: 'SHA-1' }) }),
    );
  });

  it('refuses to work with an authority that is none', async () => {
    const other = await newAuthority({ kind: 'P-256' });
    const past = new Date(Date.now() - day);
    const cases: readonly (readonly [RegExp, TestAuthority])[] = [
      [/chain cannot be read/, { ...authority, chain: 'x' }],
      [/private key cannot be read/, { ...authority, privateKey: 'x' }],
      [/not that of its certificate/, { ...authority, privateKey: other.privateKey }],
      [/may not issue/, await newAuthority({ kind: 'P-256', isAuthority: false })],
      [
        /not valid at this time/,
        await newAuthority({ kind: 'P-256', notBefore: new Date(0), notAfter: past }),
      ],
    ];
    for (const [detail, broken] of cases) {
      await isRefused('CA_MISCONFIGURED', detail, issue({}, broken));
    }
  });
});
