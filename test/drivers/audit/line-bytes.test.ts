import assert from 'node:assert/strict';
import { LineBytes } from '../../../src/drivers/audit/line-bytes.ts';

function textOf(bytes: LineBytes, lines: readonly string[], startsNewLine = false): string {
  const characters = lines.reduce((sum, line) => sum + line.length, 0);
  return Buffer.from(bytes.of(lines, characters, startsNewLine)).toString('utf8');
}

describe('LineBytes', () => {
  it('ends every line, whatever is in it', () => {
    const lines = ['plain', '', 'ümläut', '漢字', '😀'.repeat(1_000)];
    assert.equal(textOf(new LineBytes(), lines), `${lines.join('\n')}\n`);
  });

  it('starts a line where the file ends inside one', () => {
    assert.equal(textOf(new LineBytes(), ['one', 'two'], true), '\none\ntwo\n');
  });

  it('takes more than its buffer has, and fewer lines afterwards', () => {
    const bytes = new LineBytes();
    const many = Array.from({ length: 3_000 }, (_, index) => `${String(index)}漢`.padEnd(2_000, '語'));
    assert.equal(textOf(bytes, many), `${many.join('\n')}\n`);
    assert.equal(textOf(bytes, ['one']), 'one\n');
  });
});
