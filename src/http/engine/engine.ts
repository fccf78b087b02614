/**
 * The engine of the OpenID Provider: all that speaks OAuth and OpenID Connect, over the library
 * `oidc-provider`, which nothing outside of this folder knows.
 *
 * A face describes an issuer, the engine answers with what serves it. For each issuer there is one Provider of
 * the library, made of the issuer's plain data and dropped when that changes or others are used more. What it
 * needs to know of clients and roles it asks anew in every request, at the account's present state; what it
 * has to remember is in the ephemeral store. So a Provider can be replaced in the middle of a sign-in, and any
 * process can go on with what another began.
 */
import { LRUCache } from 'lru-cache';
import type Provider from 'oidc-provider';
import { audited } from '../../domain/audited.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { AccountView } from '../../domain/accounts/authority.ts';
import { occurrence } from '../../domain/occurrence.ts';
import { Artifacts } from '../../domain/provider/engine/artifacts.ts';
import { secretMatches } from '../../domain/provider/engine/client-secret.ts';
import { cookieKeys, ensureIdentifiers, identifiersIn } from '../../domain/provider/identifiers.ts';
import type { ClientRecord, Dialect, IdentifiersRecord } from '../../domain/provider/registry/records.ts';
import type { Log } from '../../log.ts';
import type { RequestContextOf } from '../context.ts';
import { findCode, mintCode, useCode } from './codes.ts';
import { clientIn, type EngineServices, type Issuer } from './exchange.ts';
import { findAccessToken, revokeToken } from './find-tokens.ts';
import { findSignIn, finishSignIn } from './interactions.ts';
import { makeProvider } from './library.ts';
import { serveEndpoint } from './serve.ts';
import { registerGrants } from './token-endpoint.ts';
import { issueTokens } from './tokens.ts';
import type { Engine, Pages, PendingSignIn, SignInResult, SpecResolver } from './engine-types.ts';
import type { ClientCredentials, IssuerEngine, IssuerSpec } from './types.ts';

/** Issuers that are kept ready; making one again costs under a millisecond. */
const maxIssuers = 256;
const idForm = /^(vault|akeyless|akamai)\.[\w.-]{1,90}$/;

interface BuiltIssuer {
  readonly issuer: Issuer;
  readonly provider: Provider;
  readonly engine: IssuerEngine;
}

/** Opens the engine: one in a process. It holds nothing that needs to be closed. */
export function openEngine(services: EngineServices, log: Log): Engine {
  const built = new LRUCache<string, BuiltIssuer>({ max: maxIssuers });
  const resolvers = new Map<Dialect, SpecResolver>();
  const shown: { pages: Pages } = { pages: plainPages };

  const buildOf = async (spec: IssuerSpec, view?: AccountView): Promise<BuiltIssuer> => {
    const { account } = services.settings;
    const known = view && identifiersIn(view);
    const identifiers = known ?? (await ensureIdentifiers(services, account));
    const fingerprint = rememberedFingerprint(spec, identifiers);
    let found = built.get(fingerprint);
    if (found === undefined) {
      if (!idForm.test(spec.id))
        throw new LatchkeyError('INTERNAL', { detail: 'the id of an issuer is not valid' });
      const artifacts = new Artifacts(services, account, spec.id);
      const issuer = { services, account, spec, artifacts, log, pages: () => shown.pages };
      built.set(fingerprint, (found = build(issuer, cookieKeys(services, identifiers))));
    }
    return found;
  };

  const builtOf = async ({ spec }: IssuerEngine): Promise<BuiltIssuer> => buildOf(spec);

  return {
    issuer: async (spec, view) => (await buildOf(spec, view)).engine,
    register: (dialect, resolve) => void resolvers.set(dialect, resolve),
    problem: async (ctx, problem) => {
      ctx.status = problem.status;
      await shown.pages.problem(ctx, problem);
    },
    usePages: (pages) => {
      shown.pages = pages;
    },
    interaction: async (ctx, view, issuerId, uid) => {
      const dialect = issuerId.split('.', 1)[0] as Dialect;
      const spec = resolvers.get(dialect)?.(view, issuerId);
      if (spec === undefined) throw new LatchkeyError('SIGN_IN_NOT_FOUND', { detail: 'its issuer is gone' });
      const { issuer, engine, provider } = await buildOf(spec, view);
      return findSignIn(issuer, engine, provider, ctx, view, uid);
    },
    finishInteraction: async (ctx, pending, result) => {
      const { issuer, provider } = await builtOf(pending.issuer);
      await finish(issuer, provider, ctx, pending, result);
    },
  };
}

function build(issuer: Issuer, keys: readonly string[]): BuiltIssuer {
  const provider = makeProvider(issuer, keys);
  const engine = issuerEngine(issuer, provider);
  registerGrants(provider, issuer, () => engine);
  return { issuer, provider, engine };
}

function issuerEngine(issuer: Issuer, provider: Provider): IssuerEngine {
  const engine: IssuerEngine = {
    spec: issuer.spec,
    serve: (ctx, endpoint) => serveEndpoint(issuer, engine, provider, ctx, endpoint),
    mintCode: (request) => mintCode(issuer, request),
    findCode: (view, value) => findCode(issuer, view, value),
    useCode: (code) => useCode(issuer, code),
    issueTokens: (view, authorization, options) => issueTokens(issuer, view, authorization, options),
    findAccessToken: (view, value) => findAccessToken(issuer, view, value),
    revokeToken: (value) => revokeToken(issuer, value),
    authenticateClient: (view, credentials) => authenticateClient(issuer, view, credentials),
  };
  return engine;
}

/** What an unknown client is compared with. */
const nobody = { clientId: '', secrets: [{ id: '', createdAt: 0, sha256: '0'.repeat(64) }] };

function authenticateClient(
  issuer: Issuer,
  view: AccountView,
  { clientId, clientSecret }: ClientCredentials,
): ClientRecord {
  const { keyring, clock } = issuer.services;
  const client = clientIn(issuer, view, clientId);
  const matches = secretMatches(keyring, client ?? nobody, clientSecret ?? '', clock.now());
  const authentic = client?.type === 'public' ? clientSecret === undefined : matches;
  if (client !== undefined && authentic) return client;
  throw new LatchkeyError('OAUTH_INVALID_CLIENT', {
    detail: client === undefined ? 'no such client here' : 'the secret of the client is wrong',
  });
}

async function finish(
  issuer: Issuer,
  provider: Provider,
  ctx: RequestContextOf,
  pending: PendingSignIn,
  result: SignInResult,
): Promise<void> {
  const location = await finishSignIn(issuer, provider, ctx, pending, result);
  if (result.kind === 'denied') await recordDenial(issuer, ctx, pending, result.reason);
  ctx.status = 303;
  ctx.set('Location', location);
  ctx.body = '';
}

/** The authorization that ends with it knows no reason. */
async function recordDenial(
  { services, spec }: Issuer,
  ctx: RequestContextOf,
  { client, role }: PendingSignIn,
  reason: string,
): Promise<void> {
  const failure = new LatchkeyError('OAUTH_ACCESS_DENIED', { detail: reason });
  await audited(
    services.audit,
    () => ({
      type: 'oidc-provider',
      ...occurrence(services, ctx.state.request, failure),
      operation: 'authorize',
      role: role?.role ?? 'unknown',
      client: client.clientId,
      issuer: spec.issuer,
    }),
    async () => undefined,
  );
}

interface Fingerprint {
  readonly identifiers: IdentifiersRecord;
  readonly text: string;
}

/** Of dialects that hand over the same spec again. */
const fingerprints = new WeakMap<IssuerSpec, Fingerprint>();

function rememberedFingerprint(spec: IssuerSpec, identifiers: IdentifiersRecord): string {
  const known = fingerprints.get(spec);
  if (known?.identifiers === identifiers) return known.text;
  const text = fingerprintOf(spec, identifiers);
  fingerprints.set(spec, { identifiers, text });
  return text;
}

/** All that a Provider is made of: a difference makes another. */
function fingerprintOf(spec: IssuerSpec, { sealedCookieKeys }: IdentifiersRecord): string {
  const data = Object.entries(spec).filter(
    ([, value]) => typeof value !== 'function' && value !== spec.grants,
  );
  return JSON.stringify([data, Object.keys(spec.grants ?? {}), sealedCookieKeys]);
}

/** Until the sign-in face has set its own. */
const plainPages: Pages = {
  problem: (ctx, { error, description, status }) => {
    ctx.status = status;
    ctx.body = { error, error_description: description };
  },
  confirmLogout: (ctx, { action, fields }) => {
    ctx.body = { action, fields };
  },
  loggedOut: (ctx) => {
    ctx.body = 'Signed out';
  },
};
