import assert from 'node:assert/strict';
import { setSecret, type Session } from '../../../support/client.ts';
import { assertEmpty, describeScenarios } from '../../../support/conjur-world.ts';
import { managed } from '../../../support/audit-records.ts';
import { assertAnswer, owner, sendV2 } from '../../../support/versioned-api.ts';

const policy = `
- !policy conjur/authn-jwt
- !policy
  id: conjur/authn-jwt/test-jwt2
  body:
    - !webservice { annotations: { test: 123, other: secret } }
    - !variable jwks-uri
    - !group clients
- !policy
  id: conjur/authn-jwt/test-jwt1
  body:
    - !webservice { annotations: { test: 123, other: secret } }
    - !variable jwks-uri
    - !group users
    - !permit { role: !group users, privilege: [authenticate], resource: !webservice }
- !policy
  id: conjur/authn-oidc/keycloak
  body:
    - !webservice { annotations: { description: Sign in with Keycloak } }
    - !variable provider-uri
    - !group users
    - !permit { role: !group users, privilege: [read, authenticate], resource: !webservice }
- !user alice
- !grant { role: !group conjur/authn-oidc/keycloak/users, member: !user alice }
- !grant { role: !group conjur/authn-jwt/test-jwt1/users, member: !user alice }
`;

const path = '/authenticators/cucumber';
const admin = 'cucumber:user:admin';
const alice = 'cucumber:user:alice';

const keycloak = {
  type: 'oidc',
  branch: 'conjur/authn-oidc',
  name: 'keycloak',
  enabled: false,
  owner: owner('policy', 'conjur/authn-oidc/keycloak'),
  data: { provider_uri: 'https://test.com' },
  annotations: { description: 'Sign in with Keycloak' },
};

interface List {
  readonly authenticators: readonly { readonly name: string }[];
  readonly count: number;
}

describeScenarios("Conjur's scenarios: authenticators (versioned)", (on) => {
  beforeEach(async () => {
    await on.world.load('- !group nothing\n');
    await on.world.load(policy);
    await setSecret(on.world.admin, 'conjur/authn-oidc/keycloak/provider-uri', 'https://test.com');
  });

  const list = async (query = '', session: Session = on.world.admin): Promise<List> => {
    const answer = await sendV2(session, 'GET', path + query);
    assert.equal(answer.status, 200, answer.text);
    return answer.json() as List;
  };
  const namesOf = ({ authenticators }: List): readonly string[] => authenticators.map(({ name }) => name);

  it('lists authenticators, a page of them, and those of a type', async () => {
    const records = await on.world.recordsOf(async () => {
      assert.equal((await list()).count, 3);
    });
    assert.deepEqual(records, [
      managed(
        'authenticators',
        admin,
        ['success', 'list'],
        `successfully listed authenticators with URI path: '${path}'`,
      ),
    ]);
    const page = await list('?limit=2');
    assert.equal(page.count, 3);
    assert.deepEqual(namesOf(page), ['test-jwt1', 'test-jwt2']);
    const answer = await sendV2(on.world.admin, 'GET', `${path}?type=oidc`);
    assertAnswer(answer, 200, { authenticators: [keycloak], count: 1 });
  });

  it('shows an authenticator', async () => {
    const records = await on.world.recordsOf(async () => {
      assertAnswer(await sendV2(on.world.admin, 'GET', `${path}/oidc/keycloak`), 200, keycloak);
    });
    assert.deepEqual(records, [
      managed(
        'authn-oidc',
        admin,
        ['success', 'get'],
        `successfully retrieved authn-oidc keycloak with URI path: '${path}/oidc/keycloak'`,
      ),
    ]);
  });

  it('switches an authenticator on and off', async () => {
    const one = `${path}/oidc/keycloak`;
    const records = await on.world.recordsOf(async () => {
      const answer = await sendV2(on.world.admin, 'PATCH', one, '{ "enabled": true }');
      assertAnswer(answer, 200, { ...keycloak, enabled: true });
    });
    assert.deepEqual(records, [
      managed(
        'authn-oidc',
        admin,
        ['success', 'enable'],
        `successfully enabled authn-oidc keycloak with URI path: '${one}' and JSON object: { "enabled": true }`,
      ),
    ]);
    assertAnswer(await sendV2(on.world.admin, 'PATCH', one, { enabled: false }), 200, keycloak);
  });

  it('makes an authenticator', async () => {
    const body = {
      type: 'jwt',
      name: 'test-jwt3',
      enabled: false,
      data: {
        jwks_uri: 'http://uri',
        identity: {
          token_app_property: 'prop',
          enforced_claims: ['test', '123'],
          claim_aliases: { myclaim: 'myvalue', second: 'two' },
        },
      },
      annotations: { test: '123' },
    };
    const records = await on.world.recordsOf(async () => {
      assertAnswer(await sendV2(on.world.admin, 'POST', path, body), 201, {
        ...body,
        branch: 'conjur/authn-jwt',
        owner: owner('policy', 'conjur/authn-jwt/test-jwt3'),
      });
    });
    assert.deepEqual(records, [
      managed(
        'jwt',
        admin,
        ['success', 'create'],
        `successfully created jwt test-jwt3 with URI path: '${path}' and JSON object: ${JSON.stringify(body)}`,
      ),
    ]);
    assert.equal((await list()).count, 4);
  });

  it('removes an authenticator', async () => {
    assert.ok(namesOf(await list()).includes('test-jwt1'));
    const records = await on.world.recordsOf(async () => {
      assertEmpty(await sendV2(on.world.admin, 'DELETE', `${path}/jwt/test-jwt1`), 204);
    });
    assert.deepEqual(records, [
      managed(
        'authn-jwt',
        admin,
        ['success', 'delete'],
        `successfully deleted authn-jwt test-jwt1 with URI path: '${path}/jwt/test-jwt1'`,
      ),
    ]);
    assert.ok(!namesOf(await list()).includes('test-jwt1'));
  });

  it('shows a user only the authenticators that it may know of', async () => {
    const session = await on.world.as('alice');
    const seen = await list('', session);
    assert.equal(seen.count, 2);
    assert.deepEqual(namesOf(seen), ['test-jwt1', 'keycloak']);
    assertAnswer(await sendV2(session, 'GET', `${path}/oidc/keycloak`), 200, keycloak);
    const hidden = `${path}/jwt/test-jwt2`;
    const message = "Authenticator: test-jwt2 not found in account 'cucumber'";
    for (const [method, operation, verb] of [
      ['GET', 'get', 'retrieve'],
      ['DELETE', 'delete', 'delete'],
    ] as const) {
      const records = await on.world.recordsOf(async () => {
        assertAnswer(await sendV2(session, method, hidden), 404, { code: '404', message });
      });
      assert.deepEqual(records, [
        managed(
          'authn-jwt',
          alice,
          ['failure', operation],
          `failed to ${verb} authn-jwt test-jwt2 with URI path: '${hidden}': ${message}`,
        ),
      ]);
    }
  });

  it('counts all that a user may know of, whichever page is asked for', async () => {
    const session = await on.world.as('alice');
    for (const [query, ofAdmin, ofAlice] of [
      ['', 3, 2],
      ['?limit=2', 3, 2],
      ['?offset=4', 3, 2],
      ['?limit=2&offset=4', 3, 2],
      ['?limit=1&offset=4', 3, 2],
      ['?type=oidc', 1, 1],
    ] as const) {
      assert.equal((await list(query)).count, ofAdmin, query);
      assert.equal((await list(query, session)).count, ofAlice, query);
    }
  });
});
