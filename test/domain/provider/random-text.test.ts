import assert from 'node:assert/strict';
import { randomBase62, randomHex, randomLowerAlnum } from '../../../src/domain/provider/random-text.ts';

const generators = [
  ['randomBase62', randomBase62, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'],
  ['randomLowerAlnum', randomLowerAlnum, 'abcdefghijklmnopqrstuvwxyz0123456789'],
  ['randomHex', randomHex, '0123456789abcdef'],
] as const;

for (const [name, generate, alphabet] of generators) {
  describe(name, () => {
    it('gives as many characters as are asked for, each time others', () => {
      for (const length of [0, 1, 2, 32, 64]) assert.equal(generate(length).length, length);
      assert.notEqual(generate(32), generate(32));
    });

    it('uses every character of its alphabet, no other, and each as often as any', () => {
      const perCharacter = 2_000;
      const counts = new Map<string, number>();
      for (const character of generate(alphabet.length * perCharacter))
        counts.set(character, (counts.get(character) ?? 0) + 1);
      assert.deepEqual([...counts.keys()].sort(), Array.from(alphabet).sort());
      // Without rejection some characters would come up a quarter more often than others: ten deviations and more.
      const deviation = Math.sqrt(perCharacter);
      for (const [character, count] of counts)
        assert.ok(Math.abs(count - perCharacter) < 6 * deviation, `${character} came ${count} times`);
    });
  });
}
