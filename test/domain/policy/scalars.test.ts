import assert from 'node:assert/strict';
import { textOfPlain, typeOfPlain, type ScalarType } from '../../../src/domain/policy/scalars.ts';

const table: readonly (readonly [text: string, type: ScalarType, stored: string])[] = [
  ['yes', 'TrueClass', 'true'],
  ['On', 'TrueClass', 'true'],
  ['TRUE', 'TrueClass', 'true'],
  ['no', 'FalseClass', 'false'],
  ['off', 'FalseClass', 'false'],
  ['False', 'FalseClass', 'false'],
  ['y', 'String', 'y'],
  ['n', 'String', 'n'],
  ['', 'NilClass', ''],
  ['~', 'NilClass', ''],
  ['null', 'NilClass', ''],
  ['Null', 'NilClass', ''],
  ['nullify', 'String', 'nullify'],
  ['42', 'Integer', '42'],
  ['0', 'Integer', '0'],
  ['+5', 'Integer', '5'],
  ['-5', 'Integer', '-5'],
  ['1_000', 'Integer', '1000'],
  ['1,000', 'Integer', '1000'],
  ['10,20,30', 'Integer', '102030'],
  ['123456789012345678901234567890', 'Integer', '123456789012345678901234567890'],
  ['010', 'Integer', '8'],
  ['0777', 'Integer', '511'],
  ['0x1F', 'Integer', '31'],
  ['0b11', 'Integer', '3'],
  ['08', 'String', '08'],
  ['0x', 'String', '0x'],
  ['12:30', 'Float', '750.0'],
  ['12:30:45', 'Float', '45045.0'],
  ['-1:30', 'Float', '-90.0'],
  ['12:75', 'String', '12:75'],
  ['1.50', 'Float', '1.5'],
  ['.5', 'Float', '0.5'],
  ['-0.0', 'Float', '-0.0'],
  ['3.', 'Float', '3.0'],
  ['1.0e+3', 'Float', '1000.0'],
  ['1.5e+300', 'Float', '1.5e+300'],
  ['1.0e+16', 'Float', '1.0e+16'],
  ['1.0e-5', 'Float', '1.0e-05'],
  ['1e3', 'String', '1e3'],
  ['1.0e3', 'String', '1.0e3'],
  ['1.2.3', 'String', '1.2.3'],
  ['10.0.0.1', 'String', '10.0.0.1'],
  ['.inf', 'Float', 'Infinity'],
  ['-.INF', 'Float', '-Infinity'],
  ['.nan', 'Float', 'NaN'],
  ['.', 'String', '.'],
  ['-', 'String', '-'],
  ['..', 'String', '..'],
  ['2020-01-02', 'Date', '2020-01-02'],
  ['2020-13-02', 'String', '2020-13-02'],
  ['2020-02-30', 'String', '2020-02-30'],
  ['2020-01-02 03:04:05', 'Time', '2020-01-02 03:04:05 +0000'],
  ['2020-01-02T03:04:05Z', 'Time', '2020-01-02 03:04:05 +0000'],
  ['2020-01-02T03:04:05+02:30', 'Time', '2020-01-02 00:34:05 +0000'],
  ['2020-01-02t03:04:05.25-1', 'Time', '2020-01-02 04:04:05 +0000'],
  ['2020-01-02T33:04:05Z', 'String', '2020-01-02T33:04:05Z'],
  [':sym', 'String', ':sym'],
  ['alice', 'String', 'alice'],
  ['1'.repeat(200), 'String', '1'.repeat(200)],
];

describe('typeOfPlain', () => {
  for (const [text, type] of table) {
    it(`takes '${text.slice(0, 40)}' for a ${type}`, () => {
      assert.equal(typeOfPlain(text), type);
    });
  }
});

describe('textOfPlain', () => {
  for (const [text, type, stored] of table) {
    it(`stores '${text.slice(0, 40)}' as '${stored.slice(0, 40)}'`, () => {
      assert.equal(textOfPlain(text, type), stored);
    });
  }
});
