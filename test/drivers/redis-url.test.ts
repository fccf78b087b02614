import assert from 'node:assert/strict';
import { isFailure } from '../../src/domain/errors.ts';
import { describeTarget, parseRedisUrl, type RedisTarget } from '../../src/drivers/redis/url.ts';

const understood: readonly (readonly [url: string, target: RedisTarget, described: string])[] = [
  [
    'redis://localhost',
    { kind: 'server', endpoint: { host: 'localhost', port: 6379 }, tls: false, db: 0 },
    'redis://localhost:6379/0',
  ],
  [
    'redis://localhost:6380/3',
    { kind: 'server', endpoint: { host: 'localhost', port: 6380 }, tls: false, db: 3 },
    'redis://localhost:6380/3',
  ],
  [
    'redis://localhost?db=4',
    { kind: 'server', endpoint: { host: 'localhost', port: 6379 }, tls: false, db: 4 },
    'redis://localhost:6379/4',
  ],
  [
    'rediss://alice:open%20sesame@redis.example:6390/',
    {
      kind: 'server',
      endpoint: { host: 'redis.example', port: 6390 },
      tls: true,
      db: 0,
      username: 'alice',
      password: 'open sesame',
    },
    'rediss://redis.example:6390/0',
  ],
  [
    'redis://:p%40ss:w@rd@[::1]:6379',
    { kind: 'server', endpoint: { host: '::1', port: 6379 }, tls: false, db: 0, password: 'p@ss:w@rd' },
    'redis://[::1]:6379/0',
  ],
  [
    'redis+unix:///run/redis/redis.sock?db=2',
    { kind: 'socket', path: '/run/redis/redis.sock', db: 2 },
    'redis+unix:///run/redis/redis.sock?db=2',
  ],
  [
    'redis+unix://alice:secret@/run/my%20redis.sock',
    { kind: 'socket', path: '/run/my redis.sock', db: 0, username: 'alice', password: 'secret' },
    'redis+unix:///run/my redis.sock?db=0',
  ],
  [
    'redis+sentinel://a,b:26380,[fd00::1]:26381/primary?db=1',
    {
      kind: 'sentinel',
      endpoints: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
        { host: 'fd00::1', port: 26381 },
      ],
      name: 'primary',
      tls: false,
      db: 1,
    },
    'redis+sentinel://a:26379,b:26380,[fd00::1]:26381/primary?db=1',
  ],
  [
    'rediss+sentinel://:secret@a/my%20primary',
    {
      kind: 'sentinel',
      endpoints: [{ host: 'a', port: 26379 }],
      name: 'my primary',
      tls: true,
      db: 0,
      password: 'secret',
    },
    'rediss+sentinel://a:26379/my primary?db=0',
  ],
  [
    'redis+cluster://alice:secret@a,b:7001',
    {
      kind: 'cluster',
      endpoints: [
        { host: 'a', port: 6379 },
        { host: 'b', port: 7001 },
      ],
      tls: false,
      username: 'alice',
      password: 'secret',
    },
    'redis+cluster://a:6379,b:7001',
  ],
  [
    'rediss+cluster://a/',
    { kind: 'cluster', endpoints: [{ host: 'a', port: 6379 }], tls: true },
    'rediss+cluster://a:6379',
  ],
];

const refused: readonly (readonly [url: string, reason: RegExp])[] = [
  ['', /not of a form that is known/],
  ['http://hunter2@localhost', /not of a form that is known/],
  ['redis:hunter2', /not of a form that is known/],
  ['redis+tls://hunter2@localhost', /not of a form that is known/],
  ['redis://', /host that cannot be read/],
  ['redis://:hunter2@', /host that cannot be read/],
  ['redis://a,b', /host that cannot be read/],
  ['redis://:hunter2@local host', /host that cannot be read/],
  ['redis://:hunter2@localhost:0', /port out of range/],
  ['redis://:hunter2@localhost:65536', /port out of range/],
  ['redis://:hunter2@localhost:redis', /host that cannot be read/],
  ['redis://:hunter2@localhost/first', /database that is not a number/],
  ['redis://:hunter2@localhost/70000', /database that is not a number/],
  ['redis://hunter2@localhost', /user without a password/],
  ['redis://alice:@localhost', /user without a password/],
  ['redis://:hunter2%@localhost', /percent-encoding/],
  ['redis://:hunter2@localhost?timeout=1', /parameter other than db/],
  ['redis+unix://:hunter2@', /names no socket/],
  ['redis+unix:///run/', /names no socket/],
  ['rediss+unix:///run/redis.sock', /TLS on a Unix socket/],
  ['redis+sentinel://:hunter2@a,b', /names no primary/],
  ['redis+sentinel://a,,b/primary', /host that cannot be read/],
  ['redis+cluster://:hunter2@a,b/1', /of which a cluster has only one/],
  ['redis+cluster://a?db=1', /of which a cluster has only one/],
];

describe('parseRedisUrl', () => {
  for (const [url, target, described] of understood) {
    it(`understands ${described}`, () => {
      assert.deepEqual(parseRedisUrl(url), target);
      assert.equal(describeTarget(parseRedisUrl(url)), described);
    });
  }

  for (const [url, reason] of refused) {
    it(`refuses ${JSON.stringify(url)} and quotes none of it`, () => {
      assert.throws(
        () => parseRedisUrl(url),
        (error) => {
          assert.ok(isFailure(error, 'STORE_REFUSED'));
          assert.match(error.message, reason);
          assert.ok(!String(error.stack).includes('hunter2'));
          return true;
        },
      );
    });
  }
});
