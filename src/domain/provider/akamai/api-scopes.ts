/**
 * API scopes: what a configuration client may do to which part of the configuration. Written
 * `behaviour:resource`, for example `.:config/tokenPolicies` or `*:config/**`.
 *
 * | behaviour | methods |
 * | --- | --- |
 * | `*` | GET, PUT, PATCH, POST, DELETE |
 * | `+` | POST, PATCH |
 * | `.` | GET |
 *
 * A resource is `config` or one of its collections. By itself a collection stands for itself and its
 * members, `config` for itself; with `/**` either stands for everything inside as well, such as
 * the secrets of clients. `\**` is another spelling of `**`.
 */

export const configCollections = ['clients', 'loginPolicies', 'tokenPolicies'] as const;
export type ConfigCollection = (typeof configCollections)[number];

/** The scope that owns the configuration. */
export const ownerScope = '*:config/**';

export type ConfigMethod = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

/** What a request is about, below the customer: `['config', 'clients', id, 'secrets']`. */
export type ConfigPath = readonly ['config'] | readonly ['config', ConfigCollection, ...(readonly string[])];

const methodsOf: Readonly<Record<string, readonly ConfigMethod[]>> = {
  '*': ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'],
  '+': ['POST', 'PATCH'],
  '.': ['GET'],
};

export interface ApiScope {
  readonly methods: readonly ConfigMethod[];
  /** Undefined: all of `config`. */
  readonly collection: ConfigCollection | undefined;
  /** Whether everything inside is meant. */
  readonly deep: boolean;
}

const form = /^([*+.]):config(?:\/(clients|loginPolicies|tokenPolicies))?(\/\*\*)?$/;

/** A scope as it is stored and compared: `\**` at its end becomes `**`. */
export function normalScope(text: string): string {
  return text.replace(/\/\\\*\*$/, '/**');
}

/** Reads an API scope; undefined: it is none. */
export function parseApiScope(text: string): ApiScope | undefined {
  const [, behaviour, collection, deep] = form.exec(normalScope(text)) ?? [];
  const methods = methodsOf[behaviour ?? ''];
  if (methods === undefined) return undefined;
  return {
    methods,
    collection: configCollections.find((each) => each === collection),
    deep: deep !== undefined,
  };
}

/** Whether any of the scopes lets a method through to a path; what is no API scope permits nothing. */
export function permits(scopes: readonly string[], method: ConfigMethod, path: ConfigPath): boolean {
  return scopes.some((text) => {
    const scope = parseApiScope(text);
    return scope !== undefined && scope.methods.includes(method) && reaches(scope, path);
  });
}

function reaches({ collection, deep }: ApiScope, path: ConfigPath): boolean {
  if (collection === undefined) return deep || path.length === 1;
  return path[1] === collection && (deep || path.length <= 3);
}

/** One path of every shape that scopes can tell apart. */
const shapes: readonly ConfigPath[] = [
  ['config'],
  ...configCollections.flatMap((collection): ConfigPath[] => [
    ['config', collection],
    ['config', collection, 'id'],
    ['config', collection, 'id', 'inside'],
  ]),
];

/** Whether `held` permits everything that `wanted` does. */
export function covers(held: readonly string[], wanted: readonly string[]): boolean {
  return shapes.every((path) =>
    (methodsOf['*'] ?? []).every((method) => !permits(wanted, method, path) || permits(held, method, path)),
  );
}

/** The scopes of a list that another has, too, literally. */
export function commonScopes(scopes: readonly string[], others: readonly string[]): readonly string[] {
  return scopes.filter((scope) => others.includes(scope));
}
