/** What workers and the process that looks after them tell each other. */
import type { Figures } from '../metrics/figures.ts';

/** A worker serves. */
export interface Started {
  readonly url: string;
  /** Set when this start made the account: where the administrator's API key was written. */
  readonly adminKeyFile: string | undefined;
  /** The certificate that the service made for itself, for clients to trust. */
  readonly selfSigned: { readonly path: string; readonly fingerprint: string } | undefined;
}

/** Why a worker could not start: how a process of its own would have ended, and what it would have said. */
export interface StartFault {
  readonly exit: string;
  readonly text: string;
}

export type FromWorker =
  | { readonly latchkey: 'started'; readonly started: Started }
  | { readonly latchkey: 'failed'; readonly fault: StartFault }
  /** Asks for the figures of all the others; its own are enclosed, to be kept if it dies. */
  | { readonly latchkey: 'figures-wanted'; readonly request: number; readonly own: Figures }
  /** Answers `collect`; without a request, the last figures before it ends. */
  | { readonly latchkey: 'figures'; readonly request: number | undefined; readonly figures: Figures };

export type ToWorker =
  | { readonly latchkey: 'collect'; readonly request: number }
  | { readonly latchkey: 'gathered'; readonly request: number; readonly figures: readonly Figures[] };

/** Whether a worker's message is one of these; libraries, too, send messages between processes. */
export function isFromWorker(message: unknown): message is FromWorker {
  return typeof message === 'object' && message !== null && 'latchkey' in message;
}

/** Whether a message to a worker is one of these. */
export function isToWorker(message: unknown): message is ToWorker {
  return typeof message === 'object' && message !== null && 'latchkey' in message;
}
