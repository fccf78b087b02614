/** Settings of the service as files of a deployment name them. */
import assert from 'node:assert/strict';
import { clientVariables } from '../../src/config/client-variables.ts';
import { environmentNames, optionList } from '../../src/config/options.ts';

const known = new Set<string>([
  ...optionList.flatMap(([, option]) => environmentNames(option)),
  ...Object.values(clientVariables).flat(),
]);

/** Fails unless every setting that a text names is one, and at least one is named. */
export function assertKnownSettings(text: string): void {
  const named = text.match(/LATCHKEY_[A-Z_]*[A-Z]/g) ?? [];
  // That of the example stands for all.
  const unknown = named.filter((name) => !known.has(name) && name !== 'LATCHKEY_NAME');
  assert.ok(named.length > 0);
  assert.deepEqual(unknown, []);
}
