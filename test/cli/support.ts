/** A server that answers as told, and two ways to run a command against it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../src/cli/program.ts';

export interface SeenRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** What was asked, in order. */
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

export async function serve(handler: Handler, make: () => Server = createServer): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const server = make();
  server.on('request', (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const whole = { method, target: url, headers, body: Buffer.concat(parts) };
      seen.push(whole);
      handler(whole, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** Standard input fails with this error. */
  readonly brokenInput?: Error;
}

/** A home folder of its own, and commands run in it. */
export class TestHome {
  readonly path = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  readonly configFolder = join(this.path, '.config', 'latchkey');
  readonly credentials = join(this.configFolder, 'credentials.json');

  /** Runs a command in this process, without a terminal. */
  async run(args: readonly string[], { env = {}, input = '', brokenInput }: RunOptions = {}): Promise<Run> {
    const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
    if (brokenInput !== undefined) stdin.destroy(brokenInput).on('error', () => undefined);
    return this.#run(args, env, stdin, false);
  }

  /** Runs a command in this process as if typed at a terminal; raw says whether the echo was off for all of it. */
  async runAtTerminal(
    args: readonly string[],
    typed: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Run & { readonly rawModes: readonly boolean[] }> {
    const rawModes: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (on: boolean) => rawModes.push(on),
    });
    stdin.write(typed);
    return { ...(await this.#run(args, env, stdin, true)), rawModes };
  }

  async #run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    stdin: Readable,
    isTTY: boolean,
  ): Promise<Run> {
    const [out, err] = [collector(isTTY), collector(isTTY)];
    const terminal = { env, home: this.path, stdin, stdout: out.stream, stderr: err.stream };
    const code = await runProgram(args, terminal);
    const stdoutBytes = out.bytes();
    return { code, stdoutBytes, stdout: stdoutBytes.toString(), stderr: err.bytes().toString() };
  }

  /** Runs the program that is shipped, as a process of its own. */
  spawn(args: readonly string[], { env = {}, input = '' }: RunOptions = {}): Promise<Run> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [mainPath, ...args], {
        env: { PATH: process.env['PATH'], HOME: this.path, ...env },
        cwd: this.path,
      });
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (part: Buffer) => out.push(part));
      child.stderr.on('data', (part: Buffer) => err.push(part));
      child.on('error', reject);
      child.on('close', (code) => {
        const stdoutBytes = Buffer.concat(out);
        const texts = { stdout: stdoutBytes.toString(), stderr: Buffer.concat(err).toString() };
        resolve({ code: code ?? -1, stdoutBytes, ...texts });
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const mainPath = fileURLToPath(new URL('../../src/main.js', import.meta.url));

function collector(isTTY: boolean): { readonly stream: Writable & { isTTY: boolean }; bytes(): Buffer } {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(part);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), bytes: () => Buffer.concat(parts) };
}
