/** `latchkey data-key`: looks after the keys that everything secret in the store is sealed under. */
import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { addCommand, addGroup, outputOf } from './command.ts';
import { onKeys } from './keys-on-store.ts';
import { plain } from './answers.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, remark } from './terminal.ts';

const flagsArgument = ['[flags...]', 'settings of the service that say where the store is'] as const;
const dataKeyBytes = 32;
const defaultAnswerWaitSeconds = 5;
const defaultRecordsPerSecond = 2_000;
const msBetweenProgress = 2_000;

export function addDataKey(program: Command, terminal: Terminal): void {
  const group = addGroup(
    program,
    'data-key',
    'Look after the data key of a store, while services run on it.',
  );
  addCommand(group, 'generate', 'Print a new data key. Nothing is changed.').action(
    (_options: unknown, command: Command) => {
      generate(terminal, command);
    },
  );
  addCommand(
    group,
    'status',
    'Show which data keys there are, what is sealed under each, and who holds them.',
  )
    .option('--wait-seconds <n>', 'how long to wait for the answers of processes', atLeast(1), 3)
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((flags: readonly string[], options: WaitOptions, command: Command) =>
      status(terminal, flags, options, command),
    );
  addCommand(group, 'rotate', 'Seal everything under a new data key, and give up the old one.')
    .option(
      '--wait-seconds <n>',
      'how long to wait for the answers of processes, several times',
      atLeast(1),
      defaultAnswerWaitSeconds,
    )
    .option(
      '--rate <n>',
      'how many records a second to seal anew at most',
      atLeast(1),
      defaultRecordsPerSecond,
    )
    .argument(...flagsArgument)
    .allowUnknownOption()
    .action((flags: readonly string[], options: RotateOptions, command: Command) =>
      rotate(terminal, flags, options, command),
    );
}

interface WaitOptions {
  readonly waitSeconds: number;
}

interface RotateOptions extends WaitOptions {
  readonly rate: number;
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number from ${String(least)} on`);
    return value;
  };
}

function generate(terminal: Terminal, command: Command): void {
  const key = randomBytes(dataKeyBytes).toString('base64');
  if (outputOf(command) === 'json') printJson(terminal, { data_key: key });
  else printLine(terminal, key);
}

async function status(
  terminal: Terminal,
  flags: readonly string[],
  { waitSeconds }: WaitOptions,
  command: Command,
): Promise<void> {
  const found = await onKeys(terminal, flags, 'the data keys cannot be shown', (keys) =>
    keys.dataKeysStatus(waitSeconds * 1_000),
  );
  if (outputOf(command) === 'json') {
    const { keys, processes, rotatingTo } = found;
    printJson(terminal, {
      keys,
      processes,
      ...(rotatingTo === undefined ? {} : { rotating_to: rotatingTo }),
    });
    return;
  }
  for (const { id, seals, held, values } of found.keys) {
    const role = seals ? 'seals' : 'opens';
    printLine(terminal, `${id}  ${held ? role : 'missing'}  ${String(values)} values`);
  }
  for (const { name, seals, holds } of found.processes) {
    printLine(terminal, `${plain(name)}: seals under ${plain(seals)}, holds ${holds.map(plain).join(' ')}`);
  }
  if (found.processes.length === 0) printLine(terminal, 'No running process answered.');
  if (found.rotatingTo !== undefined) {
    printLine(
      terminal,
      `A rotation to ${plain(found.rotatingTo)} is not finished; latchkey data-key rotate goes on.`,
    );
  }
}

async function rotate(
  terminal: Terminal,
  flags: readonly string[],
  { waitSeconds, rate }: RotateOptions,
  command: Command,
): Promise<void> {
  let saidAt = performance.now();
  const { rotated, keyFile } = await onKeys(
    terminal,
    flags,
    'the data key was not rotated',
    async (keys) => ({
      keyFile: keys.keyFile,
      rotated: await keys.rotateDataKey({
        answerWaitMs: waitSeconds * 1_000,
        recordsPerSecond: rate,
        onStep: (step) => {
          remark(terminal, step);
        },
        onProgress: ({ seen, resealed }) => {
          if (performance.now() - saidAt < msBetweenProgress) return;
          saidAt = performance.now();
          remark(terminal, `${String(resealed)} values sealed anew, ${String(seen)} looked at`);
        },
      }),
    }),
  );
  for (const name of rotated.damaged)
    remark(terminal, `warning: no key opens ${plain(name)}; it is left as it is`);
  const { keyId, retired, resealed, damaged } = rotated;
  if (outputOf(command) === 'json') {
    printJson(terminal, { data_key_id: keyId, retired, resealed, damaged });
    return;
  }
  printLine(
    terminal,
    `Everything is sealed under the data key ${keyId}: ${String(resealed)} values were sealed anew.`,
  );
  if (retired.length === 0) return;
  const gone = retired.join(', ');
  printLine(
    terminal,
    keyFile === undefined
      ? `Take ${gone} out of LATCHKEY_DATA_KEY of every process when you restart it next.`
      : `${gone} is now in ${plain(keyFile)}.retired; take it out of the files of other machines, too.`,
  );
  printLine(
    terminal,
    'Backups that were made under it open with nothing else: move it to where you keep their keys.',
  );
}
