/** From raw paths to ids. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { RequestContextOf } from '../context.ts';
import { isIdText, toAccount, toResourceId, type Account, type ResourceId } from '../../domain/ids.ts';

/** Doubled slashes count as one, and a slash at the end does not count. */
export function cleanPath(path: string): string {
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/** Whether the escapes of a path are text in UTF-8. A path that is not could otherwise stand for its raw spelling. */
export function isDecodable(path: string): boolean {
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * The account of a URL.
 * @throws LatchkeyError `ROUTE_NOT_FOUND`: no account can be called that
 */
export function accountOf(text: string | undefined): Account {
  try {
    return toAccount(text ?? '');
  } catch (error) {
    throw new LatchkeyError('ROUTE_NOT_FOUND', { cause: error });
  }
}

/**
 * The resource of a URL. An id that nothing can have is answered as one that nothing has.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`
 */
export function resourceOfPath(account: Account, kind: string, identifier: string | undefined): ResourceId {
  const text = identifier ?? '';
  if (!isIdText(account, kind, text)) {
    throw new LatchkeyError('RESOURCE_NOT_FOUND', { subject: `${account}:${kind}:${text}` });
  }
  return toResourceId(account, kind, text);
}

/**
 * A query parameter. Pairs are separated by `&` or `;`; of one that is given several times the last
 * counts, as in Conjur.
 */
export function queryParameter(ctx: RequestContextOf, name: string): string | undefined {
  if (ctx.querystring === '') return undefined;
  return new URLSearchParams(ctx.querystring.replaceAll(';', '&')).getAll(name).at(-1);
}
