/**
 * Loaded before anything else into a process (`node --import`): shifts its clock by the milliseconds that a file
 * says, which may change at any time. Timers and `performance.now` go on as they are, as with a clock that is set.
 */
import { readFileSync, statSync } from 'node:fs';

const path = process.env['TEST_CLOCK_FILE'] ?? '';
const RealDate = Date;
const realNow = Date.now.bind(Date);
let readAt = -Infinity;
let changedAt = -1;
let shiftMs = 0;

function shift(): number {
  // Often enough to be at once for a test, and rare enough not to be felt.
  if (performance.now() - readAt < 5) return shiftMs;
  readAt = performance.now();
  const { mtimeMs } = statSync(path);
  if (mtimeMs !== changedAt) {
    changedAt = mtimeMs;
    shiftMs = Number(readFileSync(path, 'utf8'));
  }
  return shiftMs;
}

class ShiftedDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(realNow() + shift());
    else super(...(args as [number]));
  }

  static override now(): number {
    return realNow() + shift();
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
