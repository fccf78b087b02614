import assert from 'node:assert/strict';
import { hashSync } from '@node-rs/argon2';
import { isStrongPassword, PasswordHasher } from '../../../src/domain/authn/password.ts';
import { isFailure } from '../../../src/domain/errors.ts';

describe('isStrongPassword', () => {
  it('accepts 12 to 128 characters with two cases, a digit and a special character', () => {
    for (const password of ['SEcret12!!!!', 'My-Password1', `AAbb1 ${'x'.repeat(122)}`]) {
      assert.equal(isStrongPassword(password), true, password);
    }
  });

  it('refuses what lacks any of these', () => {
    const weak = [
      '',
      'SEcret12!!!',
      'Secret12!!!!',
      'SECRET12!!!!',
      'SEcretxx!!!!',
      'SEcret123456',
      'SEcret12!\n!!',
      `AAbb1 ${'x'.repeat(123)}`,
    ];
    for (const password of weak) assert.equal(isStrongPassword(password), false, password);
  });
});

describe('PasswordHasher', () => {
  /** The least that argon2id can cost. */
  const cheap = hashSync('x', { memoryCost: 8, timeCost: 1, parallelism: 1 });

  it('verifies the password that was hashed, and no other', async () => {
    const hasher = new PasswordHasher();
    const hash = await hasher.hash('SEcret12!!!!');
    assert.match(hash, /^\$argon2id\$/);
    assert.equal(await hasher.verify(hash, 'SEcret12!!!!'), true);
    assert.equal(await hasher.verify(hash, 'SEcret12!!!?'), false);
  });

  it('is false without a hash, also for the decoy', async () => {
    const hasher = new PasswordHasher();
    assert.equal(await hasher.verify(undefined, 'decoy'), false);
  });

  it('refuses more than it can queue', async () => {
    const hasher = new PasswordHasher({ atATime: 1 });
    const results = await Promise.allSettled(Array.from({ length: 205 }, () => hasher.verify(cheap, 'x')));
    const refused = results.filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 4);
    assert.ok(refused.every((result) => isFailure(result.reason, 'OVERLOADED')));
    assert.equal(await hasher.verify(cheap, 'x'), true);
  });

  it('refuses what waits too long to be verified, and verifies what is asked later', async () => {
    const hasher = new PasswordHasher({ atATime: 1, maxQueueDelayMs: 1 });
    const first = hasher.hash('x');
    const late = await Promise.allSettled([hasher.verify(cheap, 'x'), hasher.verify(undefined, 'x')]);
    assert.deepEqual(
      late.map((result) => result.status === 'rejected' && isFailure(result.reason, 'OVERLOADED')),
      [true, true],
    );
    assert.equal(await hasher.verify(await first, 'x'), true);
  });

  it('lets what is to be set wait for its turn', async () => {
    const hasher = new PasswordHasher({ atATime: 1, maxQueueDelayMs: 1 });
    const hashes = await Promise.all([hasher.hash('x'), hasher.hash('y'), hasher.hash('z')]);
    assert.equal(new Set(hashes).size, 3);
  });

  for (const threads of ['', '1', 'many']) {
    it(`hashes one at a time where libuv's pool has one thread (UV_THREADPOOL_SIZE='${threads}')`, async () => {
      const before = process.env['UV_THREADPOOL_SIZE'];
      process.env['UV_THREADPOOL_SIZE'] = threads;
      try {
        assert.equal(await new PasswordHasher().verify(cheap, 'x'), true);
      } finally {
        if (before === undefined) delete process.env['UV_THREADPOOL_SIZE'];
        else process.env['UV_THREADPOOL_SIZE'] = before;
      }
    });
  }
});
