/** The authorization endpoint that answers in JSON, to whoever has a token of a user or host. */
import { credentialRevisionIn } from '../../../domain/records/credentials.ts';
import { LatchkeyError } from '../../../domain/errors.ts';
import type { AccountView } from '../../../domain/accounts/authority.ts';
import type { ClientRecord } from '../../../domain/provider/registry/records.ts';
import type { RoleRow } from '../../../domain/records/rows.ts';
import { signsIn } from '../../../domain/provider/identity/subject.ts';
import { auditedDecision } from '../../../domain/provider/vault/flow/audited-decision.ts';
import {
  refuseAuthorize,
  type AuthorizeParameters,
  type SubjectFacts,
} from '../../../domain/provider/vault/flow/authorize-checks.ts';
import { clientIn, mayUse } from '../../../domain/provider/vault/flow/lookup.ts';
import { isRefusal, type Refusal } from '../../../domain/provider/vault/flow/refusal.ts';
import { scopesOf, supportedScopes } from '../../../domain/provider/vault/flow/scopes.ts';
import type { Raw } from '../envelope.ts';
import type { Values } from '../fields.ts';
import { tokenRoute, type Route, type TokenCall } from '../routing.ts';
import { issuerNamed, type FlowServices, type Issuer } from './issuer.ts';
import { maxFlowBodyBytes } from './reply.ts';

const fields = {
  client_id: 'string',
  redirect_uri: 'string',
  response_type: 'string',
  scope: 'string',
  state: 'string',
  nonce: 'string',
  max_age: 'int',
  code_challenge: 'string',
  code_challenge_method: 'string',
  request: 'string',
  request_uri: 'string',
} as const;

type AuthorizeCall = TokenCall<typeof fields>;

/** What an authorization comes to. */
interface Granted {
  readonly code: string;
}

export function authorizeRoutes(flow: FlowServices): readonly Route[] {
  const handle = (call: AuthorizeCall): Promise<Raw> => authorize(flow, call);
  const path = 'identity/oidc/provider/:name/authorize';
  return [tokenRoute({ path, fields, maxBodyBytes: maxFlowBodyBytes }, { read: handle, write: handle })];
}

async function authorize(flow: FlowServices, call: AuthorizeCall): Promise<Raw> {
  const { request, token, captured, values } = call;
  const parameters = parametersOf(values);
  const issuer = await issuerNamed(flow, captured['name'] ?? '', token.view);
  const scope = scopesOf(parameters.scope).join(' ');
  const decision = await auditedDecision<Granted>(
    flow.services,
    request,
    () => ({
      operation: 'authorize',
      role: request.actor.role,
      client: parameters.clientId ?? '',
      issuer: issuer?.issuer ?? '',
      ...(scope === '' ? {} : { scope }),
    }),
    () => decide(flow, call, parameters, issuer),
  );
  const { state = '' } = parameters;
  if (!isRefusal(decision)) return { raw: { code: decision.code, state } };
  const { refused, description } = decision;
  // Vault does not read the state where it is told to look for the parameters elsewhere.
  const blank = refused === 'request_not_supported' || refused === 'request_uri_not_supported';
  return {
    raw: { error: refused, error_description: description, state: blank ? '' : state },
    status: refused === 'server_error' ? 500 : 400,
  };
}

async function decide(
  { services }: FlowServices,
  { token }: AuthorizeCall,
  parameters: AuthorizeParameters,
  issuer: Issuer | undefined,
): Promise<Granted | Refusal> {
  const { view, actor } = token;
  const role = view.state.graph.role(actor.role);
  const client = clientIn(view, parameters.clientId);
  const authenticatedAt = authenticationTimeOf(token);
  const subject: SubjectFacts = {
    ...subjectOf(view, role, client),
    ageSeconds: Math.max(0, Math.floor(services.clock.now() / 1_000) - authenticatedAt),
  };
  const refusal = refuseAuthorize({ parameters, client, provider: issuer?.provider, subject });
  if (refusal !== undefined) return refusal;
  if (client === undefined || issuer === undefined || role === undefined) {
    throw new LatchkeyError('INTERNAL', { detail: 'an authorization that no check refused lacks its facts' });
  }
  // A session's view has the credential that the session ends with.
  const credentialRevision = token.session === undefined ? undefined : credentialRevisionIn(view.records[0]);
  return { code: await mint(issuer, { role, client, parameters, authenticatedAt, credentialRevision }) };
}

function subjectOf(
  view: AccountView,
  role: RoleRow | undefined,
  client: ClientRecord | undefined,
): Pick<SubjectFacts, 'entity' | 'assigned'> {
  if (role === undefined) return { entity: 'gone', assigned: false };
  if (!signsIn(role.role)) return { entity: 'none', assigned: false };
  return { entity: 'there', assigned: client !== undefined && mayUse(view, role, client) };
}

/** When the role proved itself, in seconds since the epoch: the time of the login, which sessions that follow from it keep. */
function authenticationTimeOf({ actor, session }: AuthorizeCall['token']): number {
  return session === undefined ? actor.issuedAt : Math.floor(session.authenticatedAt / 1_000);
}

interface Grant {
  readonly role: RoleRow;
  readonly client: ClientRecord;
  readonly parameters: AuthorizeParameters;
  readonly authenticatedAt: number;
  readonly credentialRevision: number | undefined;
}

async function mint(
  { engine, provider }: Issuer,
  { role, client, parameters, authenticatedAt, credentialRevision }: Grant,
): Promise<string> {
  const { nonce = '', maxAgeSeconds, redirectUri = '', codeChallenge, codeChallengeMethod } = parameters;
  return engine.mintCode({
    authorization: {
      role,
      client,
      scopes: ['openid', ...supportedScopes(scopesOf(parameters.scope), provider)],
      audiences: [],
      ...(maxAgeSeconds === undefined ? {} : { authTimeSeconds: authenticatedAt }),
      ...(credentialRevision === undefined ? {} : { credentialRevision }),
      ...(nonce === '' ? {} : { nonce }),
      attributes: {},
    },
    redirectUri,
    ...(codeChallenge === undefined
      ? {}
      : { codeChallenge, codeChallengeMethod: codeChallengeMethod === 'S256' ? 'S256' : 'plain' }),
  });
}

const parameterNames = {
  client_id: 'clientId',
  redirect_uri: 'redirectUri',
  response_type: 'responseType',
  scope: 'scope',
  state: 'state',
  nonce: 'nonce',
  max_age: 'maxAgeSeconds',
  code_challenge: 'codeChallenge',
  code_challenge_method: 'codeChallengeMethod',
  request: 'request',
  request_uri: 'requestUri',
} as const satisfies Record<keyof typeof fields, keyof AuthorizeParameters>;

function parametersOf(values: Values<typeof fields>): AuthorizeParameters {
  const given = Object.entries(values).map(([name, value]) => [
    parameterNames[name as keyof typeof fields],
    value,
  ]);
  return Object.fromEntries(given) as AuthorizeParameters;
}
