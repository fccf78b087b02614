/**
 * An issuer that does whatever a test wants: serves any metadata and any keys, or answers late,
 * never, elsewhere, too much; and signs anything.
 */
import { constants, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createCertificateAuthority, type ServerCertificate } from './certificates.ts';

/** How a request is answered. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface RogueIssuerOptions {
  /** The keys that it publishes at first. */
  readonly keys?: readonly SigningKey[];
  /** Serve https under this certificate. */
  readonly certificate?: ServerCertificate;
  /** A free port by default. */
  readonly port?: number;
}

export interface RogueIssuer {
  readonly url: string;
  /** The paths asked for, in order. */
  readonly requests: readonly string[];
  /** Publishes other keys. */
  publish(...keys: readonly SigningKey[]): void;
  /** Answers requests for its metadata in another way. */
  answerMetadata(answer: Answer): void;
  /** Answers requests for its keys in another way. */
  answerKeys(answer: Answer): void;
  /** Answers codes in another way; by default they are not found. */
  answerCodes(answer: Answer): void;
  /** Answers requests for anything else in another way; by default it is not found. */
  answerOthers(answer: Answer): void;
  /** Metadata as it ought to be, with changes; a member that is undefined is left out. */
  readonly metadata: (changes?: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** The most connections that there were at once. */
  readonly mostConnections: () => number;
  /** Waits until every answer so far has gone out and its connection has ended. */
  idle(): Promise<void>;
  /** Refuses connections until it is {@link up} again, at the same address. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export const metadataPath = '/.well-known/openid-configuration';
export const keysPath = '/jwks';
export const tokenPath = '/token';

/** Starts a rogue issuer. Whoever starts it stops it. */
export async function startRogueIssuer(options: RogueIssuerOptions = {}): Promise<RogueIssuer> {
  const { certificate, keys = [] } = options;
  const requests: string[] = [];
  let connections = 0;
  let mostConnections = 0;
  let server: Server | undefined;
  let url = '';
  const metadata: RogueIssuer['metadata'] = (changes) => ({
    issuer: url,
    jwks_uri: `${url}${keysPath}`,
    ...changes,
  });
  let answerKeys = answerJson({ keys: keys.map(({ jwk }) => jwk) });
  let answerCodes = answerStatus(404);
  let answerOthers = answerStatus(404);
  let answerMetadata: Answer = (response, request) => {
    answerJson(metadata())(response, request);
  };
  const listen = async (port: number): Promise<Server> => {
    const listening = certificate === undefined ? createHttpServer() : createHttpsServer(certificate);
    listening.on('request', (request: IncomingMessage, response: ServerResponse) => {
      requests.push(request.url ?? '');
      if (request.url === metadataPath) answerMetadata(response, request);
      else if (request.url === keysPath) answerKeys(response, request);
      else if (request.url === tokenPath) answerCodes(response, request);
      else answerOthers(response, request);
    });
    listening.on('connection', (socket: Socket) => {
      mostConnections = Math.max(mostConnections, ++connections);
      socket.once('close', () => connections--);
    });
    // A client that gives up in the middle of the handshake is none of the test's concern.
    listening.on('tlsClientError', () => undefined);
    listening.listen(port, '127.0.0.1');
    await once(listening, 'listening');
    return listening;
  };
  const down = async (): Promise<void> => {
    const stopped = server;
    server = undefined;
    if (stopped === undefined) return;
    stopped.close();
    stopped.closeAllConnections();
    await once(stopped, 'close');
  };
  server = await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  url = `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return {
    url,
    requests,
    publish: (...published) => {
      answerKeys = answerJson({ keys: published.map(({ jwk }) => jwk) });
    },
    answerMetadata: (answer) => {
      answerMetadata = answer;
    },
    answerKeys: (answer) => {
      answerKeys = answer;
    },
    answerCodes: (answer) => {
      answerCodes = answer;
    },
    answerOthers: (answer) => {
      answerOthers = answer;
    },
    metadata,
    mostConnections: () => mostConnections,
    idle: async () => {
      while (server !== undefined && (await connectionsOf(server)) > 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    down,
    up: async () => {
      server ??= await listen(port);
    },
    stop: down,
  };
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((_error, count) => {
      resolve(count);
    });
  });
}

/** A server's certificate and the authority that a client must trust for it. */
export function privateCertificate(
  names?: readonly string[],
  authorityName?: string,
): ServerCertificate & { readonly ca: string } {
  const authority = createCertificateAuthority(authorityName);
  return { ...authority.issue(names), ca: authority.cert };
}

export function answerJson(value: unknown): Answer {
  return answerBody('application/json', JSON.stringify(value));
}

export function answerBody(contentType: string, body: string | Buffer): Answer {
  return (response) => response.writeHead(200, { 'content-type': contentType }).end(body);
}

export function answerStatus(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => response.writeHead(status, headers).end();
}

export function answerRedirect(location: string): Answer {
  return answerStatus(302, { location });
}

/** Takes the request and never says a word. */
export const answerNever: Answer = () => undefined;

/** Begins an answer and never ends it. */
export const answerHalf: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"issuer":');
};

/** Sends blanks for as long as anybody reads, without saying how many; tells how many went out. */
export function answerEndless(): Answer & { readonly sentBytes: () => number } {
  const chunk = Buffer.alloc(64 * 1_024, ' ');
  let sentBytes = 0;
  const answer: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const send = (): void => {
      while (!response.destroyed && sentBytes < 64 * 1_024 * 1_024) {
        sentBytes += chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', send);
          return;
        }
      }
    };
    send();
  };
  return Object.assign(answer, { sentBytes: () => sentBytes });
}

/** A key of an issuer: the private half to sign with, the public half as it is published. */
export interface SigningKey {
  readonly algorithm: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** Makes a key; `changes` go into the published half, where undefined leaves a member out. */
export function createSigningKey(
  algorithm: string,
  changes: Readonly<Record<string, unknown>> = {},
): SigningKey {
  return signingKeyOf(algorithm, generatePrivateKey(algorithm), changes);
}

/** Publishes a private key in some way. */
export function signingKeyOf(
  algorithm: string,
  privateKey: KeyObject,
  changes: Readonly<Record<string, unknown>> = {},
): SigningKey {
  const { kty, crv, n, e, x, y } = privateKey.export({ format: 'jwk' });
  const kid =
    typeof changes['kid'] === 'string' ? changes['kid'] : `${algorithm}-${randomBytes(6).toString('hex')}`;
  const jwk = { kty, crv, n, e, x, y, kid, use: 'sig', alg: algorithm, ...changes };
  return { algorithm, kid, privateKey, jwk };
}

function generatePrivateKey(algorithm: string): KeyObject {
  const namedCurve = curves[algorithm];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve }).privateKey;
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519').privateKey;
  return generateRsaKey(2_048);
}

export function generateRsaKey(modulusLength: number): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey;
}

/** What goes into a token that is signed with a {@link SigningKey}. */
export interface Minting {
  /** Members of the header besides `alg`, `kid` and `typ`; undefined leaves one out. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs in another way than the algorithm's. */
  readonly sign?: (signingInput: Buffer) => Buffer;
}

/** Signs claims. */
export function mint(
  key: SigningKey,
  claims: unknown,
  { header, sign: signOtherwise }: Minting = {},
): string {
  const head = JSON.stringify({ alg: key.algorithm, typ: 'JWT', kid: key.kid, ...header });
  return mintText(head, JSON.stringify(claims), signOtherwise ?? ((input) => signatureOf(key, input)));
}

/** Signs a header and a payload as they are written. */
export function mintText(
  header: string | Buffer,
  payload: string | Buffer,
  sign: (input: Buffer) => Buffer,
): string {
  const signingInput = `${encode(header)}.${encode(payload)}`;
  return `${signingInput}.${encode(sign(Buffer.from(signingInput)))}`;
}

export function encode(content: string | Buffer): string {
  return Buffer.from(content as string).toString('base64url');
}

/** A signature by the rules of the key's algorithm. */
export function signatureOf({ algorithm, privateKey }: SigningKey, signingInput: Buffer): Buffer {
  const hash = algorithm === 'EdDSA' ? undefined : `sha${algorithm.slice(2)}`;
  if (!algorithm.startsWith('PS'))
    return sign(hash, signingInput, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(hash, signingInput, { key: privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}
