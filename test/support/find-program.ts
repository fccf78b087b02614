import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The first of these programs that can be run, from the folders of PATH and then from those given.
 * @returns its path; undefined where there is none
 */
export function findProgram(names: readonly string[], folders: readonly string[] = []): string | undefined {
  const everywhere = [...(process.env['PATH'] ?? '').split(delimiter), ...folders];
  return names.flatMap((name) => everywhere.map((folder) => join(folder, name))).find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
