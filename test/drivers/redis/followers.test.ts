import assert from 'node:assert/strict';
import { followersIn, isFollowed, type Belief } from '../../../src/drivers/redis/followers.ts';

/** What a primary says of its replicas, by their ports. */
function replication(...replicas: readonly (readonly [port: number, lag: number, state?: string])[]): string {
  const lines = replicas.map(
    ([port, lag, state = 'online'], index) =>
      `slave${index}:ip=10.0.0.1,port=${port},state=${state},offset=1234,lag=${lag}`,
  );
  return ['# Replication', 'role:master', `connected_slaves:${lines.length}`, ...lines, ''].join('\r\n');
}

function believedWith(...ports: readonly number[]): Belief {
  return { atMs: 0, followers: followersIn(replication(...ports.map((port) => [port, 0] as const))) };
}

describe('isFollowed', () => {
  it('counts replicas that are in step and were heard of within the last second', () => {
    const info = replication([1, 0], [2, 1], [3, 2], [4, 0, 'wait_bgsave']);
    assert.equal(isFollowed(info, 2, undefined), true);
    assert.equal(isFollowed(info, 3, undefined), false);
    assert.equal(isFollowed('', 1, undefined), false);
  });

  it('is not so where one of several has left, as it may have been promoted', () => {
    const before = believedWith(1, 2);
    assert.equal(isFollowed(replication([1, 0], [2, 0]), 1, before), true);
    assert.equal(isFollowed(replication([2, 0]), 1, before), false);
    assert.equal(isFollowed(replication([1, 0], [2, 2]), 1, before), false);
    assert.equal(isFollowed(replication([2, 0], [3, 0]), 1, before), false);
  });

  it('is so where one has come', () => {
    assert.equal(isFollowed(replication([1, 0], [2, 0]), 1, believedWith(1)), true);
    assert.equal(isFollowed(replication([1, 0]), 1, believedWith()), true);
  });
});
