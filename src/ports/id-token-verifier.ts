/** The port through which an issuer's ID tokens are verified. */

/** What an authn-oidc service says about its issuer. */
export interface IssuerSettings {
  /** The issuer's address as configured; discovery adds `/.well-known/openid-configuration`. */
  readonly providerUri: string;
  /** PEM certificates that replace the system's trust store for calls to this issuer. */
  readonly caCert?: string;
  /** The `iss` values that are accepted; by default the one that the discovered issuer states. */
  readonly issuers?: readonly string[];
  /** The `aud` values that are accepted; by default any. */
  readonly audiences?: readonly string[];
}

/** The verified payload of an ID token. */
export type Claims = Readonly<Record<string, unknown>>;

export interface IdTokenVerifier {
  /**
   * Verifies an ID token in compact form: shape, issuer's keys, signature, `iss`, `exp`, `nbf`,
   * `iat` (60 s leeway), `aud` where audiences are given.
   *
   * @throws LatchkeyError `ID_TOKEN_MALFORMED`, `ISSUER_NOT_ALLOWED`, `ISSUER_UNREACHABLE`,
   *   `ISSUER_TIMEOUT`, `ISSUER_INVALID`, `ISSUER_KEYS_UNAVAILABLE`, `ID_TOKEN_ALGORITHM_REFUSED`,
   *   `ID_TOKEN_KEY_UNKNOWN`, `ID_TOKEN_SIGNATURE_INVALID`, `ID_TOKEN_ISSUER_MISMATCH`,
   *   `ID_TOKEN_EXPIRED`, `ID_TOKEN_NOT_YET_VALID`, `ID_TOKEN_AUDIENCE_MISMATCH`, `ID_TOKEN_CLAIM_INVALID`
   */
  verify(token: string, issuer: IssuerSettings): Promise<Claims>;

  /**
   * Fetches metadata and keys anew, for a status check.
   * @throws the `ISSUER_*` errors of {@link verify}
   */
  check(issuer: IssuerSettings): Promise<void>;

  /** Ends connections and pending fetches. */
  close(): Promise<void>;
}
