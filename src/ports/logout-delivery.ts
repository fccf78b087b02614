/** Delivery of logout tokens to relying parties (OpenID Connect Back-Channel Logout 1.0, section 2.5). */

export interface LogoutDelivery {
  /**
   * Posts a logout token, and again where that failed, a bounded number of times and for a bounded time.
   * Settles when it was taken (200 or 204), or given up. Redirects are not followed, nor more than a
   * little of an answer read.
   * @param uri `https`, or `http` on a loopback host; nothing else is called
   * @throws LatchkeyError `LOGOUT_UNDELIVERED`
   */
  deliver(uri: string, logoutToken: string): Promise<void>;
}
