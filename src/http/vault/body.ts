/** What a request gives to an endpoint: the query of what reads, the body of what writes. */
import { LatchkeyError } from '../../domain/errors.ts';
import { parseJson } from '../../parse-json.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import type { Given } from './fields.ts';

const maxPairs = 1_000;
/** Parts of the query that choose the operation and are given to none. */
const directives = ['list', 'scan', 'help'];

/**
 * The parameters of the query. One that is given several times is a list.
 * @throws LatchkeyError `VAULT_REQUEST_UNREADABLE`: more than 1,000
 */
export function givenByQuery(ctx: RequestContextOf): Given {
  const given = pairsOf(ctx.querystring, (values) => (values.length === 1 ? values[0] : values));
  for (const name of directives) given.delete(name);
  return given;
}

/**
 * The members of the body: JSON whatever its type is said to be (clients send none at all), or a
 * form where it is called one and does not look like JSON. An empty body and `null` give nothing.
 * @throws LatchkeyError `BODY_INVALID`: neither of those
 * @throws LatchkeyError `BODY_TOO_LARGE`
 */
export async function givenByBody(ctx: RequestContextOf, maxBytes: number): Promise<Given> {
  const text = (await readBody(ctx, maxBytes)).toString().trim();
  if (text === '') return new Map();
  // As Vault reads a form: of a name that is repeated, the values joined by commas.
  if (isForm(ctx) && !/^[{[]/.test(text)) return pairsOf(text, (values) => values.join(','));
  const body = parseJson(text);
  if (body === null) return new Map();
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new LatchkeyError('BODY_INVALID', { detail: 'error parsing JSON' });
  }
  return new Map(Object.entries(body));
}

function isForm(ctx: RequestContextOf): boolean {
  const type = ctx.req.headers['content-type'] ?? '';
  return type.split(';', 1)[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

function pairsOf(text: string, combined: (values: readonly string[]) => unknown): Map<string, unknown> {
  const values = new Map<string, string[]>();
  let pairs = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if ((pairs += 1) > maxPairs) throw new LatchkeyError('VAULT_REQUEST_UNREADABLE');
    const present = values.get(name);
    if (present === undefined) values.set(name, [value]);
    else present.push(value);
  }
  return new Map([...values].map(([name, all]) => [name, combined(all)]));
}
