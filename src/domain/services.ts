/** Everything that a use case may ask for; each names what it needs with `Pick`. */
import type { AuditSink } from '../ports/audit-sink.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdTokenVerifier } from '../ports/id-token-verifier.ts';
import type { Keyring } from '../ports/keyring.ts';
import type { Authority } from './accounts/authority.ts';
import type { PasswordHasher } from './authn/password.ts';
import type { AccessTokens } from './tokens/access-tokens.ts';

export interface Services {
  readonly authority: Authority;
  readonly keyring: Keyring;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly idTokens: IdTokenVerifier;
  readonly tokens: AccessTokens;
  readonly passwords: PasswordHasher;
  readonly settings: DomainSettings;
}

/** The settings that use cases read. */
export interface DomainSettings {
  /** Authenticators that are enabled by configuration, for example `authn` and `authn-oidc/okta`. */
  readonly authenticators: readonly string[];
  readonly accessTokenTtlSeconds: number;
  readonly maxSecretBytes: number;
  readonly maxPolicyBytes: number;
  /** How many versions of a secret, and of a policy, are kept. */
  readonly secretVersions: number;
  readonly policyVersions: number;
}
