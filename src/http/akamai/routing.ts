/** How requests below a customer are told apart: by the segments of the raw path, then by method. */
import type { RequestContextOf } from '../context.ts';

export interface Params {
  readonly customerId?: string;
  readonly id?: string;
  readonly secretId?: string;
}

export type Handler = (ctx: RequestContextOf, params: Params) => Promise<void>;
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Route = readonly [method: Method, path: string, handler: Handler];

/** What was found: a handler, or the methods that there are; neither where the path is not known. */
export interface Found {
  readonly params: Params;
  readonly handler: Handler | undefined;
  /** As the header `Allow` lists them; empty where the path is not known. */
  readonly allowed: readonly string[];
}

/** Finds the route of a request; HEAD is served as GET. */
export function routeFinder(routes: readonly Route[]): (method: string, path: string) => Found {
  const patterns = routes.map(([method, path, handler]) => ({ method, segments: path.split('/'), handler }));
  return (method, path) => {
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
    const segments = path.split('/');
    const fitting = patterns.flatMap((route) => {
      const params = match(route.segments, segments);
      return params === undefined ? [] : [{ ...route, params }];
    });
    const found = fitting.find((route) => route.method === wanted);
    const allowed = fitting.flatMap((route) =>
      route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()],
    );
    return { params: (found ?? fitting[0])?.params ?? {}, handler: found?.handler, allowed };
  };
}

function match(pattern: readonly string[], segments: readonly string[]): Params | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined;
      continue;
    }
    const value = decoded(segment);
    if (value === undefined || value === '') return undefined;
    params[part.slice(1)] = value;
  }
  return params;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
