/** The port through which authorization codes are traded for ID tokens. */
import type { IssuerSettings } from './id-token-verifier.ts';

/** A client that is registered at an issuer. */
export interface CodeClient {
  readonly issuer: Pick<IssuerSettings, 'providerUri' | 'caCert'>;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the issuer sends the browser with the code; the issuer's own choice when undefined. */
  readonly redirectUri?: string;
}

/** What a browser came back with, and what the client kept meanwhile. */
export interface PresentedCode {
  readonly code: string;
  /** Proof Key for Code Exchange (RFC 7636), where the sign-in was started with a challenge. */
  readonly codeVerifier?: string;
}

export interface CodeExchange {
  /**
   * Trades a code for an ID token at the issuer's token endpoint. The token is for this client and
   * of this issuer as far as it says itself: its signature has not been verified.
   *
   * @returns the ID token in compact form
   * @throws LatchkeyError the `ISSUER_*` errors of discovery
   * @throws LatchkeyError `CODE_EXCHANGE_FAILED`: the token endpoint refused, could not be reached, or
   *   answered without an ID token
   * @throws LatchkeyError `ID_TOKEN_ISSUER_MISMATCH`, `ID_TOKEN_AUDIENCE_MISMATCH`, `ID_TOKEN_EXPIRED`,
   *   `ID_TOKEN_CLAIM_INVALID`
   * @throws LatchkeyError `OVERLOADED`: too many codes wait for their turn
   */
  exchange(client: CodeClient, presented: PresentedCode): Promise<string>;

  /**
   * Where a browser signs in at the issuer.
   * @throws LatchkeyError the `ISSUER_*` errors of discovery; `ISSUER_INVALID`: the issuer states no such address
   */
  authorizationEndpoint(issuer: CodeClient['issuer']): Promise<string>;
}
