import { parseArgs } from 'node:util';
import type { Given, GivenSettings } from './given.ts';
import { suggestion } from './nearest.ts';
import type { Property } from './options.ts';
import { environmentNames, flagOf, optionList } from './options.ts';

type Token = Exclude<ReturnType<typeof parseTokens>, undefined>[number];

function parseTokens(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      optionList.map(([, option]) => [
        option.name,
        { type: option.type === 'switch' ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    strict: false,
    tokens: true,
  }).tokens;
}

/**
 * Reads `--name value`, `--name=value` and the bare switches; of a flag given twice the last
 * counts. What an argument says is never repeated in a fault: it might be a secret.
 */
export function readFlags(argv: readonly string[], faults: string[]): GivenSettings {
  const given = new Map<Property, Given>();
  for (const token of parseTokens(argv)) readToken(token, given, faults);
  return given;
}

function readToken(token: Token, given: Map<Property, Given>, faults: string[]): void {
  if (token.kind === 'option-terminator') return;
  if (token.kind === 'positional') {
    faults.push(`argument ${token.index + 1}: expected a flag, such as --port`);
    return;
  }
  const [property, option] = optionList.find(([, { name }]) => token.rawName === `--${name}`) ?? [];
  if (property === undefined || option === undefined) {
    const flags = optionList.flatMap(([, { name, type }]) => (type === 'secret' ? [] : [`--${name}`]));
    faults.push(`${token.rawName}: expected a known flag${suggestion(token.rawName, flags)}`);
    return;
  }
  const flag = flagOf(option);
  if (flag === undefined) {
    const [variable = ''] = environmentNames(option);
    faults.push(
      `--${option.name}: expected in ${variable} or the file of --${option.name}-file; every user sees a flag`,
    );
    return;
  }
  if (option.type === 'switch') {
    if (token.value === undefined) given.set(property, { text: 'true', origin: flag, source: 'flag' });
    else given.set(property, { text: token.value, origin: flag, source: 'flag' });
    return;
  }
  const swallowedFlag = token.inlineValue === false && token.value.startsWith('--');
  if (token.value === undefined || swallowedFlag) {
    faults.push(`${flag}: expected a value, ${option.limits}`);
    return;
  }
  given.set(property, { text: token.value, origin: flag, source: 'flag' });
}
