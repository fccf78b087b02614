/** What clients do, and how often. */
import {
  changeMembership,
  changePair,
  changePermission,
  checkPermission,
  deleteUser,
  listPair,
  makeUser,
  readAsMember,
  readAsPermitted,
} from './authority.ts';
import type { Answer } from './call.ts';
import {
  changePassword,
  logIn,
  rotateKey,
  switchAuthenticator,
  tryIdToken,
  tryKey,
  useHostToken,
} from './credentials.ts';
import { askAsClient, refresh, switchClient } from './provider.ts';
import type { Random } from './random.ts';
import { readBatch, readSecret, readVersion, writeSecret } from './secrets.ts';
import { indexes, type Turn } from './world.ts';

export interface Operation {
  readonly name: string;
  readonly weight: number;
  /** One answer stands for all of its requests. */
  readonly run: (turn: Turn) => Promise<Answer | undefined>;
}

type Act = (turn: Turn, index: number) => Promise<Answer | undefined>;

/** A write, and at once, mostly on another process, a read of the same: that is where a stale answer shows. */
function readBack(write: Act, read: Act): (turn: Turn) => Promise<Answer | undefined> {
  return async (turn) => {
    const index = turn.random.pick(indexes);
    const answer = await write(turn, index);
    if (answer !== undefined && answer.status < 300) await read(turn, index);
    return answer;
  };
}

/** Authenticates with a key of one user, where any was told. */
function tryKeyOf(kind: 'brief' | 'rotated'): Act {
  return async (turn, index) => tryKey(turn, `${kind}-${String(index)}`);
}

export const operations: readonly Operation[] = [
  { name: 'write a secret', weight: 10, run: readBack(writeSecret, readSecret) },
  { name: 'read a secret', weight: 16, run: (turn) => readSecret(turn) },
  { name: 'read a batch', weight: 8, run: readBatch },
  { name: 'read a version', weight: 4, run: readVersion },
  { name: 'grant or revoke', weight: 5, run: readBack(changeMembership, readAsMember) },
  { name: 'read as a member', weight: 10, run: (turn) => readAsMember(turn) },
  { name: 'permit or deny', weight: 5, run: readBack(changePermission, readAsPermitted) },
  { name: 'read as permitted', weight: 8, run: (turn) => readAsPermitted(turn) },
  { name: 'check a permission', weight: 4, run: (turn) => checkPermission(turn) },
  { name: 'load two permissions', weight: 4, run: readBack(changePair, listPair) },
  { name: 'list both', weight: 8, run: (turn) => listPair(turn) },
  { name: 'make a user', weight: 4, run: readBack(makeUser, tryKeyOf('brief')) },
  { name: 'delete a user', weight: 3, run: readBack(deleteUser, tryKeyOf('brief')) },
  { name: 'rotate a key', weight: 4, run: readBack(rotateKey, tryKeyOf('rotated')) },
  { name: 'authenticate by key', weight: 12, run: (turn) => tryKey(turn) },
  { name: 'log in by password', weight: 2, run: (turn) => logIn(turn) },
  { name: 'change a password', weight: 1, run: readBack(changePassword, logIn) },
  { name: 'switch authn-oidc', weight: 2, run: readBack(switchAuthenticator, tryIdToken) },
  { name: 'authenticate by ID token', weight: 8, run: tryIdToken },
  { name: 'host-factory token', weight: 2, run: useHostToken },
  { name: 'switch a client', weight: 2, run: readBack(switchClient, askAsClient) },
  { name: 'client credentials', weight: 6, run: (turn) => askAsClient(turn) },
  { name: 'code and refreshes', weight: 2, run: refresh },
];

const totalWeight = operations.reduce((sum, { weight }) => sum + weight, 0);

export function pickOperation(random: Random): Operation {
  let left = random.next(totalWeight);
  const picked = operations.find(({ weight }) => (left -= weight) < 0);
  if (picked === undefined) throw new Error('the weights do not add up');
  return picked;
}
