/**
 * The names under which requests are counted: Conjur's, by method and path. Conjur has no name for
 * what it calls `unknown`: its own pages and the newer parts of its API.
 * @see Conjur: `lib/monitoring/metrics.rb`
 */

interface Operation {
  readonly method: string;
  /** Of a path without a slash at its end. */
  readonly path: RegExp;
  readonly name: string;
}

export const unknownOperation = 'unknown';

/** By the first segment of the path, up to a dash. */
const operations: Readonly<Record<string, readonly Operation[]>> = {
  accounts: [
    on('POST', /^\/accounts$/, 'createAccount'),
    on('GET', /^\/accounts$/, 'getAccounts'),
    on('DELETE', /^\/accounts\/[^/]+$/, 'deleteAccount'),
  ],
  authn: [
    on('POST', /^\/authn\/[^/]+\/[^/]+\/authenticate$/, 'getAccessToken'),
    on('POST', /^\/authn-oidc\/[^/]+\/[^/]+\/authenticate$/, 'getAccessTokenViaOIDC'),
    on('POST', /^\/authn-jwt(?:\/[^/]+){2,3}\/authenticate$/, 'getAccessTokenViaJWT'),
    on('POST', /^\/authn-iam(?:\/[^/]+){3}\/authenticate$/, 'getAccessTokenViaAWS'),
    on('POST', /^\/authn-azure(?:\/[^/]+){3}\/authenticate$/, 'getAccessTokenViaAzure'),
    on('POST', /^\/authn-gcp\/[^/]+\/authenticate$/, 'getAccessTokenViaGCP'),
    on('POST', /^\/authn-k8s(?:\/[^/]+){3}\/authenticate$/, 'getAccessTokenViaKubernetes'),
    on('POST', /^\/authn-ldap(?:\/[^/]+){3}\/authenticate$/, 'getAccessTokenViaLDAP'),
    on('POST', /^\/authn-k8s\/[^/]+\/inject_client_cert$/, 'k8sInjectClientCert'),
    on('GET', /^\/authn\/[^/]+\/login$/, 'getAPIKey'),
    on('GET', /^\/authn-ldap\/[^/]+\/[^/]+\/login$/, 'getAPIKeyViaLDAP'),
    on('GET', /^\/authn-gcp\/[^/]+\/status$/, 'getGCPAuthenticatorStatus'),
    on('GET', /^\/authn-[^/]+\/[^/]+\/[^/]+\/status$/, 'getServiceAuthenticatorStatus'),
    on('PUT', /^\/authn\/[^/]+\/password$/, 'changePassword'),
    on('PUT', /^\/authn\/[^/]+\/api_key$/, 'rotateAPIKey'),
    on('PATCH', /^\/authn-[^/]+(?:\/[^/]+){1,3}$/, 'enableAuthenticatorInstance'),
  ],
  authenticators: [on('GET', /^\/authenticators$/, 'getAuthenticators')],
  ca: [on('POST', /^\/ca\/[^/]+\/[^/]+\/sign$/, 'sign')],
  host_factories: [on('POST', /^\/host_factories\/hosts$/, 'createHost')],
  host_factory_tokens: [
    on('POST', /^\/host_factory_tokens$/, 'createToken'),
    on('DELETE', /^\/host_factory_tokens\/[^/]+$/, 'revokeToken'),
  ],
  metrics: [on('GET', /^\/metrics$/, 'getMetrics')],
  policies: [
    on('POST', /^\/policies\/[^/]+\/[^/]+\/./, 'loadPolicy'),
    on('PUT', /^\/policies\/[^/]+\/[^/]+\/./, 'replacePolicy'),
    on('PATCH', /^\/policies\/[^/]+\/[^/]+\/./, 'updatePolicy'),
  ],
  public_keys: [on('GET', /^\/public_keys\/[^/]+\/[^/]+\/./, 'showPublicKeys')],
  resources: [
    on('GET', /^\/resources\/[^/]+\/[^/]+\/./, 'showResource'),
    on('GET', /^\/resources$/, 'showResourcesForAllAccounts'),
    on('GET', /^\/resources\/[^/]+$/, 'showResourcesForAccount'),
    on('GET', /^\/resources\/[^/]+\/[^/]+$/, 'showResourcesForKind'),
  ],
  roles: [
    on('GET', /^\/roles\/[^/]+\/[^/]+\/./, 'showRole'),
    on('POST', /^\/roles\/[^/]+\/[^/]+\/./, 'addMemberToRole'),
    on('DELETE', /^\/roles\/[^/]+\/[^/]+\/./, 'removeMemberFromRole'),
  ],
  secrets: [
    on('GET', /^\/secrets\/[^/]+\/[^/]+\/./, 'getSecret'),
    on('GET', /^\/secrets$/, 'getSecrets'),
    on('POST', /^\/secrets\/[^/]+\/[^/]+\/./, 'createSecret'),
  ],
  whoami: [on('GET', /^\/whoami$/, 'whoAmI')],
};

function on(method: string, path: RegExp, name: string): Operation {
  return { method, path, name };
}

/** Every name that {@link operationOf} can answer. */
export const operationNames: readonly string[] = [
  ...Object.values(operations).flatMap((group) => group.map(({ name }) => name)),
  unknownOperation,
];

const groups = new Map(Object.entries(operations));

/**
 * The name of the operation that a request asks for; a HEAD counts as the GET that it stands for.
 * @param path without the query, its slashes as they are
 */
export function operationOf(method: string, path: string): string {
  const asked = method === 'HEAD' ? 'GET' : method;
  const end = path.indexOf('/', 1);
  const segment = end === -1 ? path.slice(1) : path.slice(1, end);
  const group = groups.get(segment.startsWith('authn-') ? 'authn' : segment);
  if (group === undefined) return unknownOperation;
  for (const operation of group) {
    if (operation.method === asked && operation.path.test(path)) return operation.name;
  }
  return unknownOperation;
}
