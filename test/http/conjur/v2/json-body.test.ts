import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonFault, objectIn, readObject } from '../../../../src/http/conjur/v2/json-body.ts';
import { assertProperty } from '../../../support/property.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('jsonFault', () => {
  it('finds no fault in JSON', () => {
    assertProperty(
      fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom('', ' ', '\n\t'), (text, blank) => {
        assert.equal(jsonFault(blank + text + blank), undefined);
      }),
    );
  });

  it('agrees with the parser of the engine on texts that are nearly JSON', () => {
    const edit = fc.record({ at: fc.nat(), removed: fc.nat(3), added: fc.string({ maxLength: 2 }) });
    assertProperty(
      fc.property(fc.json({ maxDepth: 4 }), edit, (text, { at, removed, added }) => {
        const from = at % (text.length + 1);
        const edited = text.slice(0, from) + added + text.slice(from + removed);
        assert.equal(jsonFault(edited) === undefined, isJson(edited), edited);
      }),
      { numRuns: 500 },
    );
  });

  for (const [text, at] of [
    ['', 0],
    ['{', 1],
    ['"kind": "host"', 6],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['{"a" 1}', 1],
    ['{"a":1} x', 8],
    ['[01]', 2],
    ['"\\x"', 0],
    ['"\u0000"', 0],
    ['nul', 0],
    ['NaN', 0],
    ['// comment\n{}', 0],
  ] as const) {
    it(`finds where ${JSON.stringify(text)} stops being JSON`, () => {
      assert.equal(jsonFault(text), at);
    });
  }

  it('takes 32 levels and no more, however long the text', () => {
    assert.equal(jsonFault('['.repeat(32) + ']'.repeat(32)), undefined);
    assert.equal(jsonFault('['.repeat(1_000_000)), 32);
  });
});

describe('readObject', () => {
  it('tells back no more than a little of what it could not read', () => {
    assert.throws(
      () => readObject(`{}${'x'.repeat(10_000)}`),
      ({ message }: Error) => message.length < 300,
    );
  });

  it('keeps properties of the names that objects inherit as its own', () => {
    const body = readObject('{"__proto__":{"a":1}}');
    assert.deepEqual(Object.keys(body), ['__proto__']);
    assert.equal(Object.getPrototypeOf(body), Object.prototype);
  });
});

describe('objectIn', () => {
  it('is undefined for everything else', () => {
    for (const text of ['', '[]', '1', 'null', '{']) assert.equal(objectIn(text), undefined);
    assert.deepEqual(objectIn('{}'), {});
  });
});
