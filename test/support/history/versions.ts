/** Versions of a value: each has one value for ever, and they count in the order of the writes. */
import type { Operation, Value, Violation, Write } from './operations.ts';

export interface SeenVersion {
  readonly register: string;
  readonly version: number;
  readonly value: Value;
  readonly invokedMs: number;
  readonly returnedMs: number;
}

/** @param operations by register; the values of a register's writes are all different */
export function outOfOrder(
  versions: readonly SeenVersion[],
  operations: ReadonlyMap<string, readonly Operation[]>,
  initial: ReadonlyMap<string, Value>,
): readonly Violation[] {
  const violations: Violation[] = [];
  const byRegister = new Map<string, Map<number, Value>>();
  const report = (register: string, message: string): void => {
    violations.push({ register, message, recent: [] });
  };
  for (const { register, version, value } of versions) {
    const known = byRegister.get(register) ?? new Map<number, Value>();
    byRegister.set(register, known);
    if (known.has(version) && known.get(version) !== value) {
      const values = [known.get(version), value].map((each) => JSON.stringify(each)).join(' and ');
      report(register, `version ${String(version)} was seen with two values: ${values}`);
    }
    known.set(version, value);
  }
  for (const [register, known] of byRegister) {
    const writes = (operations.get(register) ?? []).filter((each) => each.kind === 'write');
    const ordered = [...known].sort(([one], [other]) => one - other);
    let latestInvoked = -Infinity;
    let latest: Write | undefined;
    for (const [version, value] of ordered) {
      const write = writes.find((each) => each.value === value && each.outcome !== 'refused');
      if (write === undefined) {
        if (value !== initial.get(register))
          report(register, `version ${String(version)} is ${JSON.stringify(value)}, which was not written`);
        continue;
      }
      if (write.outcome === 'acknowledged' && write.returned < latestInvoked)
        report(
          register,
          `version ${String(version)} is ${JSON.stringify(value)}, which was acknowledged before ` +
            `${JSON.stringify(latest?.value)} of an earlier version was sent`,
        );
      if (write.invoked > latestInvoked) {
        latestInvoked = write.invoked;
        latest = write;
      }
    }
  }
  return violations;
}
