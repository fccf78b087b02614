/** The addresses under which a Redis or Valkey is named in the settings. */
import { LatchkeyError } from '../../domain/errors.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly username?: string;
  readonly password?: string;
}

/** What a store address says. */
export type RedisTarget = Access &
  (
    | { readonly kind: 'server'; readonly endpoint: Endpoint; readonly tls: boolean; readonly db: number }
    | { readonly kind: 'socket'; readonly path: string; readonly db: number }
    | {
        readonly kind: 'sentinel';
        readonly endpoints: readonly Endpoint[];
        readonly name: string;
        readonly tls: boolean;
        readonly db: number;
      }
    | { readonly kind: 'cluster'; readonly endpoints: readonly Endpoint[]; readonly tls: boolean }
  );

const defaultPort = 6379;
const defaultSentinelPort = 26379;
const maxPort = 65_535;
const maxDb = 65_535;

const form = /^(redis|rediss)(?:\+(unix|sentinel|cluster))?:\/\/(?:([^/?]*)@)?([^?]*)(?:\?(.*))?$/;

/**
 * Reads a store address:
 * - `redis://[user:password@]host[:port][/db]`, `rediss://…` with TLS
 * - `redis+unix://[user:password@]/path/of/socket[?db=1]`
 * - `redis+sentinel://[user:password@]host[:port],host[:port]/name[?db=1]`, `rediss+sentinel://…`
 * - `redis+cluster://[user:password@]host[:port],host[:port]`, `rediss+cluster://…`
 *
 * User and password are percent-decoded. A password without a user is written `:password@`.
 *
 * @throws LatchkeyError `STORE_REFUSED`: not such an address; the detail quotes no part of it
 */
export function parseRedisUrl(url: string): RedisTarget {
  const parts = form.exec(url);
  if (parts === null) throw refused('is not of a form that is known');
  const [, scheme, topology, userinfo, rest = '', query = ''] = parts;
  const tls = scheme === 'rediss';
  const access = parseAccess(userinfo);
  const parameters = parseParameters(query);
  switch (topology) {
    case 'unix':
      return { ...access, ...parseSocket(rest, tls, parameters) };
    case 'sentinel':
      return { ...access, ...parseSentinel(rest, tls, parameters) };
    case 'cluster':
      return { ...access, ...parseCluster(rest, tls, parameters) };
    case undefined:
    default:
      return { ...access, ...parseServer(rest, tls, parameters) };
  }
}

/** The address without credentials, for logs. */
export function describeTarget(target: RedisTarget): string {
  switch (target.kind) {
    case 'server':
      return `${schemeOf(target.tls)}://${endpointText(target.endpoint)}/${target.db}`;
    case 'socket':
      return `redis+unix://${target.path}?db=${target.db}`;
    case 'sentinel':
      return `${schemeOf(target.tls)}+sentinel://${target.endpoints.map(endpointText).join(',')}/${target.name}?db=${target.db}`;
    case 'cluster':
      return `${schemeOf(target.tls)}+cluster://${target.endpoints.map(endpointText).join(',')}`;
  }
}

type Parameters = ReadonlyMap<string, string>;

function parseServer(rest: string, tls: boolean, parameters: Parameters): RedisTarget {
  const [authority, path] = splitPath(rest);
  const db = path === '' ? parameters.get('db') : path;
  return { kind: 'server', endpoint: parseEndpoint(authority, defaultPort), tls, db: parseDb(db) };
}

function parseSocket(rest: string, tls: boolean, parameters: Parameters): RedisTarget {
  if (tls) throw refused('asks for TLS on a Unix socket');
  const path = decode(rest);
  if (path === '' || path.endsWith('/')) throw refused('names no socket');
  return { kind: 'socket', path, db: parseDb(parameters.get('db')) };
}

function parseSentinel(rest: string, tls: boolean, parameters: Parameters): RedisTarget {
  const [authority, name] = splitPath(rest);
  if (name === '') throw refused('names no primary: the name that the sentinels watch goes after the hosts');
  const endpoints = parseEndpoints(authority, defaultSentinelPort);
  return { kind: 'sentinel', endpoints, name, tls, db: parseDb(parameters.get('db')) };
}

function parseCluster(rest: string, tls: boolean, parameters: Parameters): RedisTarget {
  const [authority, path] = splitPath(rest);
  if (path !== '' || parameters.has('db')) throw refused('names a database, of which a cluster has only one');
  return { kind: 'cluster', endpoints: parseEndpoints(authority, defaultPort), tls };
}

function parseAccess(userinfo: string | undefined): Access {
  if (userinfo === undefined || userinfo === '') return {};
  const colon = userinfo.indexOf(':');
  const username = decode(colon === -1 ? userinfo : userinfo.slice(0, colon));
  const password = colon === -1 ? '' : decode(userinfo.slice(colon + 1));
  if (password === '') throw refused('has a user without a password');
  return username === '' ? { password } : { username, password };
}

function parseParameters(query: string): Parameters {
  const parameters = new Map(new URLSearchParams(query));
  for (const name of parameters.keys()) {
    if (name !== 'db') throw refused('has a parameter other than db');
  }
  return parameters;
}

function splitPath(rest: string): readonly [authority: string, path: string] {
  const slash = rest.indexOf('/');
  return slash === -1 ? [rest, ''] : [rest.slice(0, slash), decode(rest.slice(slash + 1))];
}

function parseEndpoints(authority: string, port: number): readonly Endpoint[] {
  return authority.split(',').map((text) => parseEndpoint(text, port));
}

const endpointForm = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s,:[\]]+))(?::(\d{1,5}))?$/;

function parseEndpoint(text: string, fallback: number): Endpoint {
  const parts = endpointForm.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  if (host === undefined) throw refused('has a host that cannot be read');
  const port = parts?.[3] === undefined ? fallback : Number(parts[3]);
  if (port < 1 || port > maxPort) throw refused('has a port out of range');
  return { host, port };
}

function parseDb(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,5}$/.test(text) || Number(text) > maxDb) throw refused('names a database that is not a number');
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('has a percent-encoding that cannot be read');
  }
}

function schemeOf(tls: boolean): string {
  return tls ? 'rediss' : 'redis';
}

function endpointText({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function refused(fault: string): LatchkeyError {
  return new LatchkeyError('STORE_REFUSED', { detail: `the address of the Redis store ${fault}` });
}
