/**
 * Decides whether the history of one register is linearizable (Herlihy and Wing, 1990): whether each
 * operation can be given one instant between its request and its answer so that every read sees
 * what was written last.
 *
 * The method is just-in-time linearization (Lowe, "Testing for linearizability", 2017), a form of
 * Wing and Gong's search: events are taken in their order, and a set of configurations (the value of
 * the register, and which of the running operations have had their instant) stands for all
 * orders that are still possible. An operation gets its instant at the latest when it returns. Values
 * need not be unique. Of two configurations with the same value the one that has spent more writes
 * of unknown outcome is dropped: it can do nothing that the other cannot.
 *
 * The cost is linear in the length of the history, and exponential only in how many
 * acknowledged writes of one register run at the same time (some ten are fine).
 */
import {
  shownValue,
  type Mark,
  type Operation,
  type Read,
  type Value,
  type Violation,
  type Write,
} from './operations.ts';

interface Configuration {
  readonly value: Value;
  readonly done: ReadonlySet<Operation>;
}

type Event =
  | { readonly at: number; readonly kind: 'invoke' | 'return'; readonly operation: Operation }
  | { readonly at: number; readonly kind: 'mark'; readonly mark: Mark };

const recentOperations = 8;

/** @param operations of one register; refused writes may be among them, and must not be seen */
export function linearize(
  register: string,
  initial: Value,
  operations: readonly Operation[],
  marks: readonly Mark[] = [],
): readonly Violation[] {
  const search = new Search(initial);
  const violations: Violation[] = [];
  for (const event of eventsOf(operations, marks)) {
    if (event.kind === 'invoke') {
      search.invoke(event.operation);
    } else if (event.kind === 'mark') {
      if (event.mark.kind === 'settled') search.settle(event.at);
      else search.doubt(event.mark.sinceMs);
    } else if (!search.complete(event.operation)) {
      violations.push({
        register,
        message: messageOf(event.operation as Read, search.values(), initial, operations),
        recent: recentTo(event.operation, operations),
      });
    }
  }
  return violations;
}

function eventsOf(operations: readonly Operation[], marks: readonly Mark[]): readonly Event[] {
  const events: Event[] = marks.map((mark) => ({ at: mark.at, kind: 'mark', mark }));
  for (const operation of operations) {
    if (operation.kind === 'write' && operation.outcome === 'refused') continue;
    events.push({ at: operation.invoked, kind: 'invoke', operation });
    if (!isOptional(operation)) events.push({ at: operation.returned, kind: 'return', operation });
  }
  return events.sort((one, other) => one.at - other.at);
}

function isOptional(operation: Operation): boolean {
  return operation.kind === 'write' && operation.outcome === 'unknown';
}

function sees(read: Read, value: Value): boolean {
  return (read.value === value) !== read.other;
}

class Search {
  #configurations: readonly Configuration[];
  readonly #running = new Set<Operation>();
  /** Every value that the register may have had, and when; what a doubt may bring back. */
  readonly #trail: { readonly ms: number; readonly value: Value }[];
  #resurrectable: Set<Value> | undefined;

  constructor(initial: Value) {
    this.#configurations = [{ value: initial, done: new Set() }];
    this.#trail = [{ ms: -Infinity, value: initial }];
  }

  values(): readonly Value[] {
    return [...new Set(this.#configurations.map(({ value }) => value))];
  }

  invoke(operation: Operation): void {
    this.#running.add(operation);
  }

  /** What ended with an unknown outcome takes no effect any more. */
  settle(at: number): void {
    this.#resurrectable = undefined;
    const gone = [...this.#running].filter((each) => isOptional(each) && each.returned <= at);
    for (const operation of gone) this.#running.delete(operation);
    // Any of them may have been the last to take effect before now.
    const either = this.#configurations.flatMap((configuration) => [
      configuration,
      ...gone
        .filter((each) => each.kind === 'write' && !configuration.done.has(each))
        .map((write) => ({ value: write.value, done: configuration.done })),
    ]);
    this.#configurations = minimal(
      either.map(({ value, done }) => ({
        value,
        done: new Set([...done].filter((each) => this.#running.has(each))),
      })),
    );
  }

  /** Values since then, and the one that was there then, may come back. */
  doubt(sinceMs: number): void {
    const before = this.#trail.findLastIndex(({ ms }) => ms < sinceMs);
    // Values of one instant before that may each have been there.
    const first = this.#trail.findIndex(({ ms }) => ms === this.#trail[before]?.ms);
    this.#resurrectable = new Set(this.#trail.slice(Math.max(first, 0)).map(({ value }) => value));
  }

  /**
   * An operation has returned, so that it has had its instant.
   * @returns false for a read that nothing explains; it is then left out
   */
  complete(operation: Operation): boolean {
    const next = new Map<string, Configuration>();
    const ids = new Map<Operation, number>();
    const keyOf = ({ value, done }: Configuration): string => {
      const numbers = [...done].map((each) => {
        if (!ids.has(each)) ids.set(each, ids.size);
        return ids.get(each) ?? 0;
      });
      return `${typeof value}:${String(value)}|${numbers.sort((one, other) => one - other).join()}`;
    };
    const seen = new Set<string>();
    const open = [...this.#configurations];
    for (let current = open.pop(); current !== undefined; current = open.pop()) {
      const eager = this.#withReads(current);
      const key = keyOf(eager);
      if (seen.has(key)) continue;
      seen.add(key);
      if (eager.done.has(operation)) next.set(key, eager);
      else open.push(...this.#successors(eager));
    }
    this.#running.delete(operation);
    if (next.size === 0) return false;
    this.#configurations = minimal(
      [...next.values()].map(({ value, done }) => {
        const rest = new Set(done);
        rest.delete(operation);
        return { value, done: rest };
      }),
    );
    for (const value of this.values()) {
      this.#trail.push({ ms: operation.returnedMs, value });
      this.#resurrectable?.add(value);
    }
    return true;
  }

  /** A read changes nothing, so that it may as well happen as soon as it can. */
  #withReads({ value, done }: Configuration): Configuration {
    const reads = [...this.#running].filter(
      (each) => each.kind === 'read' && !done.has(each) && sees(each, value),
    );
    return reads.length === 0 ? { value, done } : { value, done: new Set([...done, ...reads]) };
  }

  #successors({ value, done }: Configuration): readonly Configuration[] {
    const waiting = [...this.#running].filter((each) => !done.has(each));
    const reads = waiting.filter((each) => each.kind === 'read');
    const wanted = (candidate: Value): boolean => reads.some((read) => sees(read, candidate));
    const writes = waiting.filter((each) => each.kind === 'write');
    const needed = writes.filter((write) => !isOptional(write));
    // Of those that may never happen the first of each value will do, and only for a read to see it.
    const optional = new Map<Value, Write>();
    for (const write of writes) {
      if (isOptional(write) && write.value !== value && wanted(write.value) && !optional.has(write.value))
        optional.set(write.value, write);
    }
    const back = [...(this.#resurrectable ?? [])].filter((each) => each !== value && wanted(each));
    return [
      ...[...needed, ...optional.values()].map((write) => ({
        value: write.value,
        done: new Set([...done, write]),
      })),
      ...back.map((each) => ({ value: each, done })),
    ];
  }
}

/** Without those that another one with the same value can stand for. */
function minimal(configurations: readonly Configuration[]): readonly Configuration[] {
  const kept: Configuration[] = [];
  const bySize = [...configurations].sort((one, other) => one.done.size - other.done.size);
  for (const candidate of bySize) {
    const stoodFor = kept.some(
      ({ value, done }) =>
        value === candidate.value &&
        [...done].every((each) => candidate.done.has(each)) &&
        [...candidate.done].every((each) => done.has(each) || isOptional(each)),
    );
    if (!stoodFor) kept.push(candidate);
  }
  return kept;
}

function messageOf(
  read: Read,
  possible: readonly Value[],
  initial: Value,
  operations: readonly Operation[],
): string {
  const expected = `it held ${possible.map(shownValue).join(' or ')}`;
  if (read.other) return `a read saw something other than ${shownValue(read.value)}, but ${expected}`;
  const writes = operations.filter((each) => each.kind === 'write' && each.value === read.value);
  const wrote = writes as readonly Write[];
  const saw = `a read saw ${shownValue(read.value)}`;
  if (wrote.length === 0 && read.value !== initial) return `${saw}, which was never written; ${expected}`;
  if (wrote.length > 0 && wrote.every(({ outcome }) => outcome === 'refused') && read.value !== initial)
    return `${saw}, a write that was refused; ${expected}`;
  if (wrote.length > 0 && wrote.every(({ invoked }) => invoked > read.returned))
    return `${saw} before it was written; ${expected}`;
  return `${saw}, which is not what was there: ${expected}`;
}

function recentTo(operation: Operation, operations: readonly Operation[]): readonly Operation[] {
  return operations
    .filter(({ invoked }) => invoked <= operation.returned)
    .sort((one, other) => one.returned - other.returned)
    .slice(-recentOperations);
}
