/** Whether every secret that was handed out has its audit record. */
import { readFile } from 'node:fs/promises';
import type { Violation } from './operations.ts';

/** A secret read that was answered with 200. */
interface AnsweredRead {
  readonly requestId: string;
  /** Full id: `acct:variable:x`. */
  readonly variable: string;
  /** Where the request named one. */
  readonly version: number | undefined;
}

/**
 * The secret reads that clients were answered. Keep each 200, then ask for those without a
 * record:
 *
 * ```ts
 * const reads = new SecretReads();
 * reads.answered(answer, 'acct:variable:x');
 * assert.deepEqual(await reads.unaudited([first.auditFile, second.auditFile]), []);
 * ```
 */
export class SecretReads {
  readonly #reads: AnsweredRead[] = [];

  /** Keeps an answer with status 200; others are no reads. A batch names all its variables. */
  answered(
    answer: { readonly status: number; readonly headers: { get(name: string): string | null } },
    variables: string | readonly string[],
    version?: number,
  ): void {
    if (answer.status !== 200) return;
    const requestId = answer.headers.get('x-request-id') ?? '';
    for (const variable of [variables].flat()) this.#reads.push({ requestId, variable, version });
  }

  get count(): number {
    return this.#reads.length;
  }

  /** @param files the audit files (RFC 5424) of all processes; rotated ones, too */
  async unaudited(files: readonly string[]): Promise<readonly Violation[]> {
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    return this.unauditedIn(texts.flatMap((text) => text.split('\n')));
  }

  /** @param lines records as RFC 5424 */
  unauditedIn(lines: readonly string[]): readonly Violation[] {
    const records = new Map<string, number>();
    for (const line of lines) {
      const key = recordedRead(line);
      if (key !== undefined) records.set(key, (records.get(key) ?? 0) + 1);
    }
    const violations: Violation[] = [];
    for (const read of this.#reads) {
      const key = keyOf(read.requestId, read.variable, read.version);
      const left = records.get(key) ?? 0;
      if (left > 0) {
        records.set(key, left - 1);
        continue;
      }
      const what = read.version === undefined ? read.variable : `version ${read.version} of ${read.variable}`;
      violations.push({
        register: read.variable,
        message: `request ${read.requestId || '(without an id)'} was answered with ${what}, and nothing recorded it`,
        recent: [],
      });
    }
    return violations;
  }
}

const fetched =
  /^<\d+>1 \S+ \S+ conjur (\S+) fetch .*\[subject@43868 resource="([^"]*)"(?: version="(\d+)")?\].*result="success" operation="fetch"\]/;

function recordedRead(line: string): string | undefined {
  const match = fetched.exec(line);
  if (match === null) return undefined;
  const [, requestId = '', variable = '', version] = match;
  return keyOf(requestId, variable, version === undefined ? undefined : Number(version));
}

function keyOf(requestId: string, variable: string, version: number | undefined): string {
  return `${requestId} ${variable} ${version ?? ''}`;
}
