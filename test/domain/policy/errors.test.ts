import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { refusal } from './meaning.ts';

const folder = 'test/fixtures/policies/errors';

/** A fixture says in its head comments where it is wrong, and what is to be said about it. */
function expectation(text: string): { title: string; line: number; column: number; message: string } {
  const [, title = '', line, column, message = ''] =
    /^# (.*)\n# line: (\d+)\n# column: (\d+)\n# message: (.*)\n/.exec(text) ?? [];
  return { title, line: Number(line), column: Number(column), message };
}

describe('a policy text that is wrong', () => {
  const files = readdirSync(folder);

  it('has a fixture for each way to be wrong', () => {
    assert.ok(files.length > 150);
  });

  for (const file of files) {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    const { title, line, column, message } = expectation(text);
    it(`is refused where it is wrong, with what to write: ${title} (${file})`, () => {
      const error = refusal(text);
      assert.equal(error.code, 'POLICY_INVALID');
      assert.equal(error.detail, message);
      assert.deepEqual(error.at, { line, column });
    });
  }
});
