import type { Option } from './options.ts';
import { environmentNames, flagOf, optionList } from './options.ts';

const valueNames: Readonly<Record<Option['type'], string>> = {
  integer: 'NUMBER',
  bytes: 'SIZE',
  text: 'TEXT',
  path: 'PATH',
  choice: 'WORD',
  switch: '',
  list: 'LIST',
  secret: '',
};

/** The part of `latchkey server --help` that comes from the option table. */
export function optionHelp(): string {
  return optionList.map(([, option]) => entry(option)).join('\n');
}

function entry(option: Option): string {
  const [variable = '', ...aliases] = environmentNames(option);
  const flag = flagOf(option);
  const head = flag === undefined ? variable : `${flag} ${valueNames[option.type]}`.trimEnd();
  const facts = [
    capitalized(option.limits),
    ...(option.fallback === undefined || option.fallback === '' ? [] : [`default ${option.fallback}`]),
    flag === undefined ? 'only by environment' : variable,
    ...aliases,
  ];
  return `  ${head}\n      ${option.summary}\n      ${facts.join('; ')}.\n`;
}

function capitalized(text: string): string {
  return /^(?:authn|lmdb)/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
