/** What happened to registers, in the order in which one process that made the load saw it. */

/** What a register holds; undefined where there is nothing (no such role, no value yet). */
export type Value = string | number | boolean | undefined;

/**
 * How a write ended. `unknown`: it may take effect or not, at any time until {@link Settled}: the
 * connection was lost, or the answer was a 5xx that does not say.
 */
export type WriteOutcome = 'acknowledged' | 'refused' | 'unknown';

export interface Write {
  readonly kind: 'write';
  readonly register: string;
  readonly value: Value;
  readonly outcome: WriteOutcome;
  /** Places in the order of all events: before the request was sent, and after its answer was read. */
  readonly invoked: number;
  readonly returned: number;
  /** The same in milliseconds, to be read by people and by {@link Doubt}. */
  readonly invokedMs: number;
  readonly returnedMs: number;
}

export interface Read {
  readonly kind: 'read';
  readonly register: string;
  readonly value: Value;
  /** The register was seen to hold something other than `value`: a key that was refused. */
  readonly other: boolean;
  readonly invoked: number;
  readonly returned: number;
  readonly invokedMs: number;
  readonly returnedMs: number;
}

export type Operation = Write | Read;

/** From here on nothing of unknown outcome that ended before takes effect any more, and no doubt remains. */
export interface Settled {
  readonly kind: 'settled';
  readonly at: number;
}

/** From here on until {@link Settled}, what was written since `sinceMs` may be lost though it was acknowledged. */
export interface Doubt {
  readonly kind: 'doubt';
  readonly at: number;
  readonly sinceMs: number;
}

export type Mark = Settled | Doubt;

/** An answer that no order of the acknowledged operations explains. */
export interface Violation {
  /** The register, or what else the promise was about. */
  readonly register: string;
  readonly message: string;
  /** What was done to the register just before, for whoever looks for the cause. */
  readonly recent: readonly Operation[];
}

export function shownValue(value: Value): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

export function shownOperation(operation: Operation): string {
  const span = `${operation.invokedMs.toFixed(1)}-${operation.returnedMs.toFixed(1)} ms`;
  const value = shownValue(operation.value);
  if (operation.kind === 'read') return `${span} read ${operation.other ? 'other than ' : ''}${value}`;
  return `${span} write ${value}: ${operation.outcome}`;
}

export function shownViolation(violation: Violation): string {
  const recent = violation.recent.map((operation) => `\n    ${shownOperation(operation)}`);
  return `${violation.register}: ${violation.message}${recent.join('')}`;
}
