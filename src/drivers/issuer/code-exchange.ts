import {
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  Configuration,
  customFetch,
  genericGrantRequest,
  ResponseBodyError,
  type ClientAuth,
  type ServerMetadata,
} from 'openid-client';
import { isFailure, LatchkeyError, type ErrorCode } from '../../domain/errors.ts';
import type { CodeClient, CodeExchange, PresentedCode } from '../../ports/code-exchange.ts';
import type { Issuers } from './issuers.ts';
import type { Outbound } from '../outbound/outbound.ts';

const leewaySeconds = 60;
const grantType = 'authorization_code';

/**
 * Opens the exchange of authorization codes, on what is remembered of the issuers. Its calls have
 * the limits and address rules of all calls to issuers.
 * @see RFC 6749 section 4.1.3, RFC 7636 section 4.5, OpenID Connect Core 1.0 section 3.1.3
 */
export function openCodeExchange(issuers: Issuers): CodeExchange {
  return {
    exchange: async (client, presented) => {
      const { metadata } = await issuers.entryOf(client.issuer).current();
      const endpoint = tokenEndpointOf(metadata, client, issuers);
      try {
        return await issuers.exchange(endpoint.origin, client.issuer.caCert, (outbound, signal) =>
          grant(configurationOf(metadata, client, endpoint, outbound, signal), client, presented),
        );
      } catch (error) {
        throw asExchangeFailure(error);
      }
    },
    authorizationEndpoint: async (issuer) => {
      const { metadata } = await issuers.entryOf(issuer).current();
      const { authorization_endpoint: endpoint } = metadata;
      if (endpoint === undefined) throw invalid('The metadata of the issuer names no authorization endpoint');
      // A browser goes there, not this service; but it must be a place that a browser may be sent to.
      return issuers.readAddress(endpoint, 'The authorization endpoint of the issuer').href;
    },
  };
}

function tokenEndpointOf(metadata: ServerMetadata, { issuer }: CodeClient, issuers: Issuers): URL {
  const { token_endpoint: endpoint } = metadata;
  if (endpoint === undefined) throw invalid('The metadata of the issuer names no token endpoint');
  const url = issuers.readAddress(endpoint, 'The token endpoint of the issuer');
  if (issuer.providerUri.startsWith('https:') && url.protocol !== 'https:') {
    throw new LatchkeyError('ISSUER_NOT_ALLOWED', {
      detail: 'The token endpoint of the issuer gives up https',
    });
  }
  return url;
}

function configurationOf(
  metadata: ServerMetadata,
  { clientId, clientSecret }: CodeClient,
  endpoint: URL,
  outbound: Outbound,
  signal: AbortSignal,
): Configuration {
  // The library insists on https. The address has been held to rules of our own, and our own fetch
  // goes to it, so the library may see it as it would be with https.
  const nominal = new URL(endpoint);
  nominal.protocol = 'https:';
  const configuration = new Configuration(
    { ...metadata, token_endpoint: nominal.href },
    clientId,
    { [clockTolerance]: leewaySeconds },
    authenticationOf(metadata, clientSecret),
  );
  configuration[customFetch] = async (_url, { body, headers }) =>
    // The body of a grant request is a form.
    outbound.post(endpoint, body instanceof URLSearchParams ? body.toString() : '', headers, signal);
  return configuration;
}

/** HTTP Basic (RFC 6749 section 2.3.1), unless the issuer says that it takes only the form. */
function authenticationOf(metadata: ServerMetadata, clientSecret: string): ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return !methods.includes('client_secret_basic') && methods.includes('client_secret_post')
    ? ClientSecretPost(clientSecret)
    : ClientSecretBasic(clientSecret);
}

async function grant(
  configuration: Configuration,
  { redirectUri }: CodeClient,
  { code, codeVerifier }: PresentedCode,
): Promise<string> {
  const { id_token: idToken } = await genericGrantRequest(configuration, grantType, {
    code,
    ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
    ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
  });
  if (idToken === undefined) throw failed('The issuer answered the code without an ID token');
  return idToken;
}

/** Claims that the library compares, by the failure that a difference is. */
const failureOfClaim: Readonly<Partial<Record<string, ErrorCode>>> = {
  iss: 'ID_TOKEN_ISSUER_MISMATCH',
  aud: 'ID_TOKEN_AUDIENCE_MISMATCH',
  azp: 'ID_TOKEN_AUDIENCE_MISMATCH',
};

/**
 * The library's errors are no causes here: they hold the issuer's answer, claims included. Where the issuer is
 * at fault, and not the code, a failure of the issuer is the cause.
 */
function asExchangeFailure(error: unknown): LatchkeyError {
  const own = failureWithin(error);
  if (own !== undefined) {
    return own.code === 'CODE_EXCHANGE_FAILED' || own.code === 'OVERLOADED' ? own : failed(own.message, own);
  }
  if (error instanceof ResponseBodyError) return failed(`The issuer refused the code: ${errorName(error)}`);
  if (!(error instanceof ClientError)) return failed('The code could not be exchanged');
  if (error.code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED')
    return new LatchkeyError(failureOfClaim[claimOf(error)] ?? 'ID_TOKEN_CLAIM_INVALID');
  if (error.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED')
    return new LatchkeyError(claimOf(error) === 'nbf' ? 'ID_TOKEN_NOT_YET_VALID' : 'ID_TOKEN_EXPIRED');
  const detail = 'The issuer answered the code with what cannot be used';
  return failed(detail, new LatchkeyError('ISSUER_INVALID', { detail }));
}

/** Our own failure, which the library may have wrapped into its. */
function failureWithin(error: unknown): LatchkeyError | undefined {
  if (isFailure(error)) return error;
  return error instanceof Error ? failureWithin(error.cause) : undefined;
}

/** The name of an OAuth error (RFC 6749 section 5.2); anything longer is the issuer's prose. */
function errorName({ error }: ResponseBodyError): string {
  return /^[a-z_]{1,60}$/.test(error) ? error : 'an error without a proper name';
}

/** Which claim a comparison was about: the library says so two causes down. */
function claimOf(error: Error): string {
  for (let cause: unknown = error.cause; cause !== undefined;) {
    if (typeof cause !== 'object' || cause === null) return '';
    if ('claim' in cause && typeof cause.claim === 'string') return cause.claim;
    cause = 'cause' in cause ? cause.cause : undefined;
  }
  return '';
}

function failed(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('CODE_EXCHANGE_FAILED', { detail, cause });
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('ISSUER_INVALID', { detail });
}
