/**
 * A real OpenID Provider on this machine, for tests: `oidc-provider` behind a loopback port, with
 * accounts that sign in by themselves. ID tokens come from the authorization code flow with
 * PKCE, run over HTTP as an application and its user's browser would.
 */
import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import {
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  SignJWT,
  type JWK as JoseKey,
  type JWTHeaderParameters,
} from 'jose';
import {
  Provider,
  type Adapter,
  type AdapterPayload,
  type ClientMetadata,
  type Configuration,
  type JWK,
} from 'oidc-provider';
import { createCertificateAuthority } from './certificates.ts';
import { authorize, redirectUri, scope, signIn } from './sign-in.ts';

export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

export interface IssuerOptions {
  /** The claims of each account by its name, which is the `sub`; by default alice, bob and admin. */
  readonly accounts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What it can sign with, one key each; all by default. */
  readonly algorithms?: readonly SigningAlgorithm[];
  /** Serve https, with a certificate of a private authority; see {@link Issuer.caCert}. */
  readonly https?: boolean;
  /** A free port by default. */
  readonly port?: number;
  readonly idTokenTtlSeconds?: number;
}

export interface IdTokenOptions {
  /** The application that asks, which becomes the `aud`. */
  readonly clientId?: string;
  /** By default the first of the issuer's algorithms. */
  readonly algorithm?: SigningAlgorithm;
  /** As if it had been issued that long ago: the issuer's own key signs a token with earlier times. */
  readonly ageSeconds?: number;
}

export interface RotateOptions {
  /** Whether the old keys stay published behind the new ones; by default they vanish. */
  readonly keepOld?: boolean;
  /** Whether the new keys go by the ids of the old ones. */
  readonly sameKids?: boolean;
}

export interface Issuer {
  /** What goes into `provider-uri`, and into the tokens as `iss`. */
  readonly url: string;
  /** The authority that a client must trust, PEM; only with https. */
  readonly caCert?: string;
  /** Signs an account in to an application. */
  idToken(account: string, options?: IdTokenOptions): Promise<string>;
  /** Makes an application known that proves itself with a secret, and takes its codes at {@link redirectUri}. */
  register(clientId: string, clientSecret: string, changes?: Partial<ClientMetadata>): void;
  /**
   * Signs an account in with a browser that was sent to an authorization URL.
   * @returns the authorization code
   */
  code(account: string, authorizationUrl: string): Promise<string>;
  /** Replaces the signing keys. */
  rotateKeys(options?: RotateOptions): Promise<void>;
  /** Stops answering; {@link restart} answers again at the same address, with the same keys. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/** The name of an application where a test gives none. */
const defaultClientId = 'app';

const defaultAccounts: NonNullable<IssuerOptions['accounts']> = {
  alice: { username: 'alice', preferred_username: 'alice', email: 'alice@conjur.net', email_verified: true },
  bob: { username: 'bob', preferred_username: 'bob', email: 'bob@conjur.net', email_verified: true },
  admin: { username: 'admin', preferred_username: 'admin', email: 'admin@conjur.net', email_verified: true },
};

/** Starts an issuer. Whoever starts it stops it. */
export async function startIssuer(options: IssuerOptions = {}): Promise<Issuer> {
  const algorithms = options.algorithms ?? ['RS256', 'PS256', 'ES256', 'EdDSA'];
  const tls = options.https === true ? createTls() : undefined;
  const store = new Map<string, AdapterPayload>();
  const clients = new Map<string, ClientMetadata>();
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void = () => undefined;
  const listen = async (port: number): Promise<Server> => {
    const server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
    server.on(
      'request',
      (incoming: IncomingMessage, response: ServerResponse) => void handle(incoming, response),
    );
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server: Server | undefined = await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  let keys = await generateKeys(algorithms);
  const publish = (published: readonly JWK[]): void => {
    keys = published;
    handle = handlerOf(new Provider(url, configurationOf(options, published, clients, store)));
  };
  publish(keys);
  let lastFlow: Promise<unknown> = Promise.resolve();
  return {
    url,
    ...(tls === undefined ? {} : { caCert: tls.ca }),
    idToken: (account, asked = {}) => {
      const { clientId = defaultClientId, algorithm = algorithms[0] ?? 'RS256' } = asked;
      // One after the other: the algorithm is a property of the application, not of the request.
      const flow = lastFlow.then(() => {
        clients.set(clientId, clientOf(clientId, algorithm));
        return signIn(url, tls?.ca, clientId, account);
      });
      const { ageSeconds } = asked;
      lastFlow = flow.catch(() => undefined);
      return ageSeconds === undefined ? flow : flow.then((token) => aged(token, keys, ageSeconds));
    },
    register: (clientId, clientSecret, changes = {}) => {
      clients.set(clientId, {
        ...clientOf(clientId, algorithms[0] ?? 'RS256'),
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_basic',
        ...changes,
      });
    },
    code: (account, authorizationUrl) => authorize(authorizationUrl, tls?.ca, account),
    rotateKeys: async ({ keepOld = false, sameKids = false } = {}) => {
      const fresh = await generateKeys(algorithms, sameKids ? keys.map(({ kid }) => kid) : []);
      publish(keepOld ? [...fresh, ...keys] : fresh);
    },
    stop: async () => {
      const stopped = server;
      server = undefined;
      if (stopped === undefined) return;
      stopped.close();
      stopped.closeAllConnections();
      await once(stopped, 'close');
    },
    restart: async () => {
      server ??= await listen(port);
    },
  };
}

/** The same token with earlier times, signed by the key that signed it. */
async function aged(token: string, keys: readonly JWK[], ageSeconds: number): Promise<string> {
  const header = decodeProtectedHeader(token) as JWTHeaderParameters;
  const key = keys.find(({ kid }) => kid === header.kid);
  const { iat = 0, exp = 0, ...claims } = decodeJwt(token);
  return new SignJWT({ ...claims, iat: iat - ageSeconds, exp: exp - ageSeconds })
    .setProtectedHeader(header)
    .sign(await importJWK(key as JoseKey, header.alg));
}

function createTls(): { readonly ca: string; readonly cert: string; readonly key: string } {
  const authority = createCertificateAuthority();
  return { ...authority.issue(), ca: authority.cert };
}

async function generateKeys(
  algorithms: readonly SigningAlgorithm[],
  kids: readonly (string | undefined)[] = [],
): Promise<readonly JWK[]> {
  return Promise.all(
    algorithms.map(async (alg, index) => {
      const key = await generatePrivateKey(alg);
      const kid = kids[index] ?? `${alg}-${randomBytes(6).toString('hex')}`;
      return { ...key.export({ format: 'jwk' }), alg, kid, use: 'sig' };
    }),
  );
}

async function generatePrivateKey(algorithm: SigningAlgorithm): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  if (algorithm === 'EdDSA') return (await generate('ed25519')).privateKey;
  if (algorithm === 'ES256') return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  return (await generate('rsa', { modulusLength: 2_048 })).privateKey;
}

function clientOf(clientId: string, algorithm: SigningAlgorithm): ClientMetadata {
  return {
    client_id: clientId,
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: algorithm,
  };
}

function configurationOf(
  options: IssuerOptions,
  keys: readonly JWK[],
  clients: ReadonlyMap<string, ClientMetadata>,
  store: Map<string, AdapterPayload>,
): Configuration {
  const accounts = options.accounts ?? defaultAccounts;
  return {
    jwks: { keys: [...keys] },
    adapter: (model) => (model === 'Client' ? clientAdapter(clients) : memoryAdapter(model, store)),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    // The claims of a scope go into the ID token, not only to the userinfo endpoint.
    conformIdTokenClaims: false,
    claims: {
      openid: ['sub', ...new Set(Object.values(accounts).flatMap((claims) => Object.keys(claims)))],
    },
    scopes: ['openid', 'profile', 'email'],
    ttl: {
      IdToken: options.idTokenTtlSeconds ?? 600,
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      Interaction: 600,
      Session: 600,
    },
    renderError: (context, { error }) => {
      context.body = error;
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => {
      const claims = Object.hasOwn(accounts, sub) ? accounts[sub] : undefined;
      return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
    },
    // Every account has consented to everything.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        accountId: oidc.session?.accountId ?? '',
        clientId: oidc.client?.clientId ?? '',
      });
      grant.addOIDCScope(scope);
      await grant.save();
      return grant;
    },
  };
}

/** The provider, with a sign-in page that asks nothing: the user is whom `login_hint` names, or alice. */
function handlerOf(
  provider: Provider,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> | void {
  const serve = provider.callback();
  return async (incoming, response) => {
    if (incoming.url?.startsWith('/interaction/') !== true) return serve(incoming, response);
    try {
      const { params } = await provider.interactionDetails(incoming, response);
      const { login_hint: hint = 'alice' } = params;
      await provider.interactionFinished(incoming, response, {
        login: { accountId: String(hint) },
      });
    } catch {
      response.writeHead(400).end();
    }
  };
}

function clientAdapter(clients: ReadonlyMap<string, ClientMetadata>): Adapter {
  return { ...memoryAdapter('Client', new Map()), find: async (id) => clients.get(id) };
}

/** What the provider keeps, in one map for all kinds of records. */
function memoryAdapter(model: string, store: Map<string, AdapterPayload>): Adapter {
  const search = (matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined =>
    [...store].find(([key, payload]) => key.startsWith(`${model}:`) && matches(payload))?.[1];
  return {
    upsert: async (id, payload) => void store.set(`${model}:${id}`, payload),
    find: async (id) => store.get(`${model}:${id}`),
    findByUid: async (uid) => search((payload) => payload.uid === uid),
    findByUserCode: async (userCode) => search((payload) => payload.userCode === userCode),
    consume: async (id) => {
      const payload = store.get(`${model}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
    },
    destroy: async (id) => void store.delete(`${model}:${id}`),
    revokeByGrantId: async (grantId) => {
      for (const [key, payload] of store) if (payload.grantId === grantId) store.delete(key);
    },
  };
}
