/** Conjur's scenarios: policy_load_annotations. */
import assert from 'node:assert/strict';
import { describePolicies } from '../../../support/policy-world.ts';

const permits = (user: string, onPolicy: string, onHosts: string): string => `
- !permit { role: !user ${user}, privileges: [ ${onPolicy} ], resource: !policy hosts }
- !permit { role: !user ${user}, privileges: [ ${onHosts} ], resources: [ !host hosts/annotated, !host hosts/to-annotate ] }
`;

describePolicies(
  "Conjur's scenarios: policy_load_annotations",
  (on) => {
    beforeEach(async () => {
      await on.world.put('- !policy hosts');
      await on.world.put(
        '- !host { id: annotated, annotations: { description: Already annotated } }\n- !host to-annotate',
        'hosts',
      );
      await on.world.post(
        '- !user alice\n- !user bob\n- !user carol' +
          permits('alice', 'read, create', 'read') +
          permits('bob', 'read, update', 'read') +
          permits('carol', 'read, update', 'read, update'),
      );
    });

    type Row = readonly [
      login: string,
      may: string,
      host: 'to-annotate' | 'annotated',
      method: 'PUT' | 'POST' | 'PATCH',
      outcome: 201 | 403,
      kept?: string,
    ];
    const rows: readonly Row[] = [
      ['alice', 'create', 'to-annotate', 'PUT', 403],
      ['alice', 'create', 'to-annotate', 'POST', 201],
      ['alice', 'create', 'to-annotate', 'PATCH', 403],
      ['alice', 'create', 'annotated', 'PUT', 403],
      ['alice', 'create', 'annotated', 'POST', 201, 'Already annotated'],
      ['alice', 'create', 'annotated', 'PATCH', 403],
      ['bob', 'update on the policy alone', 'to-annotate', 'PUT', 403],
      ['bob', 'update on the policy alone', 'to-annotate', 'POST', 403],
      ['bob', 'update on the policy alone', 'to-annotate', 'PATCH', 201],
      ['bob', 'update on the policy alone', 'annotated', 'PUT', 403],
      ['bob', 'update on the policy alone', 'annotated', 'POST', 403],
      ['bob', 'update on the policy alone', 'annotated', 'PATCH', 201],
      ['carol', 'update on all hosts', 'to-annotate', 'PUT', 201],
      ['carol', 'update on all hosts', 'annotated', 'PUT', 201],
    ];

    for (const [login, may, host, method, outcome, kept] of rows) {
      const what = host === 'annotated' ? 'change an annotation' : 'add an annotation';
      const how = outcome === 403 ? 'may not' : kept === undefined ? 'may' : 'may ask to, without effect, to';
      it(`${how} ${what} by ${method}: who has ${may}`, async () => {
        const text = `- !host { id: ${host}, annotations: { description: Success } }`;
        const answer = await on.world.try(method, text, 'hosts', await on.world.as(login));
        assert.equal(answer.status, outcome, answer.text);
        const before: Record<string, string> =
          host === 'annotated' ? { description: 'Already annotated' } : {};
        assert.deepEqual(
          await on.world.notes(`host:hosts/${host}`),
          outcome === 403 ? before : { description: kept ?? 'Success' },
        );
        if (outcome === 201) {
          assert.deepEqual(await on.world.noters(`host:hosts/${host}`), { description: 'policy:hosts' });
        }
      });
    }
  },
  { LATCHKEY_ACCOUNT: 'cucumber' },
);
