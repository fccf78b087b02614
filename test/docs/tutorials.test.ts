import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Walkthrough, patternOf, stepsOf } from './walkthrough.ts';

const tutorials = [
  { page: 'docs/tutorial-cli.md', programs: [] },
  { page: 'docs/tutorial-curl.md', programs: ['curl'] },
];

for (const { page, programs } of tutorials) {
  describe(page, function () {
    this.timeout(60_000);
    let walkthrough: Walkthrough;

    before(async () => {
      walkthrough = await Walkthrough.open(programs);
    });
    after(() => walkthrough.close());

    for (const step of stepsOf(readFileSync(page, 'utf8'))) {
      it(`prints what it shows: ${step.heading}, line ${step.line}`, () => walkthrough.run(step));
    }

    it('ends with Ctrl-C in each terminal', async () => {
      assert.deepEqual(await walkthrough.stop(), [0, 0]);
    });
  });
}

describe('a tutorial', () => {
  it('says which program is missing', async () => {
    await assert.rejects(
      Walkthrough.open(['no-such-program']),
      /needs no-such-program, which is not installed/,
    );
  });
});

describe('the steps of a tutorial', () => {
  it('are the blocks of commands, each with the output that follows it', () => {
    const page =
      '# A\n\n```sh server\nrun\n```\n\n```output\nruns\n```\n\n## B\n\n```yml\n- x\n```\n\n```sh\ndo\n```\n';
    assert.deepEqual(stepsOf(page), [
      { heading: 'A', line: 4, commands: 'run\n', keepsRunning: true, output: 'runs\n' },
      { heading: 'B', line: 18, commands: 'do\n', keepsRunning: false, output: '' },
    ]);
  });

  it('take … for the rest of a line or part of it, and alone for any lines', () => {
    const pattern = new RegExp(`^${patternOf('a … c\n…\nend (1)')}$`);
    for (const text of ['a b c\nend (1)\n', 'a  c\nx\ny\nend (1)\n']) assert.match(text, pattern);
    for (const text of ['a b\nend (1)\n', 'a b c\nx\n', 'a b c d\nend (1)\n', 'a b c\nend 1\n'])
      assert.doesNotMatch(text, pattern);
  });
});
