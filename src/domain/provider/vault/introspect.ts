/** Whether an identity token is of use. It is Vault's own introspection, not that of RFC 7662. */
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { actorView } from '../../actor-view.ts';
import { audited } from '../../audited.ts';
import { occurrence } from '../../occurrence.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { entityRoleById } from '../identity/lookup.ts';
import { requireRegistryPrivilege } from '../registry/access.ts';
import { signingAlgorithms } from '../registry/records.ts';
import { identityTokenIssuer, identityTokenKeys } from './identity-tokens.ts';

type IntrospectServices = Pick<
  Services,
  'authority' | 'keyring' | 'audit' | 'clock' | 'settings' | 'publicOrigin'
>;

/** Of use, or why not. */
export type Introspection = { readonly active: true } | { readonly active: false; readonly error: string };

/** What is asked about. */
export interface IntrospectedToken {
  readonly token: string;
  /** The audience that it must have; empty: any. */
  readonly clientId: string;
}

const leewaySeconds = 60;
const maxTokenCharacters = 64 * 1024;

/**
 * Verifies an identity token: its signature by the keys of the roles, issuer, times (with a minute of
 * leeway), audience where one is given, and that whom it is about is still there. Tokens of providers
 * have other issuers, and are not of use here. Every question is audited (`introspect`).
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `read` on `conjur/oidc/introspection`
 * @see Vault: POST identity/oidc/introspect
 */
export async function introspect(
  services: IntrospectServices,
  request: ActorRequest,
  asked: IntrospectedToken,
): Promise<Introspection> {
  let issuer = '';
  return audited(
    services.audit,
    (failure) => ({
      type: 'oidc-provider',
      operation: 'introspect',
      ...occurrence(services, request, failure),
      role: request.actor.role,
      client: asked.clientId,
      issuer,
    }),
    async () => {
      const view = await actorView(services, request.actor, services.settings.account, []);
      requireRegistryPrivilege(view, request.actor, 'read', 'introspection');
      issuer = identityTokenIssuer(services, view);
      const keys = await identityTokenKeys(services);
      const verified = await verify(asked, { issuer, keys, now: services.clock.now() });
      if ('error' in verified) return { active: false, error: verified.error };
      const gone = entityRoleById(view.state, verified.subject) === undefined;
      return gone ? { active: false, error: 'entity was not found' } : { active: true };
    },
  );
}

interface Expected {
  readonly issuer: string;
  readonly keys: Awaited<ReturnType<typeof identityTokenKeys>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Verified = { readonly subject: string } | { readonly error: string };

/** Three parts of base64url: parsers that are more lenient see other tokens in the same text. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

async function verify(
  { token, clientId }: IntrospectedToken,
  { issuer, keys, now }: Expected,
): Promise<Verified> {
  if (token.length > maxTokenCharacters || !compactForm.test(token))
    return { error: 'failed to parse the token' };
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...keys] }), {
      issuer,
      algorithms: [...signingAlgorithms],
      requiredClaims: ['exp', 'iat', 'sub', 'aud'],
      clockTolerance: leewaySeconds,
      currentDate: new Date(now),
      ...(clientId === '' ? {} : { audience: clientId }),
    });
    return { subject: payload.sub ?? '' };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return { error: wordsOf(error) };
  }
}

/** The claim that is at fault may be told: whoever asks holds the token. */
function wordsOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token is expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `the claim "${error.claim}" is not valid`;
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return 'unable to validate the signature of the token';
  }
  return 'failed to parse the token';
}
