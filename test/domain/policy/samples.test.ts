import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { meaning, refusal, resolved } from './meaning.ts';

const samples: Readonly<Record<string, readonly string[]>> = {
  'the-application.yml': [
    'user:alice of user:admin',
    'user:bob of user:admin',
    'policy:the-application of user:admin',
    'variable:the-application/required-var of policy:the-application {description=What the application cannot run without}',
    "group:the-application/users of policy:the-application {description=May use the application's secrets}",
    'grant group:the-application/users to user:alice',
    'permit group:the-application/users read on variable:the-application/required-var',
    'permit group:the-application/users execute on variable:the-application/required-var',
  ],
  'sign-in.yml': [
    'user:carol of user:admin {email=carol@example.com}',
    'user:dave of user:admin',
    'group:wiki-users of user:admin',
    'grant group:wiki-users to user:carol',
  ],
  'authn-oidc-okta.yml': [
    'policy:conjur/authn-oidc/okta of user:admin',
    'webservice:conjur/authn-oidc/okta of policy:conjur/authn-oidc/okta ' +
      '{description=Authentication service for okta, based on OpenID Connect.}',
    'variable:conjur/authn-oidc/okta/provider-uri of policy:conjur/authn-oidc/okta',
    'variable:conjur/authn-oidc/okta/id-token-user-property of policy:conjur/authn-oidc/okta',
    'variable:conjur/authn-oidc/okta/audience of policy:conjur/authn-oidc/okta',
    'group:conjur/authn-oidc/okta/users of policy:conjur/authn-oidc/okta ' +
      '{description=Users who can authenticate using the authn-oidc/okta authenticator}',
    'webservice:conjur/authn-oidc/okta/status of policy:conjur/authn-oidc/okta ' +
      '{description=Status of the authn-oidc/okta authenticator}',
    'group:conjur/authn-oidc/okta/operators of policy:conjur/authn-oidc/okta ' +
      '{description=Users who can check the status of the authn-oidc/okta authenticator}',
    'permit group:conjur/authn-oidc/okta/users read on webservice:conjur/authn-oidc/okta',
    'permit group:conjur/authn-oidc/okta/users authenticate on webservice:conjur/authn-oidc/okta',
    'permit group:conjur/authn-oidc/okta/operators read on webservice:conjur/authn-oidc/okta/status',
  ],
  'authn-oidc-okta-users.yml': ['grant group:conjur/authn-oidc/okta/users to group:the-application/users'],
};

describe('the sample policies', () => {
  it('are these', () => {
    assert.deepEqual(readdirSync('policies').sort(), Object.keys(samples).sort());
  });

  for (const [file, lines] of Object.entries(samples)) {
    it(`mean what they say: ${file}`, () => {
      const text = readFileSync(`policies/${file}`, 'utf8');
      assert.deepEqual(meaning(text), lines);
      assert.deepEqual(resolved(text).warnings, []);
    });
  }

  it('refer only to what they define', () => {
    const text = Object.keys(samples)
      .map((file) => readFileSync(`policies/${file}`, 'utf8'))
      .join('');
    const { definitions, grants, permits } = resolved(text);
    const defined = new Set(definitions.map(({ id }) => id));
    for (const { role, member } of grants)
      assert.ok(defined.has(role) && defined.has(member), `${role}, ${member}`);
    for (const { role, resource } of permits) assert.ok(defined.has(role) && defined.has(resource));
  });
});

describe('policies as a formatted page prints them', () => {
  const folder = 'test/fixtures/policies/seed-malformed';
  const advice: Readonly<Record<string, readonly [line: number, column: number, advice: string]>> = {
    'application.yml': [3, 3, "Put 'body:' above this list, at the column of 'id'"],
    'application-grant.yml': [8, 6, "Put 'members:' above this list, at the column of 'role'"],
    'authenticator.yml': [3, 3, "Put 'body:' above this list, at the column of 'id'"],
    'authenticator-webservice.yml': [5, 7, "Put it one level deeper, below 'annotations:'"],
    'authenticator-group.yml': [6, 7, "Put 'annotations:' at the column of the other attributes"],
    'users.yml': [3, 1, 'Begin all attributes of a statement at the same column, below its tag'],
    'users-members.yml': [
      3,
      12,
      "Write the list in brackets, as in [ !group x, !user y ], or below, one '- ' line for each",
    ],
  };

  it('are these', () => {
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(advice).sort());
  });

  for (const [file, [line, column, write]] of Object.entries(advice)) {
    it(`are refused with how to write them: ${file}`, () => {
      const error = refusal(readFileSync(`${folder}/${file}`, 'utf8'));
      assert.equal(error.code, 'POLICY_INVALID');
      assert.ok(error.message.includes(write), error.message);
      assert.deepEqual(error.at, { line, column });
    });
  }
});
