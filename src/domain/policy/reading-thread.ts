/** The thread that reads one large policy text: a fresh one, as the YAML parser is fastest there. */
import { parentPort, workerData } from 'node:worker_threads';
import { LatchkeyError } from '../errors.ts';
import { packMeaning } from './meaning-parcel.ts';
import { parsePolicy } from './parse.ts';
import { resolvePolicy } from './resolve.ts';
import type { ReadingAnswer, ReadingTask } from './reading.ts';
import type { Statement } from './statements.ts';

const { text, limits, branch } = workerData as ReadingTask;

function answer(): ReadingAnswer {
  let statements: readonly Statement[];
  try {
    statements = parsePolicy(text, limits);
  } catch (error) {
    return { faultOf: 'text', fault: faultOf(error) };
  }
  try {
    return { parcel: packMeaning(resolvePolicy(statements, branch)) };
  } catch (error) {
    return { faultOf: 'meaning', fault: faultOf(error) };
  }
}

function faultOf(error: unknown): Extract<ReadingAnswer, { fault: unknown }>['fault'] {
  if (!(error instanceof LatchkeyError)) throw error;
  const { code, detail, subject, at, advice } = error;
  return {
    code,
    context: {
      ...(detail === undefined ? {} : { detail }),
      ...(subject === undefined ? {} : { subject }),
      ...(at === undefined ? {} : { at }),
      ...(advice === undefined ? {} : { advice }),
    },
  };
}

const message = answer();
parentPort?.postMessage(message, 'parcel' in message ? [message.parcel.numbers.buffer] : []);
