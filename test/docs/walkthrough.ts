/**
 * Runs a tutorial as a newcomer would, in a folder that looks like a fresh clone, and compares
 * what its commands print with what it shows.
 *
 * A block fenced as `sh` holds commands; the `output` block after it shows what they print, and
 * without one they print nothing. `…` stands for the rest of a line or part of it, alone on a
 * line for any lines. A block fenced as `sh server` goes on running in a terminal of its own, until
 * the end, where it is stopped with Ctrl-C.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temp.ts';

export interface Step {
  readonly heading: string;
  /** Where its commands begin in the page. */
  readonly line: number;
  readonly commands: string;
  readonly keepsRunning: boolean;
  /** What it prints, as shown. */
  readonly output: string;
}

/** The steps of a page, in order. */
export function stepsOf(page: string): readonly Step[] {
  const steps: Step[] = [];
  let heading = '';
  for (const match of page.matchAll(/^#+ (.*)$|^```(\S*)(.*)\n((?:(?!```).*\n)*)```$/gm)) {
    const [, title, language, note = '', text = ''] = match;
    if (title !== undefined) heading = title;
    const last = steps.at(-1);
    if (language === 'output' && last !== undefined) {
      assert.equal(last.output, '', `two outputs for one block, in "${heading}"`);
      steps[steps.length - 1] = { ...last, output: text };
    } else if (language === 'sh') {
      const line = page.slice(0, match.index).split('\n').length + 1;
      steps.push({ heading, line, commands: text, keepsRunning: note.trim() === 'server', output: '' });
    }
  }
  return steps;
}

/** What matches an output as it is shown. */
export function patternOf(shown: string): string {
  const lines = shown.trimEnd().split('\n');
  return lines
    .map((line) =>
      line.trim() === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(escaped).join('.*')}[ \\t]*\\n`,
    )
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

const mark = '--end-of-step--';

/** One bash for all commands, so that variables and aliases of one step are there in the next. */
const shellLoop = `shopt -s expand_aliases
while read -r file; do eval "$(cat "$file")" </dev/null 2>&1; printf '\\n${mark} %s\\n' $?; done`;

export class Walkthrough {
  readonly #directory = temporaryDirectory();
  readonly #folder = this.#directory.path;
  readonly #ports: ReadonlyMap<string, string>;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #servers: ChildProcessWithoutNullStreams[] = [];
  readonly #shell: ChildProcessWithoutNullStreams;
  #stepCount = 0;
  #failedAt: number | undefined;

  private constructor(ports: ReadonlyMap<string, string>) {
    this.#ports = ports;
    copyClone(this.#folder);
    const home = join(this.#folder, 'home');
    mkdirSync(home);
    this.#environment = {
      PATH: process.env['PATH'],
      HOME: home,
      LATCHKEY_PORT: ports.get('8080'),
      ISSUER_PORT: ports.get('8090'),
      APPLICATION_PORT: ports.get('8100'),
    };
    this.#shell = this.#spawn(['-c', shellLoop]);
  }

  /** @param programs what the page says is needed; a missing one is named in the error */
  static async open(programs: readonly string[]): Promise<Walkthrough> {
    for (const program of ['bash', ...programs]) {
      const { error } = spawnSync(program, ['--version']);
      if (error !== undefined) throw new Error(`the tutorial needs ${program}, which is not installed here`);
    }
    return new Walkthrough(
      new Map([
        ['8080', String(await freePort())],
        ['8090', String(await freePort())],
        ['8100', String(await freePort())],
      ]),
    );
  }

  /** @throws AssertionError it printed something else, or failed; no step runs after one that failed */
  async run(step: Step): Promise<void> {
    if (this.#failedAt !== undefined) throw new Error(`line ${this.#failedAt} failed before this`);
    this.#failedAt = step.line;
    await this.#follow(step);
    this.#failedAt = undefined;
  }

  async #follow(step: Step): Promise<void> {
    const where = `line ${step.line}: ${step.commands}`;
    const pattern = patternOf(this.#adapted(step.output));
    if (step.keepsRunning) {
      const server = this.#spawn(['-c', this.#adapted(step.commands)]);
      this.#servers.push(server);
      await printed(server, new RegExp(`^${pattern}`, 'm'), where);
      return;
    }
    this.#stepCount += 1;
    const file = join(this.#folder, 'home', `step-${this.#stepCount}`);
    writeFileSync(file, this.#adapted(step.commands));
    const output = printed(this.#shell, new RegExp(`\\n${mark} (\\d+)\\n`), where);
    this.#shell.stdin.write(`${file}\n`);
    const [text = '', code] = (await output).split(`\n${mark} `);
    // Not every value ends in a newline; whether one is there does not show on the page.
    assert.match(`${text.trimEnd()}\n`, new RegExp(`^${pattern === '' ? '\\n' : pattern}$`), where);
    assert.equal(code?.trim(), '0', `exit code of ${where}`);
  }

  /** An address of the page as it is here. */
  addressOf(shown: string): string {
    return this.#adapted(shown);
  }

  /** What is in a file that the steps made. */
  read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }

  /** Ctrl-C in every terminal. */
  async stop(): Promise<readonly (number | null)[]> {
    const codes = await Promise.all(this.#servers.splice(0).map((server) => interrupt(server)));
    this.#shell.stdin.end();
    if (this.#shell.exitCode === null) await once(this.#shell, 'exit');
    return codes;
  }

  async close(): Promise<void> {
    await this.stop();
    this.#directory.remove();
  }

  #adapted(text: string): string {
    return text.replace(/127\.0\.0\.1:(\d+)/g, (whole, port: string) => {
      const free = this.#ports.get(port);
      return free === undefined ? whole : `127.0.0.1:${free}`;
    });
  }

  #spawn(args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn('bash', args, { cwd: this.#folder, env: this.#environment, detached: true });
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    return child;
  }
}

async function interrupt(server: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (server.exitCode !== null || server.pid === undefined) return server.exitCode;
  const exited = once(server, 'exit');
  process.kill(-server.pid, 'SIGINT');
  const [code] = (await exited) as [number | null];
  return code;
}

/** Waits until a process has printed what is expected; answers everything it printed since the call. */
async function printed(
  child: ChildProcessWithoutNullStreams,
  expected: RegExp,
  where: string,
): Promise<string> {
  let text = '';
  child.stdout.setEncoding('utf8');
  return new Promise((resolvePrinted, reject) => {
    const settle = (act: () => void): void => {
      child.stdout.off('data', read);
      child.off('close', ended);
      act();
    };
    const read = (part: string): void => {
      text += part;
      if (expected.test(text))
        settle(() => {
          resolvePrinted(text);
        });
    };
    const ended = (): void => {
      settle(() => {
        reject(new Error(`ended without what was expected: ${where}\n${text}`));
      });
    };
    child.stdout.on('data', read);
    child.once('close', ended);
  });
}

/** What a clone has once it is built; the build is the one that this test belongs to. */
function copyClone(folder: string): void {
  for (const name of ['scripts', 'policies']) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  symlinkSync(fileURLToPath(new URL('../..', import.meta.url)), join(folder, 'build'));
  const prepare = join(folder, 'scripts', 'prepare');
  writeFileSync(prepare, '#!/usr/bin/env bash\n');
  chmodSync(prepare, 0o755);
}
