import assert from 'node:assert/strict';
import { Names, noName } from '../../../src/domain/rbac/names.ts';

function held(names: Names, text: string): number {
  const number = names.enter(text);
  names.hold(number);
  return number;
}

describe('Names', () => {
  it('gives a name one number for as long as it is in use', () => {
    const names = new Names();
    const alice = held(names, 'alice');
    assert.notEqual(held(names, 'bob'), alice);
    assert.equal(held(names, 'alice'), alice);
    names.drop(alice);
    assert.equal(names.find('alice'), alice);
    assert.equal(names.text(alice), 'alice');
  });

  it('forgets a name with its last use and gives its number to the next', () => {
    const names = new Names();
    const alice = held(names, 'alice');
    names.drop(alice);
    assert.equal(names.find('alice'), noName);
    assert.equal(held(names, 'bob'), alice);
    assert.equal(names.text(alice), 'bob');
    assert.equal(names.bound, 1);
  });

  it('does not answer a recent name that was forgotten since', () => {
    const names = new Names();
    const recent = { text: '', number: noName };
    const alice = names.enter('alice', recent);
    names.hold(alice);
    assert.equal(names.enter('alice', recent), alice);
    names.drop(alice);
    held(names, 'bob');
    const again = names.enter('alice', recent);
    names.hold(again);
    assert.notEqual(again, alice);
    assert.equal(names.text(again), 'alice');
  });

  it('keeps names apart that differ by case, by normalisation or not at all to the eye', () => {
    const names = new Names();
    const texts = ['é', 'e\u0301', 'E', 'e', '', ' ', '\ud800', '\ud801'];
    assert.equal(new Set(texts.map((text) => held(names, text))).size, texts.length);
    for (const text of texts) assert.equal(names.text(names.find(text)), text);
  });
});
