/** What an issuer says of itself: discovery and keys. Both are the same for everybody, and may be kept for a while. */
import { signingAlgorithms } from '../../domain/provider/registry/records.ts';
import type { RequestContextOf } from '../context.ts';
import { answerPreflight } from './cross-origin.ts';
import { tokenExchangeType } from './grants/token-exchange.ts';
import type { Serving } from './serving.ts';
import type { IssuerSpec } from './types.ts';

const discoveryMaxAgeSeconds = 3_600;
/** Well under any rotation period, since keys are published a whole period before they sign. */
const jwksMaxAgeSeconds = 300;

/** @see OpenID Connect Discovery 1.0 section 4 */
export async function serveDiscovery({ ctx, issuer: { spec } }: Serving): Promise<void> {
  const document = discoveryDocument(spec);
  answerJson(ctx, spec.discovery?.(document) ?? document, discoveryMaxAgeSeconds);
}

/** @see RFC 7517 section 5 */
export async function serveJwks({ ctx, issuer: { spec }, exchange }: Serving): Promise<void> {
  answerJson(ctx, { keys: spec.publishedKeys(exchange.view) }, jwksMaxAgeSeconds);
}

function answerJson(ctx: RequestContextOf, body: unknown, maxAgeSeconds: number): void {
  if (ctx.method === 'OPTIONS') {
    answerPreflight(ctx, 'GET');
    return;
  }
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('Cache-Control', `public, max-age=${String(maxAgeSeconds)}`);
  ctx.body = body;
}

/** What the engine does, at the addresses of this issuer. */
export function discoveryDocument(spec: IssuerSpec): Readonly<Record<string, unknown>> {
  const { origin, pagePath, apiPath, paths } = spec;
  const page = (path: string): string => `${origin}${pagePath}${path}`;
  const api = (path: string): string => `${origin}${apiPath}${path}`;
  return {
    issuer: spec.issuer,
    authorization_endpoint: page(paths.authorization),
    token_endpoint: api(paths.token),
    userinfo_endpoint: api(paths.userinfo),
    jwks_uri: api(paths.jwks),
    ...(paths.introspection === undefined ? {} : { introspection_endpoint: api(paths.introspection) }),
    ...(paths.revocation === undefined ? {} : { revocation_endpoint: api(paths.revocation) }),
    ...(paths.endSession === undefined ? {} : logoutMetadata(page(paths.endSession))),
    scopes_supported: ['openid', ...(spec.scopesSupported ?? [])],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', tokenExchangeType],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...signingAlgorithms],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    code_challenge_methods_supported: spec.plainCodeChallenges === true ? ['S256', 'plain'] : ['S256'],
    prompt_values_supported: ['none', 'login', 'consent'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
  };
}

function logoutMetadata(endSessionEndpoint: string): Readonly<Record<string, unknown>> {
  return {
    end_session_endpoint: endSessionEndpoint,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  };
}
