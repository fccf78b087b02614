/** The port through which AWS says who signed a request. */

/** A request for GetCallerIdentity that somebody else has signed (Signature Version 4). */
export interface SignedCall {
  /** The region whose endpoint it was signed for; undefined for the global one. */
  readonly region: string | undefined;
  /** By lower-case names; `host` is not among them, as it follows from the region. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who signed a request. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string;
  /** For example `arn:aws:sts::123456789012:assumed-role/web/i-0123456789`. */
  readonly arn: string;
}

export interface CallerIdentities {
  /**
   * Sends the call to AWS Security Token Service, and answers whom it names.
   *
   * @throws LatchkeyError `AWS_HEADERS_INVALID`: AWS does not take the signature
   * @throws LatchkeyError `AWS_UNREACHABLE`: no answer, or one that cannot be used
   * @throws LatchkeyError `OVERLOADED`: too many calls wait for their turn
   */
  identify(call: SignedCall): Promise<CallerIdentity>;

  /** Ends connections and pending calls. */
  close(): Promise<void>;
}
