import type { CertificateSubject } from '../../ports/certificate-issuer.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, type RoleId } from '../ids.ts';

/** RFC 5280 appendix A.1: what a common name may have. */
const maxCommonNameCharacters = 64;
const hostNameForm =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * Who a certificate of this service is for: the common name `acct:service:host:id`, the last element of
 * the id as host name (left out where it is none), and the SPIFFE id.
 * @throws LatchkeyError `PARAMETER_INVALID`: the common name would be longer than 64 characters
 * @see Conjur: `CA::CertificateAuthority`
 */
export function certificateSubject(host: RoleId, service: string): CertificateSubject {
  const { account, kind, identifier } = partsOf(host);
  const commonName = [account, service, kind, identifier].join(':');
  if (Array.from(commonName).length > maxCommonNameCharacters) {
    throw new LatchkeyError('PARAMETER_INVALID', {
      detail: `The common name '${commonName}' is longer than ${maxCommonNameCharacters} characters`,
    });
  }
  const leaf = identifier.split('/').at(-1) ?? '';
  const path = [account, service, kind, ...identifier.split('/')].map(encodeURIComponent).join('/');
  return {
    commonName,
    dnsName: hostNameForm.test(leaf) ? leaf : undefined,
    uri: `spiffe://conjur/${path}`,
  };
}
