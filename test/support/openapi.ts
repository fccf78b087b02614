/** Holds answers against the OpenAPI document: status, type, headers and body as the operation states them. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { readOpenApi, type OpenApiDocument } from '../../src/http/ops/openapi.ts';

/** What is checked of an answer. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Buffer;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly enum?: readonly string[]; readonly pattern?: string };
  readonly example?: unknown;
  readonly 'x-greedy'?: boolean;
}

interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
  readonly 'x-may-be-empty'?: boolean;
}

/** One method of one path. */
export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: unknown;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly responses: Readonly<Record<string, unknown>>;
  /** Where it stands in the document. */
  readonly pointer: string;
  readonly 'x-privilege'?: unknown;
}

const v2Type = 'application/x.secretsmgr.v2beta+json';

type Node = Readonly<Record<string, unknown>>;

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** The document as the service sends it, read once. */
export const openApiDocument: OpenApiDocument = readOpenApi();

const formsOfRank = { literal: '0', constrained: '1', free: '2', greedy: '3' } as const;

/** Every operation, those with more literal paths first, so that the first that fits is the one meant. */
export const operations: readonly Operation[] = Object.entries(openApiDocument.paths)
  .flatMap(([path, item]) => operationsOf(path, item))
  .sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));

function operationsOf(path: string, item: Node): Operation[] {
  return methods.flatMap((method) => {
    const operation = item[method] as (Node & Operation) | undefined;
    if (operation === undefined) return [];
    const own = [item['parameters'], operation['parameters']].flat().filter((each) => each !== undefined);
    const parameters = own.map((each) => deref(each)[0] as unknown as Parameter);
    return [{ ...operation, method, path, parameters, pointer: `#/paths/${escaped(path)}/${method}` }];
  });
}

function rankOf(operation: Operation): string {
  const ranks = operation.path.split('/').map((segment) => {
    const parameter = parameterOf(operation, segment);
    if (parameter === undefined) return formsOfRank.literal;
    if (parameter['x-greedy'] === true) return formsOfRank.greedy;
    const { schema } = parameter;
    return (schema?.enum ?? schema?.pattern) ? formsOfRank.constrained : formsOfRank.free;
  });
  return `${ranks.join('')}9`;
}

function parameterOf({ parameters }: Operation, segment: string): Parameter | undefined {
  const name = /^\{(.+)\}$/.exec(segment)?.[1];
  return parameters.find((parameter) => parameter.in === 'path' && parameter.name === name);
}

const patterns = new Map<Operation, RegExp>();

function patternOf(operation: Operation): RegExp {
  const known = patterns.get(operation);
  if (known !== undefined) return known;
  const segments = operation.path.split('/').map((segment) => {
    const parameter = parameterOf(operation, segment);
    if (parameter === undefined) return segment.replaceAll('.', '\\.');
    if (parameter['x-greedy'] === true) return '(.+)';
    const kinds = parameter.schema?.enum;
    return kinds === undefined ? '([^/]+)' : `(${kinds.join('|')})`;
  });
  const pattern = new RegExp(`^${segments.join('/')}$`);
  patterns.set(operation, pattern);
  return pattern;
}

/** The operation that a request is for, if the document has one. */
export function operationOf(method: string, url: string): Operation | undefined {
  const raw = new URL(url).pathname.replace(/\/{2,}/g, '/');
  // In Vault's dialect two methods mean what another one means.
  const vaults: Readonly<Record<string, string>> = raw.startsWith('/v1/') ? { LIST: 'get', PUT: 'post' } : {};
  const wanted = method === 'HEAD' ? 'get' : (vaults[method] ?? method.toLowerCase());
  const path = raw.length > 1 && raw.endsWith('/') ? raw.slice(0, -1) : raw;
  return operations.find((operation) => operation.method === wanted && fits(operation, path));
}

function fits(operation: Operation, path: string): boolean {
  const values = patternOf(operation).exec(path)?.slice(1);
  if (values === undefined) return false;
  const parameters = operation.path.split('/').flatMap((segment) => parameterOf(operation, segment) ?? []);
  return parameters.every(({ schema }, index) => {
    return (
      schema?.pattern === undefined || new RegExp(schema.pattern, 'u').test(decoded(values[index] ?? ''))
    );
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** How many answers of each operation and status were checked, by `operationId status`; `none` counts those of no operation. */
export const answersChecked = new Map<string, number>();

/**
 * Holds an answer against the document. A path that it does not have is left alone: tests ask for
 * such paths on purpose.
 * @returns the operation that was asked for, or nothing where there is none
 * @throws Error the answer is not as the document says
 */
export function checkAnswer(method: string, url: string, answer: Answered): Operation | undefined {
  const operation = operationOf(method, url);
  const counted = operation === undefined ? 'none' : `${operation.operationId} ${String(answer.status)}`;
  answersChecked.set(counted, (answersChecked.get(counted) ?? 0) + 1);
  if (operation === undefined) return undefined;
  const fault = faultOf(operation, method, answer);
  if (fault === undefined) return operation;
  const { status, headers, text } = answer;
  const got = `${String(status)}, ${headers.get('content-type') ?? 'no type'}, ${JSON.stringify(text.slice(0, 2_000))}`;
  throw new Error(
    `not as openapi/ says: ${method} ${url} (${operation.operationId}): ${fault}\n  answer: ${got}`,
  );
}

function faultOf(operation: Operation, method: string, answer: Answered): string | undefined {
  const { responses } = operation;
  const key = [String(answer.status), `${String(answer.status).charAt(0)}XX`].find(
    (each) => each in responses,
  );
  if (key === undefined) return `status ${String(answer.status)} is not declared`;
  const [node, pointer] = deref(responses[key], `${operation.pointer}/responses/${key}`);
  const response = node as Response;
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    const value = answer.headers.get(name);
    if (value === null && header.required === true) return `header ${name} is missing`;
    const wrong = value === null ? undefined : invalid(`${pointer}/headers/${escaped(name)}/schema`, value);
    if (wrong !== undefined) return `header ${name} ${wrong}`;
  }
  return faultOfBody(response, pointer, method, answer);
}

function faultOfBody(
  response: Response,
  pointer: string,
  method: string,
  answer: Answered,
): string | undefined {
  const type = typeOf(answer.headers);
  const { content } = response;
  if (method === 'HEAD' && answer.bytes.length > 0) return 'HEAD has a body';
  if (answer.bytes.length === 0 && type === undefined) {
    return content === undefined || response['x-may-be-empty'] === true ? undefined : 'the body is missing';
  }
  // Every failure may be in this form, as the introduction of the document says.
  if (type === v2Type && answer.status >= 400 && method !== 'HEAD')
    return invalid('#/components/schemas/V2Error', parsed(answer));
  if (content === undefined) return answer.bytes.length === 0 ? undefined : 'a body is not declared';
  if (type === undefined) return 'the body has no type';
  const range = [type, `${type.split('/')[0] ?? ''}/*`, '*/*'].find((each) => each in content);
  if (range === undefined) return `type ${type} is not declared`;
  if (method === 'HEAD' || content[range]?.schema === undefined) return undefined;
  const body = /[/+]json$/.test(type) ? parsed(answer) : answer.text;
  return body === undefined
    ? 'the body is not JSON'
    : invalid(`${pointer}/content/${escaped(range)}/schema`, body);
}

/** The media type without parameters; an answer of the v2 API repeats the whole `Accept` as its type. */
function typeOf(headers: Headers): string | undefined {
  const stated = headers.get('content-type') ?? undefined;
  return stated?.includes(v2Type) === true ? v2Type : stated?.split(';')[0]?.trim().toLowerCase();
}

function parsed({ text }: Answered): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const validators = new Map<string, ValidateFunction>();
let compiler: Ajv2020 | undefined;

/**
 * What is wrong with a value by the schema that stands at a place of the document.
 * @param pointer for example `#/components/schemas/Whoami`
 */
export function invalid(pointer: string, value: unknown): string | undefined {
  const validate = validators.get(pointer) ?? compiled(pointer);
  const given = validate.schema;
  // Headers are texts; a number among them is checked as one.
  const type =
    typeof given === 'object' ? (deref(at(pointer))[0] as { readonly type?: unknown }).type : undefined;
  if (validate(type === 'integer' && typeof value === 'string' ? Number(value) : value)) return undefined;
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`)
    .join('; ');
}

function compiled(pointer: string): ValidateFunction {
  if (compiler === undefined) {
    compiler = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
    formats.default(compiler);
    compiler.addSchema(openApiDocument, 'latchkey');
  }
  const validate = compiler.compile({ $ref: `latchkey${pointer.replace(/[{}*]/g, encodeURIComponent)}` });
  validators.set(pointer, validate);
  return validate;
}

/** A key as a part of a pointer (RFC 6901). */
export function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function at(pointer: string): unknown {
  const keys = pointer.slice(2).split('/');
  return keys.reduce<unknown>((node, key) => {
    return (node as Node | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')];
  }, openApiDocument);
}

/** What a reference stands for, and where that is. */
function deref(node: unknown, pointer = ''): readonly [node: Node, pointer: string] {
  const reference = (node as { readonly $ref?: string }).$ref;
  return reference === undefined ? [node as Node, pointer] : deref(at(reference), reference);
}
