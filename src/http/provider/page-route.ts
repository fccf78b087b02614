import type { RequestContextOf } from '../context.ts';

/** A page, its address and what answers it; parameters are decoded. */
export type PageRoute = readonly [
  method: 'get' | 'post',
  path: string,
  handle: (ctx: RequestContextOf, params: Readonly<Record<string, string>>) => Promise<void> | void,
];
