/** A service of authn-oidc that takes authorization codes, and a user's way through it. */
import assert from 'node:assert/strict';
import { send, setSecret, type Answer, type Session } from './client.ts';
import type { Issuer } from './issuer.ts';
import { redirectUri } from './sign-in.ts';

/** One entry of the list of providers. */
export interface ListedProvider {
  readonly service_id: string;
  readonly type: string;
  readonly name: string;
  readonly nonce: string;
  readonly code_verifier: string;
  readonly redirect_uri: string;
}

/** The policy of a service, with every variable that policies for Conjur declare. */
export function codeServicePolicy(serviceId: string): string {
  return `
- !policy
  id: conjur/authn-oidc/${serviceId}
  body:
  - !webservice
  - !webservice status
  - !variable name
  - !variable provider-uri
  - !variable response-type
  - !variable client-id
  - !variable client-secret
  - !variable claim-mapping
  - !variable state
  - !variable nonce
  - !variable redirect-uri
  - !variable provider-scope
  - !variable token-ttl
  - !variable ca-cert
  - !group users
  - !permit { role: !group users, privilege: [ read, authenticate ], resource: !webservice "" }
  - !group managers
  - !permit { role: !group managers, privilege: [ read ], resource: !webservice status }
`;
}

export const clientId = 'conjurClient';
export const clientSecret = 'a secret: 100% + more';

/** Gives a service its values, and makes its client known to the issuer. */
export async function configureCodeService(
  admin: Session,
  serviceId: string,
  issuer: Issuer,
  changes: Readonly<Record<string, string>> = {},
): Promise<void> {
  issuer.register(clientId, clientSecret);
  const values = {
    'provider-uri': issuer.url,
    'client-id': clientId,
    'client-secret': clientSecret,
    'claim-mapping': 'preferred_username',
    'redirect-uri': redirectUri,
    ...changes,
  };
  for (const [name, value] of Object.entries(values))
    await setSecret(admin, `conjur/authn-oidc/${serviceId}/${name}`, value);
}

export async function listedProviders(base: string, account: string): Promise<readonly ListedProvider[]> {
  const answer = await send(`${base}/authn-oidc/${account}/providers`, 'GET');
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as readonly ListedProvider[];
}

/** What a client has in hand when its user is back from the issuer. */
export interface SignedIn {
  readonly code: string;
  readonly nonce: string;
  readonly code_verifier: string;
}

/** Takes a provider from the list, and signs an account in there with a browser. */
export async function signInWithBrowser(
  base: string,
  account: string,
  serviceId: string,
  issuer: Issuer,
  user: string,
): Promise<SignedIn> {
  const provider = (await listedProviders(base, account)).find(({ service_id: id }) => id === serviceId);
  assert.ok(provider !== undefined, `${serviceId} is not in the list of providers`);
  const { nonce, code_verifier, redirect_uri: url } = provider;
  return { code: await issuer.code(user, url), nonce, code_verifier };
}

/** Sends what came back. */
export async function exchangeCode(
  base: string,
  account: string,
  serviceId: string | undefined,
  parameters: Readonly<Record<string, string>>,
  init: Omit<RequestInit, 'method'> = {},
): Promise<Answer> {
  const service = serviceId === undefined ? '' : `/${serviceId}`;
  const query = new URLSearchParams(parameters).toString();
  return send(`${base}/authn-oidc${service}/${account}/authenticate?${query}`, 'GET', init);
}
