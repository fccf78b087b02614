import assert from 'node:assert/strict';
import { operationNames, operationOf, unknownOperation } from '../../src/metrics/operations.ts';

/** Every operation that has a name, by requests that are counted as it. */
const requests: Readonly<Record<string, readonly string[]>> = {
  createAccount: ['POST /accounts'],
  getAccounts: ['GET /accounts'],
  deleteAccount: ['DELETE /accounts/a'],
  getAccessToken: ['POST /authn/a/alice/authenticate', 'POST /authn/a/host%2Fx%2Fy/authenticate'],
  getAccessTokenViaOIDC: ['POST /authn-oidc/okta/a/authenticate'],
  getAccessTokenViaJWT: ['POST /authn-jwt/s/a/authenticate', 'POST /authn-jwt/s/a/host%2Fx/authenticate'],
  getAccessTokenViaAWS: ['POST /authn-iam/s/a/host%2Fx/authenticate'],
  getAccessTokenViaAzure: ['POST /authn-azure/s/a/host%2Fx/authenticate'],
  getAccessTokenViaGCP: ['POST /authn-gcp/a/authenticate'],
  getAccessTokenViaKubernetes: ['POST /authn-k8s/s/a/host%2Fx/authenticate'],
  getAccessTokenViaLDAP: ['POST /authn-ldap/s/a/alice/authenticate'],
  k8sInjectClientCert: ['POST /authn-k8s/s/inject_client_cert'],
  getAPIKey: ['GET /authn/a/login'],
  getAPIKeyViaLDAP: ['GET /authn-ldap/s/a/login'],
  getGCPAuthenticatorStatus: ['GET /authn-gcp/a/status'],
  getServiceAuthenticatorStatus: ['GET /authn-oidc/okta/a/status'],
  changePassword: ['PUT /authn/a/password'],
  rotateAPIKey: ['PUT /authn/a/api_key'],
  enableAuthenticatorInstance: ['PATCH /authn-oidc/okta/a', 'PATCH /authn-gcp/a'],
  getAuthenticators: ['GET /authenticators'],
  sign: ['POST /ca/a/kitchen/sign'],
  createHost: ['POST /host_factories/hosts'],
  createToken: ['POST /host_factory_tokens'],
  revokeToken: ['DELETE /host_factory_tokens/x'],
  getMetrics: ['GET /metrics'],
  loadPolicy: ['POST /policies/a/policy/root', 'POST /policies/a/policy/x/y/z'],
  replacePolicy: ['PUT /policies/a/policy/root'],
  updatePolicy: ['PATCH /policies/a/policy/root'],
  showPublicKeys: ['GET /public_keys/a/user/alice'],
  showResource: ['GET /resources/a/variable/x', 'HEAD /resources/a/variable/x/y'],
  showResourcesForAllAccounts: ['GET /resources'],
  showResourcesForAccount: ['GET /resources/a'],
  showResourcesForKind: ['GET /resources/a/variable'],
  showRole: ['GET /roles/a/group/x'],
  addMemberToRole: ['POST /roles/a/group/x'],
  removeMemberFromRole: ['DELETE /roles/a/group/x'],
  getSecret: ['GET /secrets/a/variable/x', 'GET /secrets/a/variable/x/y', 'HEAD /secrets/a/variable/x%2Fy'],
  getSecrets: ['GET /secrets'],
  createSecret: ['POST /secrets/a/variable/x'],
  whoAmI: ['GET /whoami'],
  [unknownOperation]: [
    'GET /',
    'GET /health/live',
    'DELETE /secrets',
    'GET /secrets/a/variable',
    'POST /branches/a',
    'PUT /authn-iam/a/api_key',
    'GET /__proto__',
    'GET /nothing',
  ],
};

describe('operationOf', () => {
  it('names every operation by method and path', () => {
    for (const [name, examples] of Object.entries(requests)) {
      for (const example of examples) {
        const [method = '', path = ''] = example.split(' ');
        assert.equal(operationOf(method, path), name, example);
      }
    }
  });

  it('answers names from a closed list', () => {
    assert.deepEqual([...operationNames].sort(), Object.keys(requests).sort());
  });
});
