/**
 * Reads the settings of `latchkey server`: a flag wins over the environment, that over the
 * configuration file, that over the default. Everything that is wrong is said at once.
 */
import { LatchkeyError } from '../domain/errors.ts';
import { suggestion } from './nearest.ts';
import { clientVariables } from './client-variables.ts';
import type { Given, GivenSettings, ReadFile } from './given.ts';
import type { Config, Option, Property } from './options.ts';
import { environmentNames, flagOf, optionList, options } from './options.ts';
import { readConfigFile } from './read-config-file.ts';
import { readFlags } from './read-flags.ts';
import { SecretSetting } from './secret-setting.ts';
import { isUserPassword, readUserPasswords } from './user-passwords.ts';

export interface LoadInput {
  /** The arguments that follow `server`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
}

export interface Loaded {
  readonly config: Config;
  /** What is odd but no reason not to start, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * @throws LatchkeyError `SETTING_INVALID`: its message has one line for each fault, which names
 *   the flag, variable or key and what was expected; no value is
 *   repeated but the configuration file's path and the type of an unknown authenticator
 */
export function loadConfig(input: LoadInput): Loaded {
  const faults: string[] = [];
  const warnings: string[] = [];
  const flags = readFlags(input.argv, faults);
  const environment = readEnvironment(input.env, warnings);
  const configFile = flags.get('configFile') ?? environment.get('configFile');
  const file = configFile === undefined ? undefined : readConfigFile(configFile, input.readFile, faults);

  const given = new Map<Property, Given>();
  for (const [property] of optionList) {
    const found = flags.get(property) ?? environment.get(property) ?? file?.get(property);
    if (found !== undefined) given.set(property, found);
  }
  const values = parseAll(given, faults);
  const password = readAdminPassword(given, input.readFile, faults);
  if (password !== undefined) values.set('adminPassword', password);
  if (faults.length === 0) faults.push(...contradictions(values, given));
  if (faults.length === 0) faults.push(...sharedSecrets(values, given, configFile, input.readFile));
  if (faults.length > 0) throw new LatchkeyError('SETTING_INVALID', { detail: faults.join('\n') });

  const userPasswords = readUserPasswords(input.env);
  const config = Object.freeze({ ...Object.fromEntries(values), userPasswords }) as unknown as Config;
  return { config, warnings: [...warnings, ...risks(config)] };
}

function readEnvironment(env: LoadInput['env'], warnings: string[]): GivenSettings {
  const given = new Map<Property, Given>();
  for (const [property, option] of optionList) {
    const found = environmentNames(option).filter((name) => (env[name] ?? '') !== '');
    const [first, ...others] = found;
    if (first === undefined) continue;
    given.set(property, { text: env[first] ?? '', origin: first, source: 'environment' });
    for (const other of others) {
      if (env[other] !== env[first]) warnings.push(`${other} is not used, because ${first} says otherwise`);
    }
  }
  const known = new Set([
    ...optionList.flatMap(([, option]) => environmentNames(option)),
    ...Object.values(clientVariables).flat(),
  ]);
  for (const name of Object.keys(env)) {
    if (!name.startsWith('LATCHKEY_') || known.has(name) || isUserPassword(name)) continue;
    warnings.push(`${name} is not a setting${suggestion(name, known)}`);
  }
  return given;
}

function parseAll(given: GivenSettings, faults: string[]): Map<Property, unknown> {
  const folder = given.get('dataFolder')?.text.trim() ?? options.dataFolder.fallback;
  const values = new Map<Property, unknown>();
  for (const [property, option] of optionList) {
    const found = given.get(property) ?? fallbackOf(option, folder);
    if (found === undefined) {
      values.set(property, undefined);
      continue;
    }
    const result = option.schema.safeParse(found.text);
    if (result.success) values.set(property, frozen(result.data));
    else faults.push(faultText(option, found, result.error.issues));
  }
  return values;
}

function fallbackOf(option: Option, dataFolder: string): Given | undefined {
  if (option.fallback === undefined) return undefined;
  const text = option.fallback.replace('<data>', () => dataFolder.replace(/(?<=.)\/+$/, ''));
  return { text, origin: `the default of ${option.name}`, source: 'default' };
}

function faultText(option: Option, given: Given, issues: readonly { readonly message: string }[]): string {
  const specific = option.name === 'authenticators' ? issues.map((issue) => issue.message) : [];
  return `${given.origin}: expected ${[option.limits, ...specific].join('; ')}`;
}

/** Settings are values: nobody changes a list or an address that everybody shares. */
function frozen(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.freeze(value) : value;
}

function readAdminPassword(
  given: GivenSettings,
  readFile: ReadFile,
  faults: string[],
): SecretSetting | undefined {
  const file = given.get('adminPasswordFile');
  if (file === undefined) return undefined;
  const password = given.get('adminPassword');
  if (password !== undefined) {
    faults.push(`${password.origin} and ${file.origin}: expected only one of them`);
    return undefined;
  }
  try {
    const text = readFile(file.text.trim(), 'secret').replace(/\r?\n$/, '');
    if (text !== '') return new SecretSetting(text);
    faults.push(`${file.origin}: expected a file with a password, but it is empty`);
  } catch {
    faults.push(`${file.origin}: expected a file that can be read, and by its owner only`);
  }
  return undefined;
}

/** The address of a store may hold a password; it is then as closely kept as any other. */
function sharedSecrets(
  values: ReadonlyMap<Property, unknown>,
  given: GivenSettings,
  configFile: Given | undefined,
  readFile: ReadFile,
): readonly string[] {
  const { store } = Object.fromEntries(values) as unknown as Config;
  if (configFile === undefined || given.get('store')?.source !== 'file') return [];
  if (store.driver !== 'redis' || !store.hasPassword) return [];
  const path = configFile.text.trim();
  try {
    readFile(path, 'secret');
    return [];
  } catch {
    return [`${path}: expected to be open to its owner only, as the store's address in it has a password`];
  }
}

/** Faults that lie between settings, each of which is fine by itself. */
function contradictions(values: ReadonlyMap<Property, unknown>, given: GivenSettings): readonly string[] {
  const config = Object.fromEntries(values) as unknown as Config;
  const faults: string[] = [];
  const [key, keyFile] = [given.get('dataKey'), given.get('dataKeyFile')];
  if (key !== undefined && keyFile !== undefined) {
    faults.push(`${key.origin} and ${keyFile.origin}: expected only one of them`);
  }
  if (config.store.driver !== 'lmdb' && key === undefined && keyFile === undefined) {
    faults.push(
      `${environmentNames(options.dataKey)[0] ?? ''}: expected with a networked store, whose processes share one ` +
        `data key; give it or ${flagOf(options.dataKeyFile) ?? ''}`,
    );
  }
  if ((config.tlsCertFile === undefined) !== (config.tlsKeyFile === undefined)) {
    faults.push(`--tls-cert and --tls-key: expected both or neither`);
  }
  if (config.tlsSelfSigned && config.tlsCertFile !== undefined) {
    faults.push(`--tls-cert and --tls-self-signed: expected only one of them`);
  }
  const store = given.get('store');
  if (store?.source === 'flag' && config.store.driver === 'redis' && config.store.hasPassword) {
    faults.push(`--store: expected no password, which a flag would show to every user; use LATCHKEY_STORE`);
  }
  return faults;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

function risks(config: Config): readonly string[] {
  const found: string[] = [];
  if (config.allowInsecureIssuers) {
    found.push('issuers may be called over plain http: whoever is on the path can sign in as anybody');
  }
  if (config.allowInsecureLdap) {
    found.push('directories may be asked without TLS: whoever is on the path reads the passwords');
  }
  if (config.stsEndpoint !== undefined) {
    found.push(`authn-iam believes what ${config.stsEndpoint} says of callers: --sts-endpoint is set`);
  }
  if (config.gcpIssuer !== options.gcpIssuer.fallback) {
    found.push(`authn-gcp takes tokens of ${config.gcpIssuer}, not of Google: --gcp-issuer is set`);
  }
  if (config.allowVolatileStore) {
    found.push('the store may lose what was acknowledged: --allow-volatile-store is set');
  }
  const encrypted = config.tlsSelfSigned || config.tlsCertFile !== undefined;
  if (!loopback.test(config.host) && !encrypted && config.trustedProxies.length === 0) {
    found.push('secrets cross the network in the clear: no TLS certificate is set, and no proxy is trusted');
  }
  return found;
}
