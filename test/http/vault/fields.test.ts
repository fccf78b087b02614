import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { readFields, type FieldType } from '../../../src/http/vault/fields.ts';

const read = (type: FieldType, raw: unknown): unknown => {
  const values: Readonly<Record<string, unknown>> = readFields({ x: type }, new Map([['x', raw]]));
  return values['x'];
};

describe('readFields', () => {
  const readable: readonly (readonly [FieldType, unknown, unknown])[] = [
    ['string', 'a', 'a'],
    ['string', '', ''],
    ['string', 5, '5'],
    ['string', true, '1'],
    ['string', false, '0'],
    ['string', null, ''],
    ['bool', true, true],
    ['bool', 'T', true],
    ['bool', 'False', false],
    ['bool', 0, false],
    ['bool', 1, true],
    ['bool', '', false],
    ['bool', null, false],
    ['int', 7, 7],
    ['int', '-7', -7],
    ['int', '', 0],
    ['int', null, 0],
    ['list', ['a', ' b ', 3], ['a', 'b', '3']],
    ['list', 'a, b,,c', ['a', 'b', '', 'c']],
    ['list', '', []],
    ['list', null, []],
    ['list', 5, ['5']],
    ['seconds', 90, 90],
    ['seconds', '1m', 60],
    ['seconds', '', 0],
    ['seconds', null, undefined],
    [
      'map',
      { a: 'b', c: 1 },
      new Map([
        ['a', 'b'],
        ['c', '1'],
      ]),
    ],
    ['map', 'a=b=c', new Map([['a', 'b=c']])],
    [
      'map',
      ['a=b', 'c='],
      new Map([
        ['a', 'b'],
        ['c', ''],
      ]),
    ],
    ['map', null, new Map()],
  ];
  for (const [type, raw, value] of readable) {
    it(`reads ${JSON.stringify(raw)} as ${type}`, () => {
      assert.deepEqual(read(type, raw), value);
    });
  }

  const unreadable: readonly (readonly [FieldType, unknown])[] = [
    ['string', []],
    ['string', {}],
    ['bool', 'yes'],
    ['bool', []],
    ['int', 'abc'],
    ['int', '1.5'],
    ['int', 1.5],
    ['int', '0x10'],
    ['int', []],
    ['list', {}],
    ['list', [['a']]],
    ['list', [{}]],
    ['list', Array.from({ length: 10_001 }, () => 'a')],
    ['seconds', '-1s'],
    ['seconds', true],
    ['seconds', ['1']],
    ['map', 'a'],
    ['map', ['=b']],
    ['map', { a: [] }],
  ];
  for (const [type, raw] of unreadable) {
    it(`names the field whose value ${JSON.stringify(raw).slice(0, 20)} is no ${type}`, () => {
      assert.throws(
        () => read(type, raw),
        (error) => isFailure(error, 'PARAMETER_INVALID') && error.message.includes('"x"'),
      );
    });
  }

  it('leaves out what was not given, and what is not declared', () => {
    assert.deepEqual(readFields({ a: 'string', b: 'list' }, new Map([['c', 1]])), {});
  });
});
