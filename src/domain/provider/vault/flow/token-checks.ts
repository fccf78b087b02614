/**
 * What Vault checks before it issues tokens, in its order. A code is looked for, and used up by
 * it, between the checks of the request and those of the redemption.
 */
import type { ClientGrant, ClientRecord, KeyRecord, ProviderRecord } from '../../registry/records.ts';
import { keyAllows } from '../../keys/ring.ts';
import { providerAllows } from '../providers.ts';
import { verifierMatches, type Challenge } from './pkce.ts';
import { firstRefusal, type Check, type Refusal } from './refusal.ts';
import { asksForOpenId } from './scopes.ts';

/** What a token request says of itself. Absent and empty are the same to Vault here. */
export interface TokenParameters {
  readonly grantType?: string;
  readonly code?: string;
  readonly redirectUri?: string;
  readonly codeVerifier?: string;
  readonly scope?: string;
}

export interface TokenFacts {
  readonly parameters: TokenParameters;
  readonly provider: ProviderRecord | undefined;
  /** Undefined where neither a header nor the body names a client. */
  readonly clientId: string | undefined;
  readonly client: ClientRecord | undefined;
  /** Whether the client proved itself; a public one has nothing to prove. */
  readonly authenticated: boolean;
  /** The key that signs for the client. */
  readonly key: KeyRecord | undefined;
}

const grants: Readonly<Record<string, ClientGrant>> = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  refresh_token: 'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'token_exchange',
};

/** The grant that a `grant_type` names; undefined for one that is not known here. */
export function grantOf(grantType: string | undefined): ClientGrant | undefined {
  return Object.hasOwn(grants, grantType ?? '') ? grants[grantType ?? ''] : undefined;
}

const client: readonly Check<TokenFacts>[] = [
  {
    refused: 'invalid_request',
    description: 'the provider is unknown',
    reason: 'there is no such provider',
    fails: ({ provider }) => provider === undefined,
  },
  {
    refused: 'invalid_request',
    description: 'client_id is required',
    reason: 'client_id is missing',
    fails: ({ clientId }) => clientId === undefined,
  },
  {
    refused: 'invalid_client',
    description: 'the client could not be authenticated',
    reason: 'there is no such client',
    fails: (facts) => facts.client === undefined,
  },
  {
    refused: 'invalid_client',
    description: 'the client could not be authenticated',
    reason: 'the secret of the client is wrong or missing',
    fails: ({ authenticated }) => !authenticated,
  },
  {
    refused: 'invalid_client',
    description: 'the provider does not serve the client',
    reason: 'the provider does not allow the client',
    fails: ({ provider, client: asking }) =>
      provider === undefined || !providerAllows(provider, asking?.clientId ?? ''),
  },
  {
    refused: 'server_error',
    description: 'the key of the client is missing',
    reason: 'the key of the client is missing',
    fails: ({ key }) => key === undefined,
  },
  {
    refused: 'invalid_client',
    description: 'the key of the client does not sign for it',
    reason: 'the key does not allow the client',
    fails: ({ key, client: asking }) => key === undefined || !keyAllows(key, asking?.clientId ?? ''),
  },
];

const grant: readonly Check<TokenFacts>[] = [
  {
    refused: 'unsupported_grant_type',
    description: 'grant_type is missing or not supported',
    reason: 'grant_type is missing or unknown',
    fails: ({ parameters, client: asking }) => {
      const named = grantOf(parameters.grantType);
      // Vault knows the first two alone; the others are there for clients that have them.
      const always = named === 'authorization_code' || named === 'client_credentials';
      return named === undefined || (!always && asking?.grants.includes(named) !== true);
    },
  },
  {
    refused: 'invalid_grant',
    description: 'the client may not use this grant',
    reason: 'the client may not use this grant',
    fails: (facts) => {
      const named = grantOf(facts.parameters.grantType);
      return named === undefined || facts.client?.grants.includes(named) !== true;
    },
  },
];

const code: readonly Check<TokenFacts>[] = [
  {
    refused: 'invalid_request',
    description: 'code is required',
    reason: 'code is missing',
    fails: ({ parameters }) => isEmpty(parameters.code),
  },
];

const clientCredentials: readonly Check<TokenFacts>[] = [
  {
    refused: 'unauthorized_client',
    description: 'a public client has no credentials',
    reason: 'a public client asked for tokens by its credentials',
    fails: (facts) => facts.client?.type !== 'confidential',
  },
  {
    refused: 'invalid_request',
    description: 'scope must include openid',
    reason: 'scope is without openid',
    fails: ({ parameters }) => !asksForOpenId(parameters.scope),
  },
];

const requestOfAnyGrant: readonly Check<TokenFacts>[] = [...client, ...grant];

/** The checks of every token request: who asks, and whether it may at this issuer, with this grant. */
export function refuseTokenRequest(facts: TokenFacts): Refusal | undefined {
  return firstRefusal(requestOfAnyGrant, facts);
}

/** Those of a request with a code that come before the code is looked for: they leave it usable. */
export function refuseCodeRequest(facts: TokenFacts): Refusal | undefined {
  return firstRefusal(code, facts);
}

/** Those of a request with the client's own credentials. Vault leaves out the first: a public client has none. */
export function refuseClientCredentials(facts: TokenFacts): Refusal | undefined {
  return firstRefusal(clientCredentials, facts);
}

/** What was put down when the code was made. */
export interface IssuedCode {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge?: Challenge;
}

export interface RedemptionFacts {
  readonly parameters: TokenParameters;
  readonly client: ClientRecord;
  /** Undefined: unknown, expired, used up, or made by another provider. */
  readonly code: IssuedCode | undefined;
  readonly entity: 'gone' | 'there';
  readonly assigned: boolean;
  /** Whether templates of the granted scopes claim the same. */
  readonly conflict: boolean;
}

const conflictOfScopes: Check<Pick<RedemptionFacts, 'conflict'>> = {
  refused: 'invalid_request',
  description: 'scopes claim the same',
  reason: 'templates of the granted scopes claim the same',
  fails: ({ conflict }) => conflict,
};

const invalidCode = 'the code is not valid';

const redemption: readonly Check<RedemptionFacts>[] = [
  {
    refused: 'invalid_grant',
    description: invalidCode,
    reason: 'the code is unknown, expired, used or of another provider',
    fails: (facts) => facts.code === undefined,
  },
  {
    refused: 'invalid_grant',
    description: invalidCode,
    reason: 'the code was issued to another client',
    fails: (facts) => facts.code?.clientId !== facts.client.clientId,
  },
  {
    refused: 'invalid_request',
    description: 'redirect_uri is required',
    reason: 'redirect_uri is missing',
    fails: ({ parameters }) => isEmpty(parameters.redirectUri),
  },
  {
    refused: 'invalid_grant',
    description: 'redirect_uri is not that of the authorization request',
    reason: 'redirect_uri differs from that of the authorization request',
    fails: (facts) => facts.parameters.redirectUri !== facts.code?.redirectUri,
  },
  {
    refused: 'invalid_request',
    description: 'the entity is unknown',
    reason: 'the role is gone',
    fails: (facts) => facts.entity === 'gone',
  },
  {
    refused: 'invalid_request',
    description: 'the entity is not assigned to the client',
    reason: 'no assignment of the client names the role or a group of it',
    fails: ({ assigned }) => !assigned,
  },
  {
    refused: 'invalid_request',
    description: 'public clients must use a code_challenge',
    reason: 'a public client used a code without challenge',
    fails: (facts) => facts.client.type === 'public' && facts.code?.challenge === undefined,
  },
  {
    refused: 'invalid_request',
    description: 'code_verifier was sent for a code without challenge',
    reason: 'a verifier was sent for a code without challenge',
    fails: (facts) => facts.code?.challenge === undefined && !isEmpty(facts.parameters.codeVerifier),
  },
  {
    refused: 'invalid_request',
    description: 'code_verifier is required',
    reason: 'code_verifier is missing',
    fails: (facts) => facts.code?.challenge !== undefined && isEmpty(facts.parameters.codeVerifier),
  },
  {
    refused: 'invalid_grant',
    description: 'code_verifier does not match',
    reason: 'code_verifier does not match',
    fails: ({ parameters, code: issued }) =>
      issued?.challenge !== undefined && !verifierMatches(issued.challenge, parameters.codeVerifier ?? ''),
  },
  conflictOfScopes,
];

/** Whether the templates of the scopes that a client asks for by itself claim the same. */
export function refuseConflict(conflict: boolean): Refusal | undefined {
  return firstRefusal([conflictOfScopes], { conflict });
}

/** The checks of a code that was looked for, and used up by that. */
export function refuseRedemption(facts: RedemptionFacts): Refusal | undefined {
  return firstRefusal(redemption, facts);
}

/** What a client is told of a code that is no good, whatever the reason. */
export function refusedCode(reason: string): Refusal {
  return { refused: 'invalid_grant', description: invalidCode, reason };
}

function isEmpty(parameter: string | undefined): boolean {
  return parameter === undefined || parameter === '';
}
