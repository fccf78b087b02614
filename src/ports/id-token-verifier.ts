/** The port through which tokens of issuers are verified: ID tokens, and JWTs of other kinds. */

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

/** Where the keys come from that sign the tokens of a service. */
export type JwtKeys =
  | {
      /** OpenID Connect Discovery. */
      readonly from: 'provider-uri';
      readonly uri: string;
      /** PEM certificates that replace the system's trust store. */
      readonly caCert?: string;
    }
  | {
      /** The address of a JWK set. */
      readonly from: 'jwks-uri';
      readonly uri: string;
      readonly caCert?: string;
    }
  | {
      /** A JWK set at hand, as parsed; keys are remembered for as long as this very object lives. */
      readonly from: 'public-keys';
      readonly jwks: object;
    };

/** What a service says about the JWTs that it takes. */
export interface JwtSettings {
  readonly keys: JwtKeys;
  /** The value that `iss` must have, exactly. */
  readonly issuer: string;
  /** The value that `aud` must be or contain; by default `aud` is not looked at. */
  readonly audience?: string;
  /** The JWS algorithms that are accepted; what is not asymmetric never is. */
  readonly algorithms: readonly string[];
}

/** The verified payload of a token. */
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

  /**
   * Verifies a JWT in compact form: shape, `exp` where it is past, keys, signature, then `exp` and
   * `iss` (and `aud` where an audience is given) are there, `exp`, `nbf`, `iat` (5 s leeway), `iss`, `aud`.
   *
   * @throws LatchkeyError `ID_TOKEN_MALFORMED`, `ID_TOKEN_ALGORITHM_REFUSED`, `ID_TOKEN_KEY_UNKNOWN`,
   *   `ID_TOKEN_SIGNATURE_INVALID`, `ID_TOKEN_EXPIRED`, `ID_TOKEN_NOT_YET_VALID`, `ID_TOKEN_ISSUER_MISMATCH`,
   *   `ID_TOKEN_AUDIENCE_MISMATCH`, `ID_TOKEN_CLAIM_INVALID`
   * @throws LatchkeyError `JWT_EMPTY`: a payload without claims; `JWT_CLAIM_REQUIRED`: a mandatory one is missing
   * @throws LatchkeyError those of {@link checkJwtKeys}, where the keys are not at hand
   */
  verifyJwt(token: string, settings: JwtSettings): Promise<Claims>;

  /**
   * Fetches or reads the keys anew, for a status check.
   * @throws LatchkeyError `ISSUER_*`: of an issuer that is to be discovered; `JWKS_*`: of a key set's address
   * @throws LatchkeyError `JWT_PUBLIC_KEYS_INVALID`: none of the keys at hand can be used
   * @throws LatchkeyError `SERVICE_VARIABLE_INVALID`: the certificates cannot be read
   */
  checkJwtKeys(keys: JwtKeys, issuer: string): Promise<void>;

  /** Ends connections and pending fetches. */
  close(): Promise<void>;
}
