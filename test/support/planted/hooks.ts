/** Root hooks of the whole run: it fails when a planted secret is in any log or audit record. */
import assert from 'node:assert/strict';
import { planted } from './planted.ts';

export const mochaHooks = {
  afterAll(): void {
    const found = planted.leaks().map(({ origin, what, form }) => `${what} is in ${origin}, ${form}`);
    const { secrets, bytes } = planted.size;
    process.stdout.write(
      `  ${String(secrets)} secrets in ${String(bytes)} bytes of logs: ${String(found.length)}\n`,
    );
    assert.deepEqual([...new Set(found)], [], 'secrets in logs or audit records');
  },
};
