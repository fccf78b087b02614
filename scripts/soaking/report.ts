import { shownViolation, type Violation } from '../../test/support/history/operations.ts';
import type { SoakResult } from './soak.ts';

const shownViolations = 20;
const shownOfOne = 2;

/** A soak in words: what was done, what went wrong. */
export function reportOf(result: SoakResult): string {
  const { options, answers, counts, violations, residentMb } = result;
  const total = (statuses: ReadonlyMap<string, number>): number =>
    [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const rows = [...answers]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, statuses]) => {
      const parts = [...statuses].sort().map(([status, count]) => `${status}: ${String(count)}`);
      return `  ${name.padEnd(26)}${String(total(statuses)).padStart(8)}   ${parts.join(', ')}`;
    });
  const operations = [...answers.values()].reduce((sum, statuses) => sum + total(statuses), 0);
  return [
    `${options.topology}: ${String(options.seconds)} s, ${String(options.clients)} clients, faults ${options.faults}, seed ${String(options.seed)}`,
    ...rows,
    `  operations ${String(operations)}; compared reads and writes ${String(counts.operations)} of ${String(counts.registers)} registers; secret reads found in the audit ${String(result.secretReads)}`,
    `  faults ${String(result.faults)}, writes of unknown outcome ${String(counts.unknown)}`,
    `  memory ${String(residentMb.warm)} MiB when warm, ${String(residentMb.end)} MiB in the end`,
    `  ${result.answersPerSecond.toFixed(0)} answers/s, p50 ${result.p50Ms.toFixed(1)} ms, p99 ${result.p99Ms.toFixed(1)} ms`,
    ...firstOfEach(violations)
      .slice(0, shownViolations)
      .map((violation) => `  VIOLATION ${shownViolation(violation)}`),
    `  violations ${String(violations.length)}`,
    '',
  ].join('\n');
}

/** A fault shows in many answers: the first tell enough. */
function firstOfEach(violations: readonly Violation[]): readonly Violation[] {
  const seen = new Map<string, number>();
  return violations.filter(({ register }) => {
    const count = (seen.get(register) ?? 0) + 1;
    seen.set(register, count);
    return count <= shownOfOne;
  });
}
