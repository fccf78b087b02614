/** Bodies of the token endpoint: a form, urlencoded or, as `curl -F` sends it, multipart. */
import { LatchkeyError } from '../../domain/errors.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';

/** Parameters that have a value, each once. */
export type Form = ReadonlyMap<string, string>;

const maxBytes = 64 * 1_024;
const maxParameters = 100;

/**
 * Reads the form in a request's body. Parameters without a value count as absent, and none may come twice (RFC
 * 6749 section 3.2).
 * @throws LatchkeyError `BODY_TOO_LARGE`: over 64 KiB
 * @throws LatchkeyError `OAUTH_INVALID_REQUEST`: no form, a file in it, or a parameter that is repeated
 */
export async function readForm(ctx: RequestContextOf): Promise<Form> {
  const contentType = ctx.req.headers['content-type'] ?? '';
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase();
  const body = await readBody(ctx, maxBytes);
  if (mediaType === 'application/x-www-form-urlencoded') {
    return formOf([...new URLSearchParams(body.toString())]);
  }
  if (mediaType === 'multipart/form-data') return formOf(await multipartEntries(body, contentType));
  throw invalid('The body must be application/x-www-form-urlencoded or multipart/form-data');
}

/** What is used of a fetch body: it reads the whole form at once, which is bounded already. */
interface FormBody {
  formData(): Promise<Iterable<readonly [string, unknown]>>;
}

async function multipartEntries(
  body: Buffer,
  contentType: string,
): Promise<readonly (readonly [string, string])[]> {
  const whole: FormBody = new Response(new Uint8Array(body), { headers: { 'content-type': contentType } });
  let entries: readonly (readonly [string, unknown])[];
  try {
    entries = [...(await whole.formData())];
  } catch {
    throw invalid('The body is not multipart/form-data');
  }
  return entries.map(([name, value]) => {
    if (typeof value !== 'string') throw invalid('A parameter is a file');
    return [name, value];
  });
}

function formOf(entries: readonly (readonly [string, string])[]): Form {
  if (entries.length > maxParameters) throw invalid('There are too many parameters');
  const form = new Map(entries);
  if (form.size < entries.length) throw invalid('A parameter is repeated');
  return new Map([...form].filter(([, value]) => value !== ''));
}

function invalid(advice: string): LatchkeyError {
  return new LatchkeyError('OAUTH_INVALID_REQUEST', { detail: advice, advice });
}
