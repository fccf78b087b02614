import { readFileSync } from 'node:fs';

/** What a process has in memory now, in bytes, as Linux tells it. */
export function residentBytes(pid: number): number {
  const text = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1_024;
}
