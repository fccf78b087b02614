/** Root hooks of the whole run: it fails when a planted secret is in any log or audit record. */
import assert from 'node:assert/strict';
import { planted } from './planted.ts';

/** Some hundred megabytes take half a minute on a busy machine. */
const timeoutMs = 180_000;

export const mochaHooks = {
  afterAll(this: Mocha.Context): void {
    this.timeout(timeoutMs);
    const found = planted.leaks().map(({ origin, what, form }) => `${what} is in ${origin}, ${form}`);
    const { secrets, bytes } = planted.size;
    process.stdout.write(
      `\n  ${secrets} planted secrets looked for in ${bytes} bytes of logs and audit records\n`,
    );
    assert.deepEqual([...new Set(found)], [], 'secrets in logs or audit records');
  },
};
