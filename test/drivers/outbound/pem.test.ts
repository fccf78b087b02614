import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { readCertificates } from '../../../src/drivers/outbound/pem.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';

const first = createCertificateAuthority('first').cert;
const second = createCertificateAuthority('second').cert;

describe('PEM bundle', () => {
  for (const [name, text] of [
    ['as it ought to be', first],
    ['with CRLF', first.replace(/\n/g, '\r\n')],
    ['with blanks for line breaks', first.replace(/\n/g, ' ')],
    ['without line breaks', first.replace(/\n/g, '')],
    ['with line breaks as text', first.replace(/\n/g, '\\n')],
    ['indented', first.replace(/^/gm, '    ')],
    ['without the last line break', first.trimEnd()],
    ['with a broken marker', first.replaceAll(' CERTIFICATE', '\nCERTIFICATE')],
    ['behind a comment', `# our authority\nsubject=CN = first\n${first}`],
  ] as const) {
    it(`is read ${name}`, () => {
      assert.deepEqual(readCertificates(text), [first]);
    });
  }

  it('is read with several certificates', () => {
    assert.deepEqual(readCertificates(`${first}${second}`), [first, second]);
    assert.deepEqual(readCertificates(`${first} ${second}`.replace(/\n/g, ' ')), [first, second]);
  });

  for (const [name, text] of [
    ['is empty', ''],
    ['holds no certificate', 'certificate'],
    ['holds a key', first.replaceAll('CERTIFICATE', 'PRIVATE KEY')],
    ['is cut off', first.slice(0, -30)],
    ['holds what is not base64', first.replace(/M/, '!')],
    ['holds base64 that is no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    [
      'holds a good and a bad certificate',
      `${first}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
    ],
    ['holds more than 100 certificates', first.repeat(101)],
    ['is longer than 256 KiB', `${first}${' '.repeat(256 * 1_024)}`],
  ] as const) {
    it(`is refused where it ${name}`, () => {
      assert.throws(
        () => readCertificates(text),
        (error) => isFailure(error, 'SERVICE_VARIABLE_INVALID'),
      );
    });
  }
});
