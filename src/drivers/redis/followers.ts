/** The replicas that follow a server, as evidence that none of them has taken its place. */

/** What is known of a server from when it was believed last. */
export interface Belief {
  readonly atMs: number;
  readonly followers: ReadonlySet<string>;
}

/** Replicas report once a second; a primary that was replaced has not heard of them for longer. */
const freshLagSeconds = 1;
/** Shorter than any time in which a primary can be found dead and another be promoted. */
export const silenceMs = 500;

const follower = /^slave\d+:(ip=[^,]*,port=\d+),state=online,.*lag=(\d+)/gm;

/**
 * Whether that many replicas follow, and among them all that did before: where there are several, one may have been made
 * the primary while another has not heard of it.
 * @param info what the server says of its replication
 */
export function isFollowed(info: string, replicas: number, before: Belief | undefined): boolean {
  const followers = followersIn(info);
  return (
    followers.size >= replicas && [...(before?.followers ?? [])].every((address) => followers.has(address))
  );
}

/** The addresses of the replicas that the server has heard from just now. */
export function followersIn(info: string): ReadonlySet<string> {
  const addresses = new Set<string>();
  for (const [, address = '', lag] of info.matchAll(follower)) {
    if (Number(lag) <= freshLagSeconds) addresses.add(address);
  }
  return addresses;
}
