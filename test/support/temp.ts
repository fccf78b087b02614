import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const live = new Set<string>();

process.on('exit', () => {
  for (const path of live) rmSync(path, { recursive: true, force: true });
});

/** Makes an empty directory that only this user can enter; what is not removed goes when the process exits. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-'));
  live.add(path);
  return {
    path,
    remove: () => {
      live.delete(path);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
