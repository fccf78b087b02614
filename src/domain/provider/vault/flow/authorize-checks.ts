/**
 * What Vault checks before it authorizes a client, in its order: the first that fails is the
 * answer. The checks know the registry and the role, and nothing of how they were asked.
 */
import type { ClientRecord, ProviderRecord } from '../../registry/records.ts';
import { providerAllows } from '../providers.ts';
import { challengeLengthAllowed, isChallengeMethod } from './pkce.ts';
import { redirectUriRegistered } from '../../engine/redirect-uri.ts';
import { firstRefusal, type Check, type Refusal } from './refusal.ts';
import { asksForOpenId } from './scopes.ts';

/** The parameters of an authorization request. One that is absent is undefined; one sent empty is empty. */
export interface AuthorizeParameters {
  readonly clientId?: string;
  readonly redirectUri?: string;
  readonly responseType?: string;
  readonly scope?: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly maxAgeSeconds?: number;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: string;
  /** Only whether they were sent matters: neither is supported. */
  readonly request?: string;
  readonly requestUri?: string;
}

/** What the first checks look at: who asks to send whom where. */
export interface ClientFacts {
  readonly parameters: AuthorizeParameters;
  /** The client of that id, if it is one that this provider could serve. */
  readonly client: ClientRecord | undefined;
}

export interface AuthorizeFacts extends ClientFacts {
  readonly provider: ProviderRecord | undefined;
  readonly subject: SubjectFacts;
}

/** Who would sign in. */
export interface SubjectFacts {
  /** `none`: what was proved is no user or host; `gone`: its role is no longer there. */
  readonly entity: 'none' | 'gone' | 'there';
  /** Whether an assignment of the client names it, or a group that it holds. */
  readonly assigned: boolean;
  /** Whole seconds since it authenticated; undefined where that is no longer known. */
  readonly ageSeconds: number | undefined;
}

const client: readonly Check<ClientFacts>[] = [
  {
    refused: 'invalid_client_id',
    description: 'client_id is required',
    reason: 'client_id is missing',
    fails: ({ parameters }) => isEmpty(parameters.clientId),
  },
  {
    refused: 'invalid_client_id',
    description: 'the client is unknown',
    reason: 'there is no such client',
    fails: (facts) => facts.client === undefined,
  },
];

const flow: readonly Check<ClientFacts>[] = [
  {
    refused: 'invalid_grant',
    description: 'the client may not use authorization codes',
    reason: 'the client may not use authorization codes',
    fails: (facts) => facts.client?.grants.includes('authorization_code') !== true,
  },
];

const redirect: readonly Check<ClientFacts>[] = [
  {
    refused: 'invalid_request',
    description: 'redirect_uri is required',
    reason: 'redirect_uri is missing',
    fails: ({ parameters }) => isEmpty(parameters.redirectUri),
  },
  {
    refused: 'invalid_redirect_uri',
    description: 'redirect_uri is not one of those of the client',
    reason: 'redirect_uri is not registered',
    fails: (facts) =>
      !redirectUriRegistered(facts.parameters.redirectUri ?? '', facts.client?.redirectUris ?? []),
  },
];

const request: readonly Check<AuthorizeFacts>[] = [
  {
    refused: 'invalid_request',
    description: 'the provider is unknown',
    reason: 'there is no such provider',
    fails: ({ provider }) => provider === undefined,
  },
  {
    refused: 'unauthorized_client',
    description: 'the provider does not serve the client',
    reason: 'the provider does not allow the client',
    fails: ({ provider, client: asking }) =>
      provider === undefined || !providerAllows(provider, asking?.clientId ?? ''),
  },
  {
    refused: 'request_not_supported',
    description: 'request objects are not supported',
    reason: 'a request object was sent',
    fails: ({ parameters }) => parameters.request !== undefined,
  },
  {
    refused: 'request_uri_not_supported',
    description: 'request_uri is not supported',
    reason: 'a request_uri was sent',
    fails: ({ parameters }) => parameters.requestUri !== undefined,
  },
  {
    refused: 'invalid_request',
    description: 'scope must include openid',
    reason: 'scope is without openid',
    fails: ({ parameters }) => !asksForOpenId(parameters.scope),
  },
  {
    refused: 'invalid_request',
    description: 'response_type is required',
    reason: 'response_type is missing',
    fails: ({ parameters }) => isEmpty(parameters.responseType),
  },
  {
    refused: 'unsupported_response_type',
    description: 'response_type must be code',
    reason: 'response_type is not code',
    fails: ({ parameters }) => parameters.responseType !== 'code',
  },
];

const entity: readonly Check<AuthorizeFacts>[] = [
  {
    refused: 'access_denied',
    description: 'only users and hosts can sign in',
    reason: 'the role is no user or host',
    fails: ({ subject }) => subject.entity === 'none',
  },
  {
    refused: 'access_denied',
    description: 'the entity is unknown',
    reason: 'the role is gone',
    fails: ({ subject }) => subject.entity === 'gone',
  },
  {
    refused: 'access_denied',
    description: 'the entity is not assigned to the client',
    reason: 'no assignment of the client names the role or a group of it',
    fails: ({ subject }) => !subject.assigned,
  },
];

const proofKey: readonly Check<AuthorizeFacts>[] = [
  {
    refused: 'invalid_request',
    description: 'public clients must send a code_challenge',
    reason: 'a public client sent no code_challenge',
    fails: (facts) => facts.client?.type === 'public' && facts.parameters.codeChallenge === undefined,
  },
  {
    refused: 'invalid_request',
    description: 'code_challenge_method must be plain or S256',
    reason: 'code_challenge_method is unknown',
    fails: ({ parameters }) =>
      parameters.codeChallenge !== undefined && !isChallengeMethod(parameters.codeChallengeMethod),
  },
  {
    refused: 'invalid_request',
    description: 'code_challenge must have 43 to 128 characters',
    reason: 'code_challenge is too short or too long',
    fails: ({ parameters }) =>
      parameters.codeChallenge !== undefined && !challengeLengthAllowed(parameters.codeChallenge),
  },
];

const age: readonly Check<AuthorizeFacts>[] = [
  {
    refused: 'invalid_request',
    description: 'max_age must not be negative',
    reason: 'max_age is negative',
    fails: ({ parameters }) => parameters.maxAgeSeconds !== undefined && parameters.maxAgeSeconds < 0,
  },
  {
    refused: 'access_denied',
    description: 'the time of the authentication is unknown',
    reason: 'the session ended meanwhile',
    fails: ({ parameters, subject }) =>
      parameters.maxAgeSeconds !== undefined && subject.ageSeconds === undefined,
  },
  {
    refused: 'max_age_violation',
    description: 'the authentication is older than max_age',
    reason: 'the authentication is older than max_age',
    fails: ({ parameters, subject }) =>
      parameters.maxAgeSeconds !== undefined && (subject.ageSeconds ?? 0) > parameters.maxAgeSeconds,
  },
];

const all: readonly Check<AuthorizeFacts>[] = [
  ...client,
  ...flow,
  ...redirect,
  ...request,
  ...entity,
  ...proofKey,
  ...age,
];

/** Every check of an authorization request, in Vault's order. */
export function refuseAuthorize(facts: AuthorizeFacts): Refusal | undefined {
  return firstRefusal(all, facts);
}

function isEmpty(parameter: string | undefined): boolean {
  return parameter === undefined || parameter === '';
}
