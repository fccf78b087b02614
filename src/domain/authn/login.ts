/** The API-key authenticator, `authn`: login, and API key for access token. */
import type { PasswordGate } from '../abuse/attempts.ts';
import { textOf } from '../utf8.ts';
import { audited } from '../audited.ts';
import type { AuthenticationEvent } from '../audit/events.ts';
import { originAllowed } from '../cidr.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { roleOfLogin, type Account, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { RequestContext } from '../request.ts';
import type { Services } from '../services.ts';
import { apiKeyMatches, openApiKey } from './api-key.ts';
import { readCredential, type CredentialView } from './credential-change.ts';

/** A login name and what was presented with it. */
export interface Presented {
  readonly login: string;
  /** A password or an API key: exact bytes. */
  readonly secret: Uint8Array;
}

export type CredentialServices = Pick<
  Services,
  'authority' | 'keyring' | 'passwords' | 'clock' | 'audit' | 'attempts'
>;

/**
 * Proves an identity with a password or an API key and answers the role's API key.
 * @throws LatchkeyError those of {@link proveByCredential}, which look alike to the caller
 * @see Conjur: GET /authn/{account}/login
 */
export async function login(
  services: CredentialServices,
  request: RequestContext,
  account: Account,
  presented: Presented,
): Promise<string> {
  const { role, view } = await proveByCredential(services, request, account, presented);
  const sealed = view.credential?.sealedApiKey;
  if (sealed === undefined) throw new LatchkeyError('CREDENTIALS_INVALID');
  return openApiKey(services.keyring, role, sealed);
}

/**
 * Trades a role's API key for an access token; a password is not accepted here.
 * @returns the token's JSON text
 * @throws LatchkeyError `CREDENTIALS_INVALID`, `AUTHENTICATION_ROLE_NOT_FOUND`, `ACCOUNT_NOT_FOUND`
 * @throws LatchkeyError `ORIGIN_REFUSED`: the role is restricted to other addresses
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, instead of those, where too many failed of late
 * @see Conjur: POST /authn/{account}/{login}/authenticate
 */
export async function authenticateByApiKey(
  services: CredentialServices & Pick<Services, 'tokens' | 'settings'>,
  request: RequestContext,
  account: Account,
  presented: Presented,
): Promise<string> {
  const attempted = { request, account, name: presented.login };
  const act = async (): Promise<string> => {
    const role = roleOfPresented(account, presented.login);
    const { state, credential } = await readCredential(services, role);
    const matches = apiKeyMatches(services.keyring, role, credential, presented.secret);
    if (!state.graph.hasRole(role)) {
      throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', { detail: `'${presented.login}' not found` });
    }
    if (!matches) throw new LatchkeyError('CREDENTIALS_INVALID');
    if (!originAllowed(state.graph.restrictedTo(role), request.clientIp))
      throw new LatchkeyError('ORIGIN_REFUSED');
    return services.tokens.issue(state, role, services.settings.accessTokenTtlSeconds);
  };
  return services.attempts.byToken(attempted, () =>
    auditedAs(services, request, account, presented.login, 'authenticate', act),
  );
}

export interface Proven {
  readonly role: RoleId;
  /** What the proof was held against. */
  readonly view: CredentialView;
  readonly by: 'api-key' | 'password';
}

/**
 * Checks a password or API key; audited as a login. After too many failures nothing is tried any more from that
 * address, and no password from anywhere; see {@link Attempts.byPassword}.
 * @throws LatchkeyError `CREDENTIALS_INVALID`, `AUTHENTICATION_ROLE_NOT_FOUND`, `ACCOUNT_NOT_FOUND`,
 *   which look alike to the caller
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`
 */
export async function proveByCredential(
  services: CredentialServices,
  request: RequestContext,
  account: Account,
  presented: Presented,
): Promise<Proven> {
  return provenBy(services, request, account, presented, async (proven) => proven);
}

/**
 * As {@link proveByCredential}, and goes on with what was proven. What fails as `unauthenticated` there counts as a
 * wrong password does, so that nobody can tell by the limits that it was right.
 */
export async function provenBy<T>(
  services: CredentialServices,
  request: RequestContext,
  account: Account,
  presented: Presented,
  goOn: (proven: Proven) => Promise<T>,
): Promise<T> {
  return services.attempts.byPassword({ request, account, name: presented.login }, async (gate) =>
    goOn(await prove(services, request, account, presented, gate)),
  );
}

async function prove(
  services: CredentialServices,
  request: RequestContext,
  account: Account,
  presented: Presented,
  gate: PasswordGate,
): Promise<Proven> {
  return auditedAs(services, request, account, presented.login, 'login', async () => {
    await gate.admit();
    const role = roleOfPresented(account, presented.login);
    const view = await readCredential(services, role);
    const byApiKey = apiKeyMatches(services.keyring, role, view.credential, presented.secret);
    const matches =
      byApiKey ||
      (await gate.tryPassword(() =>
        services.passwords.verify(view.credential?.passwordHash, textOf(presented.secret)),
      ));
    if (!view.state.graph.hasRole(role)) {
      throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', { detail: `'${presented.login}' not found` });
    }
    if (!matches) throw new LatchkeyError('CREDENTIALS_INVALID');
    return { role, view, by: byApiKey ? 'api-key' : 'password' };
  });
}

/**
 * The role of a login name.
 * @throws LatchkeyError `CREDENTIALS_INVALID`: no role can have it
 */
export function roleOfPresented(account: Account, name: string): RoleId {
  try {
    return roleOfLogin(account, name);
  } catch (error) {
    if (isFailure(error, 'ID_INVALID')) throw new LatchkeyError('CREDENTIALS_INVALID');
    throw error;
  }
}

async function auditedAs<T>(
  services: Pick<Services, 'clock' | 'audit'>,
  request: RequestContext,
  account: Account,
  name: string,
  operation: 'login' | 'authenticate',
  act: () => Promise<T>,
): Promise<T> {
  const event = (failure: unknown): AuthenticationEvent =>
    loginEvent(services, request, account, name, operation, failure);
  return audited(services.audit, event, act);
}

/** What is audited of an attempt by a name and an API key or password. */
export function loginEvent(
  services: Pick<Services, 'clock'>,
  request: RequestContext,
  account: Account,
  name: string,
  operation: 'login' | 'authenticate',
  failure: unknown,
): AuthenticationEvent {
  const role = name.includes('/') ? name.replace('/', ':') : `user:${name || 'USERNAME_MISSING'}`;
  return {
    type: 'authn',
    operation,
    ...occurrence(services, request, failure),
    role: `${account}:${role}`,
    roleExists:
      failure === undefined || !isFailure(failure, 'AUTHENTICATION_ROLE_NOT_FOUND', 'ACCOUNT_NOT_FOUND'),
    authenticator: 'authn',
    service: `${account}:webservice:conjur/authn`,
  };
}
