import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { resourceOf } from '../../../src/domain/ids.ts';
import { decide } from '../../../src/domain/rbac/check.ts';
import { ReferenceGraph } from '../../support/reference-graph.ts';
import { roleId, World } from '../policy/plan-world.ts';

const folder = 'test/fixtures/rbac';

const answers = [
  'ownership',
  'permission',
  'role_missing',
  'resource_missing',
  'invisible',
  'privilege_missing',
] as const;
const fixture = z.strictObject({
  policy: z.string(),
  questions: z
    .array(
      z.strictObject({
        role: z.string(),
        privilege: z.string(),
        resource: z.string(),
        answer: z.enum(answers),
      }),
    )
    .min(1),
});

describe('decide on the questions of test/fixtures/rbac', () => {
  for (const file of readdirSync(folder)) {
    const { policy, questions } = fixture.parse(load(readFileSync(`${folder}/${file}`, 'utf8')));
    for (const { role, privilege, resource, answer } of questions) {
      it(`${file}: ${role} '${privilege}' on ${resource}: ${answer}`, () => {
        const world = new World();
        world.POST('root', policy);
        const id = resourceOf(roleId(resource));
        const decision = decide(world.graph, roleId(role), privilege, id);
        assert.equal(decision.allowed ? decision.through : decision.reason, answer);
        const reference = new ReferenceGraph();
        for (const row of world.graph.rows()) reference.put(row);
        assert.equal(reference.decide(roleId(role), privilege, id), answer);
      });
    }
  }
});
