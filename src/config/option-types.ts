/**
 * The types that an option can have. Each reads the option's text form, which is the same for
 * flags, environment and configuration file, and words what it expects.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { LatchkeyError } from '../domain/errors.ts';
import { toAccount } from '../domain/ids.ts';
import type { Account } from '../domain/ids.ts';
import { authenticatorFault } from './authenticators.ts';
import { SecretSetting } from './secret-setting.ts';
import type { StoreAddress } from './store-address.ts';
import { parseStoreAddress, storeForms } from './store-address.ts';

export interface OptionType<Value> {
  readonly type: 'integer' | 'bytes' | 'text' | 'path' | 'choice' | 'switch' | 'list' | 'secret';
  readonly unit?: 'seconds' | 'milliseconds' | 'bytes';
  /** What a value must be; completes "expected …". */
  readonly limits: string;
  readonly schema: z.ZodType<Value, string>;
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, KiB: 1_024, MiB: 1_024 * 1_024 };
const base64OfThirtyTwoBytes = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** Makes a schema of a parser that answers undefined for what it does not accept. */
function readBy<Value>(parse: (text: string) => Value | undefined): z.ZodType<Value, string> {
  return z.string().transform((text, context) => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom' });
    return z.NEVER;
  });
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}

export function integer(least: number, most: number): OptionType<number> {
  return {
    type: 'integer',
    limits: `a whole number from ${least} to ${most}`,
    schema: readBy((text) => wholeNumber(text, least, most)),
  };
}

export function seconds(least: number, most: number): OptionType<number> {
  return {
    type: 'integer',
    unit: 'seconds',
    limits: `a whole number of seconds from ${least} to ${most}`,
    schema: readBy((text) => wholeNumber(text, least, most)),
  };
}

export function milliseconds(least: number, most: number): OptionType<number> {
  return {
    type: 'integer',
    unit: 'milliseconds',
    limits: `a whole number of milliseconds from ${least} to ${most}`,
    schema: readBy((text) => wholeNumber(text, least, most)),
  };
}

/** A size: a whole number of bytes, or one followed by `KiB` or `MiB`. */
export function bytes(least: string, most: string): OptionType<number> {
  const parse = (text: string): number | undefined => {
    const [, digits, unit] = /^(\d{1,12}) ?(KiB|MiB|)$/.exec(text) ?? [];
    return digits === undefined || unit === undefined ? undefined : Number(digits) * (unitBytes[unit] ?? 1);
  };
  const [leastBytes = 0, mostBytes = 0] = [parse(least), parse(most)];
  return {
    type: 'bytes',
    unit: 'bytes',
    limits: `a size from ${least} to ${most}, in bytes or with KiB or MiB`,
    schema: readBy((text) => {
      const size = parse(text);
      return size !== undefined && size >= leastBytes && size <= mostBytes ? size : undefined;
    }),
  };
}

export function choice<const Value extends string>(...values: readonly Value[]): OptionType<Value> {
  return {
    type: 'choice',
    limits: `one of ${values.join(', ')}`,
    schema: readBy((text) => values.find((value) => value === text.toLowerCase())),
  };
}

export function onOff(): OptionType<boolean> {
  const { schema } = choice('true', 'false');
  return { type: 'switch', limits: 'true or false', schema: schema.transform((word) => word === 'true') };
}

export function path(limits = 'the path of a file'): OptionType<string> {
  return {
    type: 'path',
    limits,
    schema: readBy((text) => (text === '' || text.includes('\0') ? undefined : text)),
  };
}

export function networkHost(): OptionType<string> {
  return {
    type: 'text',
    limits: 'an IP address or a host name',
    schema: readBy((text) => (/^[^\s/,]{1,255}$/u.test(text) ? text : undefined)),
  };
}

/** The address of an issuer; whether it may be called is judged when it is. */
export function webAddress(): OptionType<string> {
  return {
    type: 'text',
    limits: 'a URL without query and credentials, https or (this machine only) http',
    schema: readBy((text) => (/^https?:\/\/[^\s?#@]{1,2000}$/.test(text) ? text : undefined)),
  };
}

/** Where a service is reached, and nothing below it. */
export function webOrigin(): OptionType<string> {
  return {
    type: 'text',
    limits: 'http:// or https:// with host and port, without a path',
    schema: readBy((text) => {
      if (!/^https?:\/\/[^\s/?#@]{1,300}\/?$/.test(text) || !URL.canParse(text)) return undefined;
      return new URL(text).origin;
    }),
  };
}

/** The address of a directory; whether it may be called is judged when it is. */
export function directoryAddress(): OptionType<string> {
  return {
    type: 'text',
    limits: 'ldap://HOST:PORT or ldaps://HOST:PORT',
    schema: readBy((text) => (/^ldaps?:\/\/[^\s/?#@]{1,300}\/?$/i.test(text) ? text : undefined)),
  };
}

/** A line of text that means something elsewhere, and is judged there. */
export function plainText(limits: string): OptionType<string> {
  return {
    type: 'text',
    limits,
    schema: readBy((text) => (/^\P{Cc}{1,4096}$/u.test(text) ? text : undefined)),
  };
}

export function accountName(): OptionType<Account> {
  return {
    type: 'text',
    limits: '1 to 128 characters without white space, colon or slash',
    schema: readBy((text) => {
      try {
        return toAccount(text);
      } catch (error) {
        if (error instanceof LatchkeyError) return undefined;
        throw error;
      }
    }),
  };
}

export function storeAddress(): OptionType<StoreAddress> {
  return { type: 'text', limits: storeForms, schema: readBy(parseStoreAddress) };
}

/** Splits at commas, trims, drops what is empty and what is said twice. */
function items(text: string): readonly string[] {
  const found = text.split(',').map((item) => item.trim());
  return [...new Set(found.filter((item) => item !== ''))];
}

export function authenticatorList(): OptionType<readonly string[]> {
  return {
    type: 'list',
    limits: 'authn, authn-TYPE or authn-TYPE/SERVICE, separated by commas',
    schema: z.string().transform((text, context) => {
      const list = items(text);
      for (const item of list) {
        const fault = authenticatorFault(item);
        if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      }
      if (list.length === 0) context.addIssue({ code: 'custom', message: 'at least one is needed' });
      return list;
    }),
  };
}

function isNetwork(item: string): boolean {
  const [address = '', prefix, ...rest] = item.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || wholeNumber(prefix, 0, family === 4 ? 32 : 128) !== undefined;
}

export function networkList(): OptionType<readonly string[]> {
  return {
    type: 'list',
    limits: 'IP addresses or CIDR ranges, separated by commas',
    schema: readBy((text) => {
      const list = items(text);
      return list.every(isNetwork) ? list : undefined;
    }),
  };
}

export function dataKey(): OptionType<SecretSetting> {
  const isKey = (text: string): boolean => base64OfThirtyTwoBytes.test(text);
  return {
    type: 'secret',
    limits: '32 bytes in base64 (44 characters), or several such, separated by blanks',
    schema: readBy((text) => (text.split(/[ \n]/).every(isKey) ? new SecretSetting(text) : undefined)),
  };
}

/** Text that is taken exactly as it is, blanks included. */
export function secretText(): OptionType<SecretSetting> {
  return {
    type: 'secret',
    limits: 'text that is not empty',
    schema: z
      .string()
      .min(1)
      .transform((text) => new SecretSetting(text)),
  };
}
