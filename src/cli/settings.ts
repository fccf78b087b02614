/**
 * Which server and account the commands talk to: the environment, then the file that
 * `latchkey init` writes.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { YAMLException, dump, load } from 'js-yaml';
import { z } from 'zod';
import type { ClientVariable } from '../config/client-variables.ts';
import { clientVariables } from '../config/client-variables.ts';
import { CommandError } from './exit-codes.ts';
import { configFolder, readNamedFile, readOwnFile, writeOwnFile } from './files.ts';
import type { Terminal } from './terminal.ts';

export interface ClientSettings {
  readonly url: URL;
  readonly account: string;
  /** PEM certificates to trust instead of those that Node.js does. */
  readonly ca?: string;
}

/** The file's keys are those of `~/.conjurrc`. */
const fileForm = z.object({
  appliance_url: z.string().optional(),
  account: z.string().optional(),
  cert_file: z.string().optional(),
  insecure: z.boolean().optional(),
});

export type SettingsFile = z.output<typeof fileForm>;

/** The value of a client variable: Latchkey's name before Conjur's; empty counts as unset. */
export function variableOf(terminal: Terminal, variable: ClientVariable): string | undefined {
  return clientVariables[variable].map((name) => terminal.env[name] ?? '').find((text) => text !== '');
}

function settingsPath(terminal: Terminal): string {
  return join(configFolder(terminal), 'client.yml');
}

/**
 * @throws CommandError `usage`: no server or account is known, or what is known cannot be used
 * @throws CommandError `files`: the settings file cannot be read
 */
export async function readSettings(terminal: Terminal): Promise<ClientSettings> {
  const file = await readFile(terminal);
  const url = variableOf(terminal, 'url') ?? file.appliance_url;
  const account = variableOf(terminal, 'account') ?? file.account;
  if (url === undefined || account === undefined) {
    const missing = url === undefined ? 'server' : 'account';
    throw new CommandError(
      'usage',
      `no ${missing} is known. Run: latchkey init -u URL -a ACCOUNT, or set LATCHKEY_URL and LATCHKEY_ACCOUNT`,
    );
  }
  const insecure = variableOf(terminal, 'insecure')?.toLowerCase() === 'true' || file.insecure === true;
  const certFile = variableOf(terminal, 'certFile') ?? file.cert_file;
  const settings = { url: parseUrl(url, { insecure }), account };
  return certFile === undefined ? settings : { ...settings, ca: await readCa(terminal, certFile) };
}

async function readFile(terminal: Terminal): Promise<SettingsFile> {
  const path = settingsPath(terminal);
  const text = await readOwnFile(path, { secret: false });
  if (text === undefined) return {};
  try {
    const result = fileForm.safeParse(load(text));
    if (result.success) return result.data;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
  }
  throw new CommandError('files', `${path} is damaged. Run: latchkey init`);
}

export async function writeSettings(terminal: Terminal, settings: SettingsFile): Promise<string> {
  const path = settingsPath(terminal);
  await writeOwnFile(path, dump(settings));
  return path;
}

/**
 * Reads a server's URL.
 * @param insecure whether plain http to another machine is accepted
 * @throws CommandError `usage`
 */
export function parseUrl(text: string, { insecure }: { readonly insecure: boolean }): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CommandError('usage', 'the URL of the server must start with https:// or http://');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CommandError('usage', 'the URL of the server must have no user, password, query or fragment');
  }
  if (url.protocol === 'http:' && !insecure && !isLoopback(url.hostname)) {
    throw new CommandError(
      'usage',
      `${url.origin} is plain http: credentials and secrets would cross the network in the clear. ` +
        `Use https, or accept that with: latchkey init --insecure, or LATCHKEY_INSECURE=true`,
    );
  }
  return url;
}

/** The unspecified addresses are here because a service that listens on all addresses prints them. */
const thisMachine = new Set(['localhost', '::1', '::', '0.0.0.0']);

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return thisMachine.has(host) || (isIP(host) === 4 && host.startsWith('127.'));
}

/** @throws CommandError `usage`: it cannot be read, or holds no certificate */
export async function readCa(terminal: Terminal, path: string): Promise<string> {
  const text = (await readNamedFile(terminal, path)).toString('utf8');
  try {
    new X509Certificate(text);
  } catch (error) {
    throw new CommandError('usage', `${path} holds no certificate in PEM form`, error);
  }
  return text;
}
