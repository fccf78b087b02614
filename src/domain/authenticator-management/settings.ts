/** The settings of an authenticator: values of variables, and the fields of requests and answers. */
import type { AccountState } from '../accounts/account-state.ts';
import type { ResourceId } from '../ids.ts';
import { decide } from '../rbac/check.ts';
import type { Actor } from '../request.ts';
import { isPublicSetting, type Setting } from './kinds.ts';

/** Stands for a secret that the caller may not read. */
const mask = '********';
const redacted = '[redacted]';

/** The value of a setting: undefined where the variable is not there, an empty text where it has no value. */
export type SettingValues = (setting: Setting) => { readonly text: string } | 'masked' | undefined;

/**
 * Who may know of an authenticator is shown its settings; a secret among them only who has
 * `execute` on its variable. (In Conjur any privilege on the webservice shows them all.)
 */
export function mayRead(
  { graph }: AccountState,
  { role }: Actor,
  setting: Setting,
  variable: ResourceId,
): boolean {
  return !setting.secret || decide(graph, role, 'execute', variable).allowed;
}

/** The settings as fields; those that are not there are left out. */
export function shownData(
  settings: readonly Setting[],
  values: SettingValues,
): Readonly<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  const identity: Record<string, unknown> = {};
  for (const setting of settings) {
    const value = values(setting);
    const shown = value === 'masked' ? mask : value && shownValue(setting, value.text);
    if (shown !== undefined) (setting.identity ? identity : data)[setting.field] = shown;
  }
  return Object.keys(identity).length === 0 ? data : { ...data, identity };
}

function shownValue({ form }: Setting, text: string): unknown {
  switch (form) {
    case 'text':
      return text;
    case 'json':
      return parsedObject(text);
    case 'list':
      return text.trim() === '' ? [] : [...new Set(text.split(',').map((item) => item.trim()))];
    case 'pairs':
      return Object.fromEntries(pairsOf(text));
  }
}

/** A value that somebody set by hand may be no JSON object; then there is nothing to show. */
function parsedObject(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function pairsOf(text: string): readonly (readonly [string, string])[] {
  return text.split(',').flatMap((pair) => {
    const colon = pair.indexOf(':');
    return colon < 1 || colon === pair.length - 1
      ? []
      : [[pair.slice(0, colon), pair.slice(colon + 1)] as const];
  });
}

/** A setting as it is kept in its variable. What the field may hold has been checked. */
export function storedValue({ form }: Setting, value: unknown): string {
  switch (form) {
    case 'text':
      return String(value);
    case 'json':
      return JSON.stringify(value);
    case 'list':
      return Array.isArray(value) ? value.join(',') : '';
    case 'pairs':
      return Object.entries(value ?? {})
        .map(([name, claim]) => `${name}:${String(claim)}`)
        .join(',');
  }
}

/** The fields beside the settings that a record shows as they are. */
const plainFields = ['type', 'name', 'enabled', 'owner', 'annotations', 'id', 'kind'];

/**
 * A request as audit records show it: JSON on one line, with only those settings that are known
 * to be no secrets. A name that nobody knows may have been meant for a secret.
 */
export function redactedRequest(body: Readonly<Record<string, unknown>>): string {
  const type = Object.hasOwn(body, 'type') && typeof body['type'] === 'string' ? body['type'] : '';
  const shown = Object.entries(body).map(([field, value]) => {
    if (field === 'data') return [field, redactedData(type, value, false)] as const;
    return [field, plainFields.includes(field) ? value : redacted] as const;
  });
  return JSON.stringify(Object.fromEntries(shown));
}

function redactedData(type: string, data: unknown, identity: boolean): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return redacted;
  const shown = Object.entries(data as Readonly<Record<string, unknown>>).map(([field, value]) => {
    if (field === 'identity' && !identity) return [field, redactedData(type, value, true)] as const;
    return [field, isPublicSetting(type, field, identity) ? value : redacted] as const;
  });
  return Object.fromEntries(shown);
}
