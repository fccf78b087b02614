import { quoted, shown } from './one-line.ts';

/** Names and values, in the order of the record. */
export type RecordedParameters = readonly (readonly [name: string, value: string])[];

/** The parameters of a list for structured data, each after a blank, and for the message: a hash as Ruby shows it. */
export function parameterForms(parameters: RecordedParameters): readonly [data: string, text: string] {
  const data = parameters.map(([name, value]) => ` ${name}="${quoted(value)}"`).join('');
  const pairs = parameters.map(([name, value]) => `:${name}=>"${shown(value.replace(/["\\]/g, '\\$&'))}"`);
  return [data, `{${pairs.join(', ')}}`];
}
