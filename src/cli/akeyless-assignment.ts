import { parseJson } from '../parse-json.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import type { Terminal } from './terminal.ts';

export interface AssignmentOptions {
  readonly accessPermissionAssignment?: string;
  readonly permissionAssignmentFile?: string;
}

/**
 * Who may use an app, as JSON text; undefined where nothing is said.
 * @throws CommandError `usage`: said twice, not to be read, or no JSON array
 */
export async function assignmentOf(
  terminal: Terminal,
  { accessPermissionAssignment: text, permissionAssignmentFile: file }: AssignmentOptions,
): Promise<string | undefined> {
  if (text !== undefined && file !== undefined) {
    throw new CommandError(
      'usage',
      'only one of --access-permission-assignment and --permission-assignment-file can be given',
    );
  }
  if (file !== undefined) return arrayText((await readNamedFile(terminal, file)).toString('utf8'), file);
  return text === undefined ? undefined : arrayText(text, '--access-permission-assignment');
}

function arrayText(text: string, source: string): string {
  if (Array.isArray(parseJson(text))) return text;
  throw new CommandError('usage', `${source} holds no JSON array`);
}
