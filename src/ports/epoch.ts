/** The version of what decisions in an account rest on. */

/**
 * The state of authority in an account. `counter` grows by one with every authority
 * commit; `lineage` is chosen at random when the account is made in this store and again
 * whenever acknowledged commits may have been lost (a restored backup, a database server that
 * was restarted or replaced), so that a counter is only ever compared within one lineage.
 * An account that does not exist, or was removed, has lineage `''` and counter 0.
 */
export interface Epoch {
  readonly lineage: string;
  readonly counter: number;
}
