/** Reading a policy text: at once where it is small, in a thread of its own where the event loop would stand still. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { LatchkeyError, type ErrorCode, type ErrorContext } from '../errors.ts';
import { atOnce, inSlices } from '../slices.ts';
import type { PolicyLimits } from './limits.ts';
import { unpackMeaning, type MeaningParcel } from './meaning-parcel.ts';
import { parsePolicy } from './parse.ts';
import { resolvePolicy, type Branch } from './resolve.ts';
import type { ResolvedPolicy } from './statements.ts';

/** A text of this size takes some ten milliseconds, and to start a thread some fifty. */
const maxBytesAtOnce = 192 * 1024;

/** What the thread is given. */
export interface ReadingTask {
  readonly text: Uint8Array;
  readonly limits: Partial<PolicyLimits>;
  readonly branch: Branch;
}

/** What it answers. */
export type ReadingAnswer =
  | { readonly parcel: MeaningParcel }
  | {
      readonly faultOf: 'text' | 'meaning';
      readonly fault: { readonly code: ErrorCode; readonly context: ErrorContext };
    };

/** What a text means in a branch, or throws if it means nothing. */
export type Meaning = () => ResolvedPolicy;

/** A policy text that can be read; what it means depends on who owns the branch that it is loaded to. */
export interface ReadText {
  /** @throws LatchkeyError as `parsePolicy`; what `resolvePolicy` throws, the meaning does */
  meaningIn(branch: Branch): Promise<Meaning>;
}

/** @throws LatchkeyError as `parsePolicy`: now, or later where the text is large */
export function readText(text: Uint8Array, limits: Partial<PolicyLimits>): ReadText {
  if (text.byteLength > maxBytesAtOnce) return { meaningIn: (branch) => readApart(text, limits, branch) };
  const statements = parsePolicy(text, limits);
  return { meaningIn: async (branch) => () => resolvePolicy(statements, branch) };
}

let queue: Promise<unknown> = Promise.resolve();

/** One at a time: each takes a core and some hundred megabytes. */
async function readApart(text: Uint8Array, limits: Partial<PolicyLimits>, branch: Branch): Promise<Meaning> {
  const reading = queue.then(() => readInThread({ text, limits, branch }));
  queue = reading.catch(() => undefined);
  const answer = await reading;
  if ('parcel' in answer) {
    const resolved = await inSlices(unpackMeaning(answer.parcel));
    return () => resolved ?? atOnce(unpackMeaning(answer.parcel));
  }
  const { code, context } = answer.fault;
  if (answer.faultOf === 'text') throw new LatchkeyError(code, context);
  return () => {
    throw new LatchkeyError(code, context);
  };
}

async function readInThread(task: ReadingTask): Promise<ReadingAnswer> {
  const worker = new Worker(new URL('./reading-thread.js', import.meta.url), { workerData: task });
  const gone = once(worker, 'exit').then(() => {
    throw new LatchkeyError('INTERNAL', { detail: 'the thread that reads a policy ended without an answer' });
  });
  gone.catch(() => undefined);
  const [answer] = (await Promise.race([once(worker, 'message'), gone])) as [ReadingAnswer];
  return answer;
}
