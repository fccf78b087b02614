/**
 * The option table: every setting of `latchkey server`, once. Flags, environment variables,
 * the configuration file, validation, `--help` and docs/configuration.md all come from it.
 *
 * An option named `drain-seconds` is the flag `--drain-seconds`, the variable
 * `LATCHKEY_DRAIN_SECONDS` and the key `drain-seconds` of the configuration file. A secret
 * option is a variable only: a flag would show in the process list, and a configuration file
 * is rarely as closely kept as a key.
 */
import type { z } from 'zod';
import { authenticatorOptions } from './authenticator-options.ts';
import { keyOptions } from './key-options.ts';
import { maxAccessTokenTtlSeconds } from '../domain/tokens/max-ttl.ts';
import { limitOptions } from './limit-options.ts';
import { processOptions } from './process-options.ts';
import type { SecretSetting } from './secret-setting.ts';
import type { OptionType } from './option-types.ts';
import { tlsOptions } from './tls-options.ts';
import {
  accountName,
  authenticatorList,
  bytes,
  choice,
  dataKey,
  integer,
  networkHost,
  networkList,
  onOff,
  path,
  seconds,
  secretText,
  storeAddress,
  webAddress,
  webOrigin,
} from './option-types.ts';

export interface Option extends OptionType<unknown> {
  readonly name: string;
  /** Other environment names, most of them Conjur's, that mean the same. */
  readonly aliases?: readonly string[];
  /** What holds when nothing is given, as text; `<data>` stands for the data folder. */
  readonly fallback?: string;
  /** One line for `--help` and the documentation. */
  readonly summary: string;
}

/** By the property of the configuration that each option sets. */
export const options = {
  configFile: {
    name: 'config',
    ...path(),
    summary: 'A YAML file with settings; its keys are the names of these options without the dashes.',
  },
  port: {
    name: 'port',
    ...integer(0, 65_535),
    fallback: '8080',
    summary: 'The TCP port to listen on; 0 picks a free one and prints it.',
  },
  host: {
    name: 'host',
    ...networkHost(),
    fallback: '127.0.0.1',
    summary: 'The address to listen on; 0.0.0.0 or :: for all.',
  },
  publicUrl: {
    name: 'public-url',
    ...webOrigin(),
    summary:
      'Scheme, host and port at which clients reach the service, as issuers of ID tokens show it; by default where it listens.',
  },
  dataFolder: {
    name: 'data',
    ...path('the path of a folder'),
    fallback: './data',
    summary: 'The folder for everything that is kept on disk; made when missing.',
  },
  store: {
    name: 'store',
    ...storeAddress(),
    fallback: 'lmdb:<data>/store',
    summary:
      'The store: an LMDB folder, or Redis or Valkey. A URL with a password is not accepted as a flag.',
  },
  account: {
    name: 'account',
    aliases: ['CONJUR_ACCOUNT'],
    ...accountName(),
    fallback: 'default',
    summary: 'The account that is made at the first start.',
  },
  dataKey: {
    name: 'data-key',
    aliases: ['CONJUR_DATA_KEY'],
    ...dataKey(),
    summary:
      'The key under which everything secret is encrypted in the store; several during its rotation, each of which opens.',
  },
  dataKeyFile: {
    name: 'data-key-file',
    ...path(),
    fallback: '<data>/data.key',
    summary:
      'The file that holds the data key, or several, one a line, readable by its owner only; not used when the data key is given.',
  },
  adminKeyFile: {
    name: 'admin-key-file',
    ...path(),
    fallback: '<data>/admin.key',
    summary: "Where the first start writes the API key of the account's admin, mode 0600.",
  },
  adminPassword: {
    name: 'admin-password',
    aliases: ['CONJUR_ADMIN_PASSWORD'],
    ...secretText(),
    summary: "The password of the account's admin; used only when the account is made.",
  },
  adminPasswordFile: {
    name: 'admin-password-file',
    ...path(),
    summary: 'A file with that password; one newline at its end is ignored.',
  },
  auditFile: {
    name: 'audit-file',
    ...path('the path of a file, or - for standard output'),
    fallback: '<data>/audit.log',
    summary: 'Where audit records go, one a line.',
  },
  auditFormat: {
    name: 'audit-format',
    ...choice('rfc5424', 'json'),
    fallback: 'rfc5424',
    summary: 'The form of audit records: syslog lines as Conjur writes them, or JSON.',
  },
  authenticators: {
    name: 'authenticators',
    aliases: ['CONJUR_AUTHENTICATORS'],
    ...authenticatorList(),
    fallback: 'authn',
    summary: 'The authenticators that are enabled in every account, beside those enabled by request.',
  },
  ...tlsOptions,
  trustedProxies: {
    name: 'trusted-proxies',
    aliases: ['TRUSTED_PROXIES', 'CONJUR_TRUSTED_PROXIES'],
    ...networkList(),
    fallback: '',
    summary: 'Proxies whose X-Forwarded-For is believed; loopback always is.',
  },
  logLevel: {
    name: 'log-level',
    ...choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    fallback: 'info',
    summary: 'The least severe log lines to write.',
  },
  accessTokenTtlSeconds: {
    name: 'access-token-ttl',
    aliases: ['CONJUR_USER_AUTHORIZATION_TOKEN_TTL'],
    ...seconds(1, maxAccessTokenTtlSeconds),
    fallback: '480',
    summary: 'How long an access token is valid.',
  },
  secretVersions: {
    name: 'secret-versions',
    aliases: ['SECRETS_VERSION_LIMIT'],
    ...integer(1, 1_000),
    fallback: '20',
    summary: 'How many versions of each secret are kept.',
  },
  policyVersions: {
    name: 'policy-versions',
    aliases: ['POLICIES_VERSION_LIMIT'],
    ...integer(1, 1_000),
    fallback: '20',
    summary: 'How many versions of each policy are kept.',
  },
  usersInRootPolicyOnly: {
    name: 'users-in-root-policy-only',
    aliases: ['CONJUR_USERS_IN_ROOT_POLICY_ONLY'],
    ...onOff(),
    fallback: 'false',
    summary: 'Refuse policies that define users whom the administrator does not own.',
  },
  apiKeyByDefault: {
    name: 'authn-api-key-default',
    aliases: ['CONJUR_AUTHN_API_KEY_DEFAULT'],
    ...onOff(),
    fallback: 'true',
    summary: 'If false, policies must say of each host by its annotation authn/api-key that it uses a key.',
  },
  maxPolicyBytes: {
    name: 'max-policy-bytes',
    ...bytes('1KiB', '64MiB'),
    fallback: '32MiB',
    summary: 'The largest policy text that is accepted.',
  },
  maxSecretBytes: {
    name: 'max-secret-bytes',
    ...bytes('1KiB', '15MiB'),
    fallback: '1MiB',
    summary: 'The largest secret value that is accepted.',
  },
  hostFactoriesEnabled: {
    name: 'host-factories-enabled',
    aliases: ['CONJUR_HOST_FACTORIES_ENABLED'],
    ...onOff(),
    fallback: 'true',
    summary: 'Whether tokens of host factories can be made, and hosts with them.',
  },
  dynamicSecretsEnabled: {
    name: 'feature-dynamic-secrets-enabled',
    aliases: ['CONJUR_FEATURE_DYNAMIC_SECRETS_ENABLED'],
    ...onOff(),
    fallback: 'false',
    summary:
      'Whether issuers of dynamic secrets are served, and variables below data/dynamic belong to them.',
  },
  telemetryEnabled: {
    name: 'telemetry-enabled',
    aliases: ['CONJUR_TELEMETRY_ENABLED'],
    ...onOff(),
    fallback: 'false',
    summary: 'Whether GET /metrics answers figures for Prometheus, to anybody who can reach it.',
  },
  redisWaitReplicas: {
    name: 'redis-wait-replicas',
    ...integer(0, 16),
    fallback: '0',
    summary: 'How many Redis replicas must have a write before it is acknowledged.',
  },
  allowVolatileStore: {
    name: 'allow-volatile-store',
    ...onOff(),
    fallback: 'false',
    summary: 'Start on a Redis that can lose or evict data. Acknowledged writes may be lost.',
  },
  allowInsecureIssuers: {
    name: 'allow-insecure-issuers',
    ...onOff(),
    fallback: 'false',
    summary:
      'Accept issuers at http:// addresses other than loopback. Who is on the path can then be anyone.',
  },
  gcpIssuer: {
    name: 'gcp-issuer',
    ...webAddress(),
    fallback: 'https://accounts.google.com',
    summary: 'The issuer of the tokens that authn-gcp takes: Google, unless in a test or a private cloud.',
  },
  ...authenticatorOptions,
  ...keyOptions,
  ...limitOptions,
  ...processOptions,
} as const satisfies Readonly<Record<string, Option>>;

type Table = typeof options;

/** The property of the configuration that an option sets. */
export type Property = keyof Table;

/** Every setting by its property, as its option's type reads it; undefined where nothing holds by default. */
export type Config = {
  readonly [Name in Property]:
    z.output<Table[Name]['schema']> | (Table[Name] extends { readonly fallback: string } ? never : undefined);
} & {
  /** The one family of settings that is not in the table: its names are those of the account's users. */
  readonly userPasswords: ReadonlyMap<string, SecretSetting>;
};

/** The table as a list, in the order of the documentation. */
export const optionList: readonly (readonly [Property, Option])[] = Object.entries(options) as [
  Property,
  Option,
][];

/** The environment names of an option: its own, then its aliases. */
export function environmentNames(option: Option): readonly string[] {
  return [`LATCHKEY_${option.name.toUpperCase().replaceAll('-', '_')}`, ...(option.aliases ?? [])];
}

/** The flag of an option; undefined for a secret, which is never a flag. */
export function flagOf(option: Option): string | undefined {
  return option.type === 'secret' ? undefined : `--${option.name}`;
}
