/** The token endpoint. */
import { LatchkeyError, isFailure } from '../../../domain/errors.ts';
import { secretMatches } from '../../../domain/provider/engine/client-secret.ts';
import { keyNamed } from '../../../domain/provider/keys/ring.ts';
import type { ClientRecord } from '../../../domain/provider/registry/records.ts';
import { auditedDecision } from '../../../domain/provider/vault/flow/audited-decision.ts';
import { clientIn } from '../../../domain/provider/vault/flow/lookup.ts';
import { isRefusal, type Refusal } from '../../../domain/provider/vault/flow/refusal.ts';
import {
  grantOf,
  refuseTokenRequest,
  type TokenFacts,
  type TokenParameters,
} from '../../../domain/provider/vault/flow/token-checks.ts';
import { providerAllows } from '../../../domain/provider/vault/providers.ts';
import type { Services } from '../../../domain/services.ts';
import type { IssuedTokens } from '../../engine/types.ts';
import type { Raw } from '../envelope.ts';
import type { Values } from '../fields.ts';
import { openRoute, type Call, type Route } from '../routing.ts';
import type { AdmittedRequest, Found } from './admitted-request.ts';
import { servedByEngine } from './by-engine.ts';
import { tokensOfClient } from './client-credentials.ts';
import { issuerNamed, type FlowServices, type Issuer } from './issuer.ts';
import { presentedClient, type PresentedClient } from './presented-client.ts';
import { tokensOfCode } from './redemption.ts';
import { maxFlowBodyBytes, refusedToken, tokenHeaders } from './reply.ts';

const fields = {
  grant_type: 'string',
  code: 'string',
  redirect_uri: 'string',
  code_verifier: 'string',
  scope: 'string',
  client_id: 'string',
  client_secret: 'string',
  refresh_token: 'string',
  assertion: 'string',
  subject_token: 'string',
  subject_token_type: 'string',
  requested_token_type: 'string',
  audience: 'string',
} as const;

type TokenCall = Call<typeof fields>;

/** Where a code, a refresh token or a client's own credentials become tokens (RFC 6749 section 3.2). */
export function tokenRoutes(flow: FlowServices): readonly Route[] {
  const path = 'identity/oidc/provider/:name/token';
  return [
    openRoute(
      { path, access: 'public', anyOrigin: true, maxBodyBytes: maxFlowBodyBytes, fields },
      { write: (call) => answer(flow, call) },
    ),
  ];
}

async function answer(flow: FlowServices, { ctx, captured, values }: TokenCall): Promise<Raw> {
  const issuer = await issuerNamed(flow, captured['name'] ?? '');
  const presented = presentedClient(ctx.req.headers.authorization, values);
  const facts = factsOf(flow.services, issuer, presented, parametersOf(values));
  const refusal = refuseTokenRequest(facts);
  const admitted = refusal ?? admittedBy(facts, issuer);
  const grant = grantOf(facts.parameters.grantType);
  if (!isRefusal(admitted) && (grant === 'refresh_token' || grant === 'token_exchange')) {
    const { client } = admitted;
    return servedByEngine(admitted.issuer.engine, ctx, 'token', { client, presented }, values);
  }
  const found: { -readonly [Name in keyof Found]: Found[Name] } = {};
  const decision = await auditedDecision<IssuedTokens>(
    flow.services,
    ctx.state.request,
    () => ({
      operation: 'issue-tokens',
      role: 'unknown',
      client: presented?.clientId ?? '',
      issuer: issuer?.issuer ?? '',
      grant: facts.parameters.grantType ?? '',
      ...found,
    }),
    async () => {
      if (isRefusal(admitted)) return admitted;
      const request = { facts, ...admitted, about: (more: Found) => void Object.assign(found, more) };
      return grant === 'client_credentials' ? tokensOfClient(flow.services, request) : tokensOfCode(request);
    },
  );
  if (!isRefusal(decision)) return { raw: bodyOf(decision), headers: tokenHeaders };
  if (decision.refused === 'invalid_client') {
    const { attempts, settings } = flow.services;
    const name = `client ${presented?.clientId ?? ''}`;
    await attempts.failed({ request: ctx.state.request, account: settings.account, name });
  }
  return refusedToken(decision);
}

/** What the checks make sure of, for the compiler. */
function admittedBy(
  { client }: TokenFacts,
  issuer: Issuer | undefined,
): Pick<AdmittedRequest, 'client' | 'issuer'> | Refusal {
  if (client !== undefined && issuer !== undefined) return { client, issuer };
  throw new LatchkeyError('INTERNAL', { detail: 'a token request that no check refused lacks its facts' });
}

function factsOf(
  services: Services,
  issuer: Issuer | undefined,
  presented: PresentedClient | undefined,
  parameters: TokenParameters,
): TokenFacts {
  const facts = { parameters, provider: issuer?.provider, clientId: presented?.clientId };
  if (issuer === undefined || presented === undefined) {
    return { ...facts, client: undefined, authenticated: false, key: undefined };
  }
  const client = clientIn(issuer.view, presented.clientId);
  return {
    ...facts,
    client,
    authenticated: isAuthentic(services, issuer, client, presented),
    key: client && keyNamed(issuer.view.state, client.key),
  };
}

/** Whether the credentials are the client's. To find that out of an unknown client takes as long as of a known one. */
function isAuthentic(
  { keyring, clock }: Services,
  { engine, provider, view }: Issuer,
  client: ClientRecord | undefined,
  { clientId, clientSecret }: PresentedClient,
): boolean {
  if (client?.type === 'public') return true;
  if (client !== undefined && !providerAllows(provider, clientId)) {
    // The engine knows no client that the provider does not serve, which is no matter of its secret.
    return secretMatches(keyring, client, clientSecret, clock.now());
  }
  try {
    engine.authenticateClient(view, { clientId, clientSecret });
    return true;
  } catch (error) {
    if (isFailure(error, 'OAUTH_INVALID_CLIENT')) return false;
    throw error;
  }
}

function parametersOf({
  grant_type: grantType,
  code,
  redirect_uri: redirectUri,
  code_verifier: codeVerifier,
  scope,
}: Values<typeof fields>): TokenParameters {
  return {
    ...(grantType === undefined ? {} : { grantType }),
    ...(code === undefined ? {} : { code }),
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(codeVerifier === undefined ? {} : { codeVerifier }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** RFC 6749 section 5.1, without `scope`, which Vault does not tell. */
function bodyOf({ accessToken, accessTokenTtlSeconds, idToken, refreshToken }: IssuedTokens): Raw['raw'] {
  return {
    access_token: accessToken,
    expires_in: accessTokenTtlSeconds,
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    token_type: 'Bearer',
  };
}
