/** Routes of Vault's dialect: what a path takes, who may call it, and what it does for each operation. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { ActorRequest } from '../../domain/request.ts';
import type { RequestContextOf } from '../context.ts';
import { readFields, type Fields, type Given, type Values } from './fields.ts';
import type { Reply } from './envelope.ts';
import type { VaultToken } from './token.ts';

/** `write` is POST and PUT, which mean the same; `list` is LIST, and GET with `list=true`. */
export type Operation = 'read' | 'list' | 'write' | 'delete';

/**
 * Who may call a path. `token`: a session or access token is demanded before anything else is looked
 * at. `public`: anybody, and a token is not looked at. `bearer`: anybody, and the handler reads
 * `Authorization` itself; it is for what speaks OAuth.
 */
export type Access = 'token' | 'public' | 'bearer';

/** One request to a route, read. */
export interface Call<F extends Fields> {
  readonly ctx: RequestContextOf;
  readonly operation: Operation;
  /** What the path captured, decoded. */
  readonly captured: Readonly<Record<string, string>>;
  /** The declared fields that were given: of the query (read, list, delete) or of the body (write). */
  readonly values: Values<F>;
}

/** As {@link Call}, by somebody whose token was good. */
export interface TokenCall<F extends Fields> extends Call<F> {
  readonly token: VaultToken;
  /** For the use cases: the request and who makes it. */
  readonly request: ActorRequest;
}

/** Answers with a reply; with nothing for 204 of a write or delete, and for 404 of a read or list. */
type Handler<C> = (call: C) => Promise<Reply | undefined>;

type Operations<C> = Readonly<Partial<Record<Operation, Handler<C>>>>;

interface Declared<F extends Fields> {
  /**
   * Segments below `/v1/`: literal, `:name` for an object's name, or `*rest` at the end for whatever
   * follows, slashes included.
   */
  readonly path: string;
  readonly fields: F;
  /** How large a body may be; 1 MiB unless stated. */
  readonly maxBodyBytes?: number;
  /** Whether pages of other origins may read the answers. Only what takes no cookie may say so. */
  readonly anyOrigin?: boolean;
}

/** A request to a route before its fields are read. */
export interface Incoming {
  readonly ctx: RequestContextOf;
  readonly operation: Operation;
  readonly captured: Readonly<Record<string, string>>;
  readonly given: Given;
  /** Of a route that demands one. */
  readonly token: VaultToken | undefined;
}

export interface Route {
  readonly path: string;
  readonly access: Access;
  readonly fieldNames: readonly string[];
  readonly operations: readonly Operation[];
  readonly maxBodyBytes: number;
  readonly anyOrigin: boolean;
  run(incoming: Incoming): Promise<Reply | undefined>;
}

const defaultMaxBodyBytes = 1024 * 1024;

/** Declares a path that demands a token. */
export function tokenRoute<const F extends Fields>(
  declared: Declared<F>,
  operations: Operations<TokenCall<F>>,
): Route {
  return route(declared, 'token', operations, ({ token, ...incoming }) => {
    if (token === undefined) throw new LatchkeyError('ACCESS_TOKEN_MISSING');
    const { requestId, clientIp } = incoming.ctx.state.request;
    return {
      ...callOf(declared.fields, incoming),
      token,
      request: { requestId, clientIp, actor: token.actor },
    };
  });
}

/** Declares a path that anybody may call. */
export function openRoute<const F extends Fields>(
  declared: Declared<F> & { readonly access: 'public' | 'bearer' },
  operations: Operations<Call<F>>,
): Route {
  return route(declared, declared.access, operations, (incoming) => callOf(declared.fields, incoming));
}

function route<F extends Fields, C>(
  { path, fields, maxBodyBytes = defaultMaxBodyBytes, anyOrigin = false }: Declared<F>,
  access: Access,
  operations: Operations<C>,
  read: (incoming: Incoming) => C,
): Route {
  return {
    path,
    access,
    fieldNames: Object.keys(fields),
    operations: Object.keys(operations) as Operation[],
    maxBodyBytes,
    anyOrigin,
    run: async (incoming) => {
      const handle = operations[incoming.operation];
      if (handle === undefined) throw new LatchkeyError('VAULT_OPERATION_UNSUPPORTED');
      return handle(read(incoming));
    },
  };
}

function callOf<F extends Fields>(
  fields: F,
  { ctx, operation, captured, given }: Omit<Incoming, 'token'>,
): Call<F> {
  return { ctx, operation, captured, values: readFields(fields, given) };
}

/** The first and last character a letter, digit or underscore; also `-` and `.` between them. */
const nameForm = /^\w(?:[\w.-]*\w)?$/;
const maxNameCharacters = 255;

export interface Match {
  readonly route: Route;
  readonly captured: Readonly<Record<string, string>>;
}

/**
 * Makes the function that finds a path's route.
 * @returns undefined where no route has that path
 */
export function matcherOf(routes: readonly Route[]): (segments: readonly string[]) => Match | undefined {
  const compiled = routes.map((each) => ({ route: each, pattern: each.path.split('/') }));
  return (segments) => {
    for (const { route: candidate, pattern } of compiled) {
      const captured = capture(pattern, segments, candidate.operations.includes('list'));
      if (captured !== undefined) return { route: candidate, captured };
    }
    return undefined;
  };
}

/** A path that can be listed may end in a slash; others may not. */
function capture(
  pattern: readonly string[],
  segments: readonly string[],
  listed: boolean,
): Readonly<Record<string, string>> | undefined {
  const captured: Record<string, string> = {};
  const greedy = pattern.at(-1)?.startsWith('*') === true;
  const slash = listed && segments.length === pattern.length + 1 && segments.at(-1) === '';
  if (greedy ? segments.length < pattern.length : segments.length !== pattern.length && !slash)
    return undefined;
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith('*')) {
      const rest = segments.slice(index).join('/');
      if (rest === '') return undefined;
      captured[part.slice(1)] = rest;
    } else if (part.startsWith(':')) {
      if (!nameForm.test(segment) || segment.length > maxNameCharacters) return undefined;
      captured[part.slice(1)] = segment;
    } else if (part !== segment) return undefined;
  }
  return captured;
}
