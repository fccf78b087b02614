import assert from 'node:assert/strict';
import type { AuditEvent, PolicySubject } from '../../../src/domain/audit/events.ts';
import { toRfc5424 } from '../../../src/domain/audit/rfc5424.ts';
import {
  alice,
  authenticated,
  bob,
  checked,
  developers,
  failed,
  failedLoad,
  fetched,
  identityChecked,
  integrityFailed,
  keyRotated,
  loaded,
  policyRead,
  passwordChanged,
  updated,
  variable,
} from './sample-events.ts';

/** A header is `<priority>1 time - conjur request-id msgid`; the golden lines leave the middle out. */
function record(priority: number, type: string, rest: string): string {
  return `<${priority}>1 2025-01-02T03:04:05.067Z - conjur req-1 ${type} ${rest}`;
}

function tail(result: string, operation: string): string {
  return `[client@43868 ip="10.0.0.7"][action@43868 result="${result}" operation="${operation}"]`;
}

function check(event: AuditEvent, priority: number, rest: string): void {
  assert.equal(toRfc5424(event), record(priority, event.type, rest));
}

const service = 'acct:webservice:conjur/authn-oidc/okta';

describe('toRfc5424 of an authentication', () => {
  const who =
    `[subject@43868 role="acct:user:alice"]` +
    `[auth@43868 user="acct:user:alice" authenticator="authn-oidc" service="${service}"]`;

  const wordings = [
    [
      'authenticate',
      'successfully authenticated with authenticator',
      'failed to authenticate with authenticator',
    ],
    ['login', 'successfully logged in with authenticator', 'failed to login with authenticator'],
    [
      'validate-status',
      'successfully validated status for authenticator',
      'failed to validate status for authenticator',
    ],
    [
      'update-authenticator-configuration',
      'successfully updated authenticator configuration',
      'failed to update authenticator configuration',
    ],
  ] as const;

  for (const [operation, success, failure] of wordings) {
    it(`words ${operation} as Conjur does`, () => {
      const event = { ...authenticated, operation };
      check(
        event,
        86,
        `${who}${tail('success', operation)} acct:user:alice ${success} authn-oidc service ${service}`,
      );
      check(
        failed(event, 'CONJ00002E Invalid credentials'),
        84,
        `${who}${tail('failure', operation)} acct:user:alice ${failure} authn-oidc service ${service}: ` +
          'CONJ00002E Invalid credentials',
      );
    });
  }

  it('hides the name of a role that does not exist from the user field of a failure', () => {
    const line = toRfc5424(failed({ ...authenticated, roleExists: false }, 'not found'));
    assert.ok(line.includes('[subject@43868 role="acct:user:alice"][auth@43868 user="not-found" '));
    assert.ok(line.includes(' acct:user:alice failed to authenticate '));
  });
});

describe('toRfc5424 of secrets', () => {
  const who = '[auth@43868 user="acct:user:alice"][subject@43868 resource="acct:variable:db/password"]';

  it('records a fetch', () => {
    check(fetched, 86, `${who}${tail('success', 'fetch')} acct:user:alice fetched acct:variable:db/password`);
    check(
      failed(fetched, 'Forbidden'),
      84,
      `${who}${tail('failure', 'fetch')} acct:user:alice tried to fetch acct:variable:db/password: Forbidden`,
    );
  });

  it('records the version that was asked for', () => {
    const versioned =
      '[auth@43868 user="acct:user:alice"][subject@43868 resource="acct:variable:db/password" version="2"]';
    const what = 'version 2 of acct:variable:db/password';
    const event = { ...fetched, version: 2 };
    check(event, 86, `${versioned}${tail('success', 'fetch')} acct:user:alice fetched ${what}`);
    check(
      failed(event, 'Forbidden'),
      84,
      `${versioned}${tail('failure', 'fetch')} acct:user:alice tried to fetch ${what}: Forbidden`,
    );
  });

  it('records an update', () => {
    check(
      updated,
      86,
      `${who}${tail('success', 'update')} acct:user:alice updated acct:variable:db/password`,
    );
    check(
      failed(updated, "'value' may not be empty"),
      84,
      `${who}${tail('failure', 'update')} acct:user:alice tried to update acct:variable:db/password: ` +
        "'value' may not be empty",
    );
  });

  it('records a stored value that does not open, as critical', () => {
    check(
      integrityFailed,
      82,
      '[auth@43868 user="acct:user:alice"][subject@43868 record="secret acct:variable:db/password 2"]' +
        `${tail('failure', 'open')} acct:user:alice failed to open secret acct:variable:db/password 2: ` +
        'A stored value failed its integrity check',
    );
  });
});

describe('toRfc5424 of a policy change', () => {
  const version = '[policy@43868 id="acct:policy:root" version="3"]';
  const cases: readonly (readonly [PolicySubject, string, string])[] = [
    [{ resource: variable }, 'resource="acct:variable:db/password"', 'resource acct:variable:db/password'],
    [{ role: developers }, 'role="acct:group:developers"', 'role acct:group:developers'],
    [
      { role: developers, member: bob },
      'role="acct:group:developers" member="acct:user:bob"',
      'membership of acct:user:bob in acct:group:developers',
    ],
    [
      { role: developers, owner: bob },
      'role="acct:group:developers" owner="acct:user:bob"',
      'ownership of acct:user:bob in acct:group:developers',
    ],
    [
      { resource: variable, annotation: 'conjur/kind' },
      'annotation="conjur/kind" resource="acct:variable:db/password"',
      'annotation conjur/kind on acct:variable:db/password',
    ],
    [
      { resource: variable, role: bob, privilege: 'read' },
      'resource="acct:variable:db/password" role="acct:user:bob" privilege="read"',
      'permission of acct:user:bob to read on acct:variable:db/password',
    ],
  ];

  for (const [subject, parameters, words] of cases) {
    it(`names ${words.split(' ')[0] ?? ''} by Conjur's fields`, () => {
      check(
        { ...loaded, subject },
        85,
        `[auth@43868 user="acct:user:alice"][subject@43868 ${parameters}]${tail('success', 'add')}${version} ` +
          `acct:user:alice added ${words}`,
      );
    });
  }

  it('has a verb for each operation', () => {
    for (const [operation, verb] of [
      ['add', 'added'],
      ['change', 'changed'],
      ['remove', 'removed'],
    ] as const) {
      const line = toRfc5424({ ...loaded, operation });
      assert.ok(
        line.endsWith(`operation="${operation}"]${version} acct:user:alice ${verb} resource ${variable}`),
      );
    }
  });

  it('names no policy version for a change that no load made', () => {
    const { policyVersion, ...direct } = loaded;
    assert.equal(policyVersion, 3);
    assert.ok(toRfc5424(direct).endsWith(`operation="add"] acct:user:alice added resource ${variable}`));
  });

  it('words a policy that was read as Conjur does, and a dry run', () => {
    assert.ok(
      toRfc5424(policyRead).endsWith(
        `[subject@43868 account="acct" identifier="root" depth="3" role_id="acct:user:alice"]${tail('success', 'read')} ` +
          'acct:user:alice readed {:account=>"acct", :identifier=>"root", :depth=>"3", :role_id=>"acct:user:alice"}',
      ),
    );
    const { parameters, ...tried } = policyRead;
    assert.equal(parameters?.length, 4);
    assert.ok(
      toRfc5424({ ...tried, operation: 'validate' }).endsWith(
        `[subject@43868]${tail('success', 'validate')} acct:user:alice validated {}`,
      ),
    );
  });

  it('records a load that failed without a subject', () => {
    check(
      failedLoad('update'),
      85,
      `[auth@43868 user="acct:user:alice"][subject@43868]${tail('failure', 'update')} ` +
        'Failed to load policy: line 3, column 5: no',
    );
  });
});

describe('toRfc5424 of questions and credentials', () => {
  const subject =
    '[subject@43868 resource="acct:variable:db/password" role="acct:user:bob" privilege="execute"]';
  const user = '[auth@43868 user="acct:user:alice"]';

  it("records a permission check, with the blank that ends Conjur's text", () => {
    check(
      checked,
      86,
      `${user}${subject}${tail('success', 'check')} ` +
        'acct:user:alice successfully checked if acct:user:bob can execute acct:variable:db/password ',
    );
  });

  it('records the answer no as a failure', () => {
    check(
      { ...checked, allowed: false },
      84,
      `${user}${subject}${tail('failure', 'check')} ` +
        'acct:user:alice failed to check if acct:user:bob can execute acct:variable:db/password ',
    );
  });

  it('records a check that failed with its reason', () => {
    const line = toRfc5424(failed({ ...checked, allowed: false }, 'no such resource'));
    assert.ok(line.startsWith('<84>1 '));
    assert.ok(line.endsWith('can execute acct:variable:db/password : no such resource'));
  });

  it('says "they" of a role that asks about itself', () => {
    const line = toRfc5424({ ...checked, subjectRole: alice });
    assert.ok(line.includes('acct:user:alice successfully checked if they can execute '));
  });

  it('records a change of password', () => {
    const who = `${user}[subject@43868 role="acct:user:alice"]`;
    check(
      passwordChanged,
      86,
      `${who}${tail('success', 'change')} acct:user:alice successfully changed their password`,
    );
    check(
      failed(passwordChanged, 'too weak'),
      84,
      `${who}${tail('failure', 'change')} acct:user:alice failed to change their password: too weak`,
    );
  });

  it('records the rotation of an API key, of oneself or of another', () => {
    const who = `${user}[subject@43868 role="acct:user:bob"]`;
    check(
      keyRotated,
      86,
      `${who}${tail('success', 'rotate')} acct:user:alice successfully rotated the api key for acct:user:bob`,
    );
    check(
      failed(keyRotated, 'no'),
      84,
      `${who}${tail('failure', 'rotate')} acct:user:alice failed to rotate the api key for acct:user:bob: no`,
    );
    const own = toRfc5424({ ...keyRotated, subjectRole: alice });
    assert.ok(own.endsWith(' acct:user:alice successfully rotated their API key'));
    const ownFailure = toRfc5424(failed({ ...keyRotated, subjectRole: alice }, 'no'));
    assert.ok(ownFailure.endsWith(' acct:user:alice failed to rotate their API key: no'));
  });

  it('records whoami under the facility auth', () => {
    const who = '[subject@43868 role="acct:user:alice"][auth@43868 user="acct:user:alice"]';
    check(
      identityChecked,
      38,
      `${who}${tail('success', 'check')} acct:user:alice checked its identity using whoami`,
    );
    check(
      failed(identityChecked, 'gone'),
      36,
      `${who}${tail('failure', 'check')} acct:user:alice checked its identity using whoami: gone`,
    );
  });
});
