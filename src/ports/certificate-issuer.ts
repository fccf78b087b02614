/** The certificate port: X.509 certificates (RFC 5280) from signing requests (RFC 2986). */
export interface CertificateIssuer {
  /**
   * Issues a certificate for whoever holds the private key of a signing request. Of the request only
   * the public key is taken: subject and names are the caller's to say, and it is no authority.
   *
   * Keys are RSA of 2,048 to 8,192 bits or EC on P-256, P-384 or P-521; so is the authority's. The
   * certificate never outlives the authority's own.
   *
   * @throws LatchkeyError `CSR_INVALID`: not a request in PEM of up to 16 KiB, or a key or a signature
   *   algorithm that is not accepted
   * @throws LatchkeyError `CSR_SIGNATURE_INVALID`: not signed with the key that it asks a certificate for
   * @throws LatchkeyError `CA_MISCONFIGURED`: chain and key cannot be read, do not belong together, have
   *   expired or are no authority's
   */
  issue(order: CertificateOrder): Promise<IssuedCertificate>;
}

export interface CertificateOrder {
  /** A PKCS #10 request in PEM. */
  readonly csr: string;
  readonly authority: AuthorityCredentials;
  readonly subject: CertificateSubject;
  /** Milliseconds since the epoch; certificates have whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface AuthorityCredentials {
  /** PEM; the certificate that issues stands first. */
  readonly chain: string;
  /** PEM; PKCS #8, PKCS #1 or SEC 1. */
  readonly privateKey: string;
  /** Where the private key is encrypted. */
  readonly password: string | undefined;
}

export interface CertificateSubject {
  readonly commonName: string;
  readonly dnsName: string | undefined;
  readonly uri: string;
}

export interface IssuedCertificate {
  /** One certificate, its lines ended. */
  readonly pem: string;
  /** In hexadecimal. */
  readonly serial: string;
}
