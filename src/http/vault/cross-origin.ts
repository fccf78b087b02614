/**
 * Pages of other origins (CORS): they may call what relying parties call, which takes no cookie. The
 * rest has no such headers, as in Vault.
 */
import type { RequestContextOf } from '../context.ts';
import type { Operation, Route } from './routing.ts';

const methodsOf: Readonly<Record<Operation, readonly string[]>> = {
  read: ['GET'],
  list: [],
  write: ['POST', 'PUT'],
  delete: ['DELETE'],
};

/** Lets a page of any origin read the answer, failures included. */
export function sharesWithAnyOrigin(ctx: RequestContextOf): void {
  ctx.set('Access-Control-Allow-Origin', '*');
}

/** Answers what a browser asks before it sends such a request. */
export function answerPreflight(ctx: RequestContextOf, { operations }: Route): void {
  ctx.set('Access-Control-Allow-Methods', operations.flatMap((each) => methodsOf[each]).join(','));
  ctx.set('Access-Control-Allow-Headers', 'Content-Type, Authorization');
  ctx.set('Access-Control-Max-Age', '300');
  ctx.status = 204;
}
