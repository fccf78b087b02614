/** Authentication methods: every authenticator of the service, by the names that Akeyless gives them. */
import { authenticateByAzureToken } from '../../authn/azure/authenticate.ts';
import { authenticateByGcpToken } from '../../authn/gcp/authenticate.ts';
import { authenticateByIam } from '../../authn/iam/authenticate.ts';
import { authenticateByJwt } from '../../authn/jwt/authenticate.ts';
import { authenticateByServiceAccount } from '../../authn/k8s/authenticate.ts';
import { authenticateByLdap } from '../../authn/ldap/authenticate.ts';
import { authenticateByIdToken } from '../../authn/oidc/authenticate.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Account, RoleId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import { signsIn } from '../identity/subject.ts';
import { ownAuthenticator } from './caller.ts';
import { methodOf } from './directory.ts';
import { proveByOwnSecret } from './own-secret.ts';
import {
  needed,
  refusedUnknown,
  type MethodServices,
  type PresentedProof,
  type ProvenCaller,
} from './proof.ts';

interface Attempt {
  readonly services: MethodServices;
  readonly request: RequestContext;
  readonly account: Account;
  readonly proof: PresentedProof;
  /** Of the authenticator, such as `authn-jwt`. */
  readonly kind: string;
  /** Of the authenticator that the access id names. */
  readonly serviceId: string | undefined;
}

/** Trades what was presented for an access token of the service's own. */
type Method = (attempt: Attempt) => Promise<string>;

/** Access types, with Akeyless' names and those of the authenticators, and which authenticator each is. */
const kindsOfType: ReadonlyMap<string, string> = new Map([
  ['access_key', 'authn'],
  ['api_key', 'authn'],
  ['password', 'authn'],
  ['jwt', 'authn-jwt'],
  ['oauth2', 'authn-jwt'],
  ['oidc', 'authn-oidc'],
  ['ldap', 'authn-ldap'],
  ['aws_iam', 'authn-iam'],
  ['azure_ad', 'authn-azure'],
  ['gcp', 'authn-gcp'],
  ['k8s', 'authn-k8s'],
]);

const methods: Readonly<Record<string, Method>> = {
  'authn-jwt': ({ services, request, account, serviceId, proof: { jwt, login } }) =>
    authenticateByJwt(services, request, account, serviceId, {
      jwt,
      ...(login === undefined ? {} : { login }),
    }),
  'authn-oidc': ({ services, request, account, serviceId, proof }) =>
    authenticateByIdToken(services, request, account, serviceId, needed(proof.jwt, 'jwt')),
  'authn-ldap': ({ services, request, account, serviceId, proof }) => {
    const presented = {
      login: needed(proof.login, 'ldap_username'),
      secret: Buffer.from(proof.password ?? ''),
    };
    return authenticateByLdap(services, request, account, serviceId, presented);
  },
  'authn-iam': ({ services, request, account, serviceId, proof }) => {
    const headers = Buffer.from(needed(proof.cloudId, 'cloud-id'), 'base64').toString();
    return authenticateByIam(services, request, account, serviceId, needed(proof.login, 'login'), headers);
  },
  'authn-azure': ({ services, request, account, serviceId, proof }) => {
    const presented = {
      login: needed(proof.login, 'login'),
      jwt: tokenOf(needed(proof.cloudId, 'cloud-id')),
    };
    return authenticateByAzureToken(services, request, account, serviceId, presented);
  },
  'authn-gcp': ({ services, request, account, proof }) =>
    authenticateByGcpToken(services, request, account, tokenOf(needed(proof.cloudId, 'cloud-id'))),
  'authn-k8s': ({ services, request, account, serviceId, proof }) => {
    const presented = {
      login: needed(proof.login, 'login'),
      jwt: tokenOf(needed(proof.jwt, 'k8s-service-account-token')),
    };
    return authenticateByServiceAccount(services, request, account, serviceId, presented);
  },
};

/** A token, also where it is in base64 once more, as Akeyless' clients send some. */
function tokenOf(text: string): string {
  return text.includes('.') ? text : Buffer.from(text, 'base64').toString();
}

/**
 * Proves who somebody is, by an authenticator: all that this demands holds here, and it audits the attempt.
 * Where a secret is tried, so many failures end it for a while.
 *
 * @throws LatchkeyError `ACCESS_TYPE_UNSUPPORTED`, `REGISTRY_FIELD_INVALID`: what the type needs is missing
 * @throws LatchkeyError `CREDENTIALS_INVALID`: also where the access id is unknown, or of another type
 * @throws LatchkeyError `ATTEMPTS_EXCEEDED`, and those of the authenticators
 * @see Akeyless: auth
 */
export async function proveByMethod(
  services: MethodServices,
  request: RequestContext,
  account: Account,
  proof: PresentedProof,
): Promise<ProvenCaller> {
  const kind = kindsOfType.get(proof.accessType);
  if (kind === undefined) throw new LatchkeyError('ACCESS_TYPE_UNSUPPORTED');
  if (kind === ownAuthenticator) return proveByOwnSecret(services, request, account, proof);
  const authenticator = await authenticatorOf(services, request, account, kind, proof);
  const serviceId = authenticator.slice(kind.length + 1);
  const attempt = {
    services,
    request,
    account,
    proof,
    kind,
    serviceId: serviceId === '' ? undefined : serviceId,
  };
  const method = methods[kind] ?? unsupported();
  return { role: await roleBy(attempt, () => method(attempt)), authenticator };
}

async function authenticatorOf(
  services: MethodServices,
  request: RequestContext,
  account: Account,
  kind: string,
  { accessId }: PresentedProof,
): Promise<string> {
  const id = needed(accessId, 'access-id');
  return refusedUnknown(services, request, account, kind, async () => {
    const { state } = await services.authority.read(account, []);
    const method = methodOf(state, id);
    if (method !== undefined && 'authenticator' in method) {
      const { authenticator } = method;
      if (authenticator.split('/', 1)[0] === kind) return authenticator;
    }
    throw new LatchkeyError('CREDENTIALS_INVALID', { detail: `the access id is not one of ${kind}` });
  });
}

async function roleBy(
  { services, request, account, kind }: Attempt,
  authenticate: () => Promise<string>,
): Promise<RoleId> {
  const token = Buffer.from(await authenticate()).toString('base64');
  const { role } = await services.tokens.verify(token, request.clientIp);
  if (signsIn(role)) return role;
  return refusedUnknown(services, request, account, kind, async () => {
    throw new LatchkeyError('CREDENTIALS_INVALID', { detail: 'neither a user nor a host' });
  });
}

function unsupported(): never {
  throw new LatchkeyError('ACCESS_TYPE_UNSUPPORTED');
}
