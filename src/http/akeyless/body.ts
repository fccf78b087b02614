/** The bodies of Akeyless' management API: a JSON object of parameters. */
import { LatchkeyError } from '../../domain/errors.ts';
import { parseJson } from '../../parse-json.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';

/** The parameters of a call; those that are empty or null count as absent where a text is wanted. */
export type Parameters = Readonly<Record<string, unknown>>;

const maxBodyBytes = 1024 * 1024;

/**
 * @throws LatchkeyError `BODY_INVALID`: no JSON object
 * @throws LatchkeyError `BODY_TOO_LARGE`
 */
export async function readParameters(ctx: RequestContextOf): Promise<Parameters> {
  const text = (await readBody(ctx, maxBodyBytes)).toString();
  const value = text.trim() === '' ? {} : parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LatchkeyError('BODY_INVALID');
  return value as Parameters;
}

/** A parameter that is there: not absent, and not null, as some clients send what they have nothing for. */
export function given(parameters: Parameters, name: string): unknown {
  return parameters[name] ?? undefined;
}

/**
 * A text; absent where it is empty.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: not a text
 */
export function textOf(parameters: Parameters, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = given(parameters, name);
    if (value === undefined || value === '') continue;
    if (typeof value === 'string') return value;
    throw new LatchkeyError('REGISTRY_FIELD_INVALID', { detail: `${name} must be text` });
  }
  return undefined;
}

/**
 * The kinds of thing that a list is to have, in lower case; none for all.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function typesOf(parameters: Parameters): readonly string[] {
  const value = given(parameters, 'type') ?? [];
  const types: readonly unknown[] = Array.isArray(value) ? value : [value];
  return types.map((type) => {
    if (typeof type === 'string') return type.toLowerCase();
    throw new LatchkeyError('REGISTRY_FIELD_INVALID', { detail: 'type must be a list of texts' });
  });
}
