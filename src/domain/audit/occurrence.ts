/** What every event states: when, by which request, from where, and how it ended. */
export interface Occurrence {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  /** Joins the record to the access log and to the answer's `X-Request-Id`. */
  readonly requestId: string;
  readonly clientIp: string;
  readonly outcome: 'success' | 'failure';
  /** Why it failed, for operators. */
  readonly error?: string;
}
