import { YAMLException, load } from 'js-yaml';
import type { Given, GivenSettings, ReadFile } from './given.ts';
import { suggestion } from './nearest.ts';
import type { Option, Property } from './options.ts';
import { environmentNames, optionList } from './options.ts';

/**
 * Reads the configuration file: one YAML mapping of option names to values. An option that
 * takes a list takes a YAML list as well.
 */
export function readConfigFile(file: Given, readFile: ReadFile, faults: string[]): GivenSettings {
  const given = new Map<Property, Given>();
  const document = parseFile(file, readFile, faults);
  if (document === undefined) return given;
  const names = optionList.flatMap(([, { name, type }]) =>
    type === 'secret' || name === 'config' ? [] : [name],
  );
  for (const [key, value] of Object.entries(document)) {
    const [property, option] = optionList.find(([, { name }]) => name === key) ?? [];
    const origin = `${key} in ${file.text.trim()}`;
    if (property === undefined || option === undefined || property === 'configFile') {
      faults.push(`${origin}: expected a known setting${suggestion(key, names)}`);
      continue;
    }
    const text = textOf(value, option);
    if (option.type === 'secret') {
      const [variable = ''] = environmentNames(option);
      faults.push(`${origin}: expected in ${variable} or the file that ${key}-file names, not in this one`);
    } else if (text === undefined) {
      faults.push(`${origin}: expected ${option.limits}`);
    } else {
      given.set(property, { text, origin, source: 'file' });
    }
  }
  return given;
}

function parseFile(
  file: Given,
  readFile: ReadFile,
  faults: string[],
): Readonly<Record<string, unknown>> | undefined {
  const path = file.text.trim();
  let text: string;
  try {
    text = readFile(path);
  } catch {
    faults.push(`${file.origin}: expected a file that can be read, but ${path} cannot`);
    return undefined;
  }
  if (/^\s*(?:#[^\n]*\s*)*$/.test(text)) return undefined;
  try {
    const document = load(text);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
      return document as Readonly<Record<string, unknown>>;
    }
    faults.push(`${path}: expected a YAML mapping of settings`);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? '' : ` (line ${error.mark.line + 1})`;
    faults.push(`${path}${line}: expected YAML; ${error.reason}`);
  }
  return undefined;
}

function textOf(value: unknown, option: Option): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!Array.isArray(value) || option.type !== 'list') return undefined;
  const list: readonly unknown[] = value;
  return list.every((item) => typeof item === 'string') ? list.join(',') : undefined;
}
