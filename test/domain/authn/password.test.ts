import assert from 'node:assert/strict';
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
    const hasher = new PasswordHasher();
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => hasher.hash('SEcret12!!!!')));
    const refused = results.filter((result) => result.status === 'rejected');
    assert.ok(refused.length > 0 && refused.length < 100);
    assert.ok(refused.every((result) => isFailure(result.reason, 'OVERLOADED')));
    assert.equal(await hasher.verify(await hasher.hash('x'), 'x'), true);
  });
});
