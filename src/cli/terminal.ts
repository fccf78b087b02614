/** What a command touches besides the server: arguments come apart from this. */
import type { Readable, Writable } from 'node:stream';
import { CommandError } from './exit-codes.ts';

export interface InputStream extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
}

export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
}

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Shows an address in the user's browser; absent where there is none. */
  openBrowser?(url: string): Promise<void>;
}

/** The most that a command reads from a file or from standard input. */
export const maxInputBytes = 64 * 1_024 * 1_024;

/** Writes a line for the user to read. */
export function printLine(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

/** Writes a value as JSON, indented. */
export function printJson(terminal: Terminal, value: unknown): void {
  printLine(terminal, JSON.stringify(value, undefined, 2));
}

/** Writes a line that is no result: a remark, a warning. */
export function remark(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text}\n`);
}

/**
 * Reads standard input to its end.
 * @throws CommandError `usage`: more than {@link maxInputBytes}
 */
export async function readInput(terminal: Terminal): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of terminal.stdin as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > maxInputBytes)
      throw new CommandError('usage', `standard input is over ${maxInputBytes} bytes`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** Reads a secret that is one line on standard input; the newline at its end is not part of it. */
export async function readInputLine(terminal: Terminal): Promise<string> {
  return (await readInput(terminal)).toString('utf8').replace(/\r?\n$/, '');
}

const enter = new Set(['\r', '\n', '\u0004']);
const erase = new Set(['\u0008', '\u007f']);
const interrupt = '\u0003';

/**
 * Asks for a secret on the terminal without showing what is typed.
 * @throws CommandError `interrupted`: Ctrl-C, or the terminal went away
 */
export async function promptSecret(terminal: Terminal, label: string): Promise<string> {
  const { stdin, stderr } = terminal;
  stderr.write(`${label}: `);
  stdin.setRawMode?.(true);
  try {
    return await typedLine(stdin);
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function typedLine(stdin: InputStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = [];
    const decoder = new TextDecoder();
    const settle = (act: () => void): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      act();
    };
    const interrupted = (): void => {
      settle(() => {
        reject(new CommandError('interrupted', 'interrupted'));
      });
    };
    const onEnd = interrupted;
    const onData = (bytes: Buffer): void => {
      for (const character of decoder.decode(bytes, { stream: true })) {
        if (character === interrupt) {
          interrupted();
          return;
        }
        if (enter.has(character)) {
          settle(() => {
            resolve(typed.join(''));
          });
          return;
        }
        if (erase.has(character)) typed.pop();
        else typed.push(character);
      }
    };
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}
