/**
 * The engine behind a face of a few lines: issuers `one` and `two`, whose clients are whatever the test puts into the
 * registry, and sign-in pages that believe whoever says who he is.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { Authority } from '../../src/domain/accounts/authority.ts';
import type { AccountView } from '../../src/domain/accounts/authority.ts';
import { createAccount } from '../../src/domain/accounts/create.ts';
import { PasswordHasher } from '../../src/domain/authn/password.ts';
import { adminOf, roleOfLogin, rootPolicyOf, toAccount } from '../../src/domain/ids.ts';
import { loadPolicy } from '../../src/domain/policy/load.ts';
import { changeRegistryAsService } from '../../src/domain/provider/registry/change.ts';
import type { ClientRecord } from '../../src/domain/provider/registry/records.ts';
import { putRecord } from '../../src/domain/provider/registry/registry.ts';
import { keyNamed, publishedJwks } from '../../src/domain/provider/keys/ring.ts';
import { AccessTokens } from '../../src/domain/tokens/access-tokens.ts';
import { openLogoutDelivery } from '../../src/drivers/outbound/logout-delivery.ts';
import { openKeyring } from '../../src/drivers/keyring/keyring.ts';
import type { RequestContextOf, RequestState } from '../../src/http/context.ts';
import { openEngine } from '../../src/http/engine/engine.ts';
import type { EngineServices } from '../../src/http/engine/exchange.ts';
import type { Engine } from '../../src/http/engine/engine-types.ts';
import type { Endpoint, IssuerSpec } from '../../src/http/engine/types.ts';
import { renderError } from '../../src/http/conjur/errors.ts';
import { errors } from '../../src/http/middleware/errors.ts';
import { requestState } from '../../src/http/middleware/request-state.ts';
import { withSecurityHeaders } from '../../src/http/middleware/security-headers.ts';
import { createLog } from '../../src/log.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { attemptsOn } from './attempts.ts';
import { MemoryAudit } from './audit.ts';
import { defaultSettings } from './domain-settings.ts';

export const engineAccount = toAccount('acct');

export interface EngineServer {
  readonly url: string;
  readonly engine: Engine;
  readonly services: EngineServices;
  readonly audit: MemoryAudit;
  issuerUrl(name: string): string;
  spec(name: string): IssuerSpec;
  view(): Promise<AccountView>;
  /** Puts a client into the registry: confidential, with the secret `secret`, unless said otherwise. */
  client(clientId: string, changes?: Partial<ClientRecord>): Promise<ClientRecord>;
  load(policy: string, mode?: 'create' | 'replace' | 'update'): Promise<void>;
  close(): Promise<void>;
}

export interface EngineServerOptions {
  /** What all addresses begin with; by default where it listens. */
  readonly origin?: string;
  readonly clock?: Clock;
  /** Changes to the issuers, asked for in every request. */
  readonly spec?: Partial<IssuerSpec> | (() => Partial<IssuerSpec>);
}

const policy = `
- !user alice
- !user bob
- !host machine
`;
const secretSha256 = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';

export async function startEngineServer(
  store: Store,
  options: EngineServerOptions = {},
): Promise<EngineServer> {
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const audit = new MemoryAudit();
  const clock = options.clock ?? { now: () => Date.now() };
  const authority = new Authority(store, keyring);
  const services: EngineServices = {
    authority,
    keyring,
    audit,
    clock,
    ephemeral: store.ephemeral,
    attempts: attemptsOn(store, clock),
    settings: { ...defaultSettings, account: engineAccount },
    tokens: new AccessTokens(authority, clock),
    logouts: openLogoutDelivery(),
  };
  const engine = openEngine(services, createLog('silent'));
  const made = await createAccount({ ...services, passwords: new PasswordHasher() }, engineAccount, () =>
    Promise.resolve(),
  );
  let url = '';
  const changes = (): Partial<IssuerSpec> =>
    typeof options.spec === 'function' ? options.spec() : (options.spec ?? {});
  const spec = (name: string): IssuerSpec => specOf(options.origin ?? url, name, changes());
  const view = (): Promise<AccountView> => authority.read(engineAccount, []);
  engine.register('vault', (_view, id) => spec(id.slice('vault.'.length)));

  const app = new Koa<RequestState>();
  app.use(requestState([]));
  app.use(withSecurityHeaders({ hstsMaxAgeSeconds: 0, trustedProxies: [] }));
  app.use(
    errors(createLog('silent'), (ctx, failure) => {
      (ctx.state.renderError ?? renderError)(ctx, failure);
    }),
  );
  app.use((ctx) => route(ctx, engine, spec, view));
  const handle = app.callback();
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  const load: EngineServer['load'] = async (text, mode = 'create') => {
    const actor = { account: engineAccount, role: adminOf(engineAccount), issuedAt: 0 };
    const request = { requestId: 'req', clientIp: '127.0.0.1', actor };
    const settings = services.settings;
    const loading = { ...services, settings, passwords: new PasswordHasher() };
    await loadPolicy(loading, request, rootPolicyOf(engineAccount), mode, Buffer.from(text));
  };
  if (made) await load(policy);
  return {
    url,
    engine,
    services,
    audit,
    issuerUrl: (name) => spec(name).issuer,
    spec,
    view,
    load,
    client: async (clientId, changes = {}) => {
      const record = { ...defaultClient, clientId, name: clientId, ...changes };
      const put = { changes: [putRecord('oidc-client', record)], result: record };
      return changeRegistryAsService(services, engineAccount, () => put);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const defaultClient: ClientRecord = {
  clientId: '',
  dialect: 'vault',
  name: '',
  type: 'confidential',
  disabled: false,
  secrets: [{ id: 's', createdAt: 0, sha256: secretSha256 }],
  grants: ['authorization_code', 'refresh_token', 'client_credentials', 'token_exchange'],
  redirectUris: ['https://app.example/callback'],
  postLogoutRedirectUris: ['https://app.example/bye'],
  accessTokenFormat: 'opaque',
  key: 'default',
  idTokenTtlSeconds: 600,
  accessTokenTtlSeconds: 300,
  refreshTokenTtlSeconds: 3_600,
  scopes: [],
  audiences: ['https://api.example', 'other'],
  assignments: [],
  permissions: [],
  createdAt: 0,
  updatedAt: 0,
};

function specOf(origin: string, name: string, changes: Partial<IssuerSpec>): IssuerSpec {
  return {
    id: `vault.${name}`,
    dialect: 'vault',
    origin,
    issuer: `${origin}/api/${name}`,
    pagePath: `/pages/${name}`,
    apiPath: `/api/${name}`,
    paths: {
      authorization: '/authorize',
      endSession: '/logout',
      token: '/token',
      userinfo: '/userinfo',
      jwks: '/keys',
      introspection: '/introspect',
      revocation: '/revoke',
    },
    scopesSupported: ['profile', 'offline_access'],
    consent: false,
    // A client's login policy, which nothing else here asks for, names the one issuer that it is allowed at.
    client: (view, clientId) => {
      const client = view.state.registry.get('oidc-client', clientId);
      return client?.loginPolicy === undefined || client.loginPolicy === name ? client : undefined;
    },
    mayUse: (_view, { role, client }) =>
      client.assignments.length === 0 || client.assignments.includes(role?.role ?? '')
        ? { allowed: true }
        : { allowed: false, reason: 'not assigned' },
    claims: (_view, { role, scopes, attributes }, use) => ({
      use,
      iss: 'evil',
      nonce: 'evil',
      ...attributes,
      ...(scopes.includes('profile') ? { login: role?.role } : {}),
    }),
    publishedKeys: ({ state }) => {
      const names = new Set(state.registry.all('oidc-client').map(({ key }) => key));
      return [...names].flatMap((key) => {
        const ring = keyNamed(state, key);
        return ring === undefined ? [] : publishedJwks(ring, Date.now());
      });
    },
    ...changes,
  };
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  'api /token': 'token',
  'api /userinfo': 'userinfo',
  'api /keys': 'jwks',
  'api /introspect': 'introspection',
  'api /revoke': 'revocation',
  'api /.well-known/openid-configuration': 'discovery',
  'pages /authorize': 'authorization',
  'pages /logout': 'endSession',
  'pages /logout/confirm': 'endSessionConfirm',
  'pages /logout/success': 'endSessionSuccess',
};

async function route(
  ctx: RequestContextOf,
  engine: Engine,
  spec: (name: string) => IssuerSpec,
  view: () => Promise<AccountView>,
): Promise<void> {
  const [, first = '', second = '', ...rest] = ctx.path.split('/');
  if (first === 'sign-in') {
    await signInPage(ctx, engine, await view(), second, rest[0] ?? '');
    return;
  }
  const endpoint = endpoints[`${first} /${rest.join('/')}`] ?? 'resume';
  const issuer = await engine.issuer(spec(second));
  await issuer.serve(ctx, endpoint);
}

/**
 * GET tells what is asked; `POST ?as=alice`, `?deny`, `?agree` answers it. With `&revision=1` the proof is said
 * to have been held against that revision of the credential.
 */
async function signInPage(
  ctx: RequestContextOf,
  engine: Engine,
  view: AccountView,
  issuerId: string,
  uid: string,
): Promise<void> {
  const pending = await engine.interaction(ctx, view, issuerId, uid);
  const answer = new URLSearchParams(ctx.querystring);
  if (ctx.method === 'GET') {
    const { prompt, reasons, scopes, redirectUri, loginHint, uiLocales, role, client } = pending;
    ctx.body = {
      prompt,
      reasons,
      scopes,
      redirectUri,
      loginHint,
      uiLocales,
      role: role?.role,
      client: client.clientId,
    };
  } else if (answer.has('deny')) {
    await engine.finishInteraction(ctx, pending, { kind: 'denied', reason: 'did not want to' });
  } else if (answer.has('agree')) {
    await engine.finishInteraction(ctx, pending, { kind: 'consented' });
  } else {
    const role = view.state.graph.role(roleOfLogin(engineAccount, answer.get('as') ?? ''));
    if (role === undefined) throw new Error('nobody of that name');
    const proven = { kind: 'signed-in', role, attributes: { method: 'test' }, methods: ['pwd'] } as const;
    const revision = answer.get('revision');
    await engine.finishInteraction(ctx, pending, {
      ...proven,
      ...(revision === null ? {} : { credentialRevision: Number(revision) }),
    });
  }
}
