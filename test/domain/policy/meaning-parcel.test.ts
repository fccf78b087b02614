import assert from 'node:assert/strict';
import { packMeaning, unpackMeaning } from '../../../src/domain/policy/meaning-parcel.ts';
import type { ResolvedPolicy } from '../../../src/domain/policy/statements.ts';
import { atOnce } from '../../../src/domain/slices.ts';
import { policyText } from '../../../scripts/benchmark/policy-text.ts';
import { resolved } from './meaning.ts';

/** The places of annotations are not kept: nobody asks for them once a text is resolved. */
function withoutPlaces(policy: ResolvedPolicy): unknown {
  const definitions = policy.definitions.map((definition) => ({
    ...definition,
    annotations: definition.annotations.map(({ name, value }) => [name, value]),
  }));
  return { ...policy, definitions };
}

function requireSame(text: string, branch = 'root'): void {
  const policy = resolved(text, { branch });
  const parcel = structuredClone(packMeaning(policy));
  assert.deepEqual(withoutPlaces(atOnce(unpackMeaning(parcel))), withoutPlaces(policy));
}

describe('the parcel of a meaning', () => {
  it('holds all that a policy says', () => {
    requireSame(
      `- !policy
  id: shop
  annotations: { note: "one\\ntwo é", owner: x, n: 010 }
  body:
    - &vars
      - !variable a
      - !variable { id: b, kind: pw, mime_type: text/plain }
    - !host { id: h, restricted_to: [ 10.0.0.0/8, 192.168.1.1 ] }
    - !host { id: open, restricted_to: [] }
    - !user
      id: ann
      public_keys:
        - ssh-rsa AAAA ann@home
    - !group g
    - !layer l
    - !host-factory { id: f, layers: [ !layer l ] }
    - !webservice
    - !grant { role: !group g, members: [ !user ann, !member { role: !host h, admin: true } ] }
    - !permit { role: !group g, privileges: [ read, execute ], resources: *vars }
- !role { kind: thing, id: x }
- !resource { kind: thing, id: y, owner: !group shop/g }
`,
    );
    requireSame('- !revoke { role: !group g, member: !user u }\n- !delete { record: !host h }\n');
    requireSame('- !deny { role: !group g, privilege: read, resource: !variable v }\n', 'some/branch');
  });

  it('holds an empty policy', () => {
    requireSame('[]');
  });

  it('holds a large one', () => {
    requireSame(policyText(500));
  });
});
