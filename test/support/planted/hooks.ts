/** Closes the whole run, of all its processes: it fails when a planted secret is in any log or audit record. */
import assert from 'node:assert/strict';
import { planted } from './planted.ts';

/** Mocha calls this once, in its first process, after every file. */
export function mochaGlobalTeardown(): void {
  const { secrets, bytes, leaks } = planted.search();
  process.stdout.write(
    `\n  ${String(secrets)} planted secrets looked for in ${String(bytes)} bytes of logs and audit records\n`,
  );
  const found = leaks.map(({ origin, what, form }) => `${what} is in ${origin}, ${form}`);
  assert.deepEqual([...new Set(found)], [], 'secrets in logs or audit records');
}
