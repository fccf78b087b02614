/** Who the user is, for each server and account: kept in a file that nobody else may read. */
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { CommandError } from './exit-codes.ts';
import { configFolder, readOwnFile, writeOwnFile } from './files.ts';
import type { ClientSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';

const apiKeyForm = z.object({ kind: z.literal('api-key'), login: z.string(), api_key: z.string() });
const tokenForm = z.object({
  kind: z.literal('access-token'),
  login: z.string(),
  /** As it stands in the Authorization header: base64. */
  token: z.string(),
  /** Seconds since 1970-01-01T00:00:00Z. */
  expires_at: z.number(),
});
const credentialsForm = z.discriminatedUnion('kind', [apiKeyForm, tokenForm]);

/** An API key, which gives access tokens, or one access token without it. */
export type Credentials = z.output<typeof credentialsForm>;

/** Keyed by URL and account, so that no server is ever sent what belongs to another. */
const fileForm = z.object({ credentials: z.record(z.string(), credentialsForm) });

function credentialsPath(terminal: Terminal): string {
  return join(configFolder(terminal), 'credentials.json');
}

function keyOf({ url, account }: ClientSettings): string {
  return `${url.origin}${url.pathname.replace(/\/+$/, '')} ${account}`;
}

async function readAll(terminal: Terminal): Promise<Readonly<Record<string, Credentials>>> {
  const path = credentialsPath(terminal);
  const text = await readOwnFile(path, { secret: true });
  if (text === undefined) return {};
  const result = fileForm.safeParse(parseJson(text));
  if (result.success) return result.data.credentials;
  throw new CommandError('files', `${path} is damaged. Remove it and log in again`);
}

/** @throws CommandError `files`: the file cannot be read, or others may read it */
export async function readCredentials(
  terminal: Terminal,
  settings: ClientSettings,
): Promise<Credentials | undefined> {
  const all = new Map(Object.entries(await readAll(terminal)));
  return all.get(keyOf(settings));
}

/**
 * Keeps credentials, or with undefined forgets them.
 * @throws CommandError `files`
 */
export async function writeCredentials(
  terminal: Terminal,
  settings: ClientSettings,
  credentials: Credentials | undefined,
): Promise<void> {
  const all = new Map(Object.entries(await readAll(terminal)));
  if (credentials === undefined) all.delete(keyOf(settings));
  else all.set(keyOf(settings), credentials);
  const document = { credentials: Object.fromEntries(all) };
  await writeOwnFile(credentialsPath(terminal), `${JSON.stringify(document, undefined, 2)}\n`);
}
