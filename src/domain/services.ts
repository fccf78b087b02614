/** Everything that a use case may ask for; each names what it needs with `Pick`. */
import type { AuditSink } from '../ports/audit-sink.ts';
import type { CertificateIssuer } from '../ports/certificate-issuer.ts';
import type { Clock } from '../ports/clock.ts';
import type { CallerIdentities } from '../ports/caller-identity.ts';
import type { CodeExchange } from '../ports/code-exchange.ts';
import type { EphemeralStore } from '../ports/ephemeral-store.ts';
import type { IdTokenVerifier } from '../ports/id-token-verifier.ts';
import type { LdapDirectory } from '../ports/ldap-directory.ts';
import type { Keyring } from '../ports/keyring.ts';
import type { LogoutDelivery } from '../ports/logout-delivery.ts';
import type { Account } from './ids.ts';
import type { Attempts } from './abuse/attempts.ts';
import type { Authority } from './accounts/authority.ts';
import type { PasswordHasher } from './authn/password.ts';
import type { AccessTokens } from './tokens/access-tokens.ts';

export interface Services {
  readonly authority: Authority;
  readonly ephemeral: EphemeralStore;
  readonly keyring: Keyring;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly certificates: CertificateIssuer;
  readonly idTokens: IdTokenVerifier;
  readonly codes: CodeExchange;
  readonly directories: LdapDirectory;
  readonly awsCallers: CallerIdentities;
  readonly logouts: LogoutDelivery;
  readonly tokens: AccessTokens;
  readonly passwords: PasswordHasher;
  readonly attempts: Attempts;
  readonly settings: DomainSettings;
  /**
   * Scheme, host and port at which clients reach the service, without a slash at the end; never taken
   * from a request. Known once the service listens.
   */
  readonly publicOrigin: () => string;
}

/** The settings that use cases read. */
export interface DomainSettings {
  /** The account whose OpenID Provider is served. */
  readonly account: Account;
  /** Authenticators that are enabled by configuration, for example `authn` and `authn-oidc/okta`. */
  readonly authenticators: readonly string[];
  readonly accessTokenTtlSeconds: number;
  /** The issuer of the tokens that authn-gcp takes. */
  readonly gcpIssuer: string;
  /** The directory of authn-ldap, where policy names no other: `ldap://HOST:PORT`. */
  readonly ldapUri: string | undefined;
  readonly ldapBaseDn: string | undefined;
  /** Who looks for people in that directory; anonymous when undefined. */
  readonly ldapBindDn: string | undefined;
  readonly ldapBindPassword: { reveal(): string } | undefined;
  readonly ldapFilter: string | undefined;
  readonly maxSecretBytes: number;
  readonly maxPolicyBytes: number;
  /** Whether tokens of host factories can be made, and hosts with them. */
  readonly hostFactoriesEnabled: boolean;
  /** Whether there are issuers, and values of variables below `data/dynamic/` are theirs to make. */
  readonly dynamicSecretsEnabled: boolean;
  /** How many versions of a secret, and of a policy, are kept. */
  readonly secretVersions: number;
  readonly policyVersions: number;
  /** Whether only users whom the administrator owns may be defined. */
  readonly usersInRootPolicyOnly: boolean;
  /** Whether a host may use its API key without saying so by an annotation. */
  readonly apiKeyByDefault: boolean;
  /**
   * Passwords that users are given when a policy names them: by identifier, in upper case and with
   * `_` for all that is no letter or digit.
   */
  readonly userPasswords: ReadonlyMap<string, { reveal(): string }>;
}
