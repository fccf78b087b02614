/** The description of everything that is served, in OpenAPI 3.1: many YAML files, sent as one JSON document. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.ts';

/** Beside `build`, in the repository as in the package. */
const root = new URL('../../../../openapi/openapi.yaml', import.meta.url);

type Fragment = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document without references to other files. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Fragment>>;
  readonly components: Readonly<Record<string, Fragment>>;
}

/** `GET /openapi.json`, without a token. The document is put together when it is first asked for. */
export function openApi(): Middleware<RequestState> {
  let text: string | undefined;
  return async (ctx, next) => {
    if (ctx.path !== '/openapi.json' || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
      await next();
      return;
    }
    text ??= JSON.stringify(readOpenApi());
    ctx.set('Content-Type', 'application/json; charset=utf-8');
    ctx.body = text;
  };
}

/**
 * Reads the document and the files that it refers to. What `paths/` holds is put in its place;
 * what stands in another folder becomes the component of that kind: `schemas/errors.yaml#/NoRoute` is
 * `#/components/schemas/NoRoute`.
 * @throws Error a reference names nothing, or two files have a component of the same name
 */
export function readOpenApi(): OpenApiDocument {
  const files = new Map<string, Fragment>();
  const origins = new Map<string, string>();
  const components: Record<string, Record<string, unknown>> = {};

  const read = (file: URL): Fragment => {
    const fragment = files.get(file.href) ?? (load(readFileSync(file, 'utf8')) as Fragment);
    files.set(file.href, fragment);
    return fragment;
  };
  const follow = (reference: string, from: URL): unknown => {
    const target = new URL(reference, from);
    const name = target.hash.replace(/^#\//, '');
    target.hash = '';
    const found = name
      .split('/')
      .reduce<unknown>((node, part) => (node as Fragment | undefined)?.[part], read(target));
    if (found === undefined) throw new Error(`${reference} in ${from.pathname} refers to nothing`);
    const section = target.pathname.split('/').at(-2) ?? '';
    if (section === 'paths') return resolve(found, target);
    const component = `#/components/${section}/${name}`;
    const origin = origins.get(component);
    if (origin === undefined) {
      origins.set(component, target.href);
      (components[section] ??= {})[name] = resolve(found, target);
    } else if (origin !== target.href) {
      throw new Error(`${component} is in ${origin} and in ${target.href}`);
    }
    return { $ref: component };
  };
  const resolve = (node: unknown, from: URL): unknown => {
    if (Array.isArray(node)) return node.map((item) => resolve(item, from));
    if (typeof node !== 'object' || node === null) return node;
    if ('$ref' in node && typeof node.$ref === 'string') return follow(node.$ref, from);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value, from)]));
  };

  const document = resolve(read(root), root) as OpenApiDocument;
  return { ...document, components: { ...document.components, ...components } };
}
