import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { load as parseYaml } from 'js-yaml';
import { z } from 'zod';
import { assertEmpty, describeScenarios, listIds, notFoundBody } from '../../support/conjur-world.ts';

const folder = 'test/fixtures/rbac';
const question = z.object({
  role: z.string(),
  privilege: z.string(),
  resource: z.string(),
  answer: z.string(),
});
const fixture = z.object({ policy: z.string(), questions: z.array(question) });
type Question = z.infer<typeof question>;

function resourcePath({ resource }: Question, query = ''): string {
  const [kind = '', ...rest] = resource.split(':');
  return `/resources/cucumber/${kind}/${encodeURIComponent(rest.join(':'))}${query}`;
}

function checkPath(asked: Question, as = ''): string {
  return resourcePath(asked, `?check=true&privilege=${encodeURIComponent(asked.privilege)}${as}`);
}

describeScenarios('who may do what, asked over HTTP', (on) => {
  for (const file of readdirSync(folder)) {
    const { policy, questions } = fixture.parse(parseYaml(readFileSync(`${folder}/${file}`, 'utf8')));
    describe(file, () => {
      before(() => on.world.load(policy));

      for (const asked of questions) {
        const { role, privilege, resource, answer } = asked;
        it(`${role} '${privilege}' on ${resource}: ${answer}, says who holds the role`, async () => {
          const found = await on.world.admin.send('GET', checkPath(asked, `&role=cucumber:${role}`));
          if (answer === 'role_missing') assertEmpty(found, 403);
          else if (answer === 'resource_missing') {
            assert.equal(found.status, 404);
            assert.deepEqual(found.json(), notFoundBody(`cucumber:${resource}`));
          } else assertEmpty(found, answer === 'ownership' || answer === 'permission' ? 204 : 404);
        });

        const [, login] = /^user:(.+)$/.exec(role) ?? /^(host:.+)$/.exec(role) ?? [];
        if (login === undefined || answer === 'role_missing') continue;
        it(`${role} '${privilege}' on ${resource}: ${answer}, seen by the role itself`, async () => {
          const session = await on.world.as(login.replace(/^host:/, 'host/'));
          const hidden = answer === 'resource_missing' || answer === 'invisible';
          const checked = await session.send('GET', checkPath(asked));
          const shown = await session.send('GET', resourcePath(asked));
          const listed = await listIds(session, '/resources/cucumber');
          assert.equal(listed.includes(`cucumber:${resource}`), !hidden);
          if (hidden) {
            // Absent and forbidden look alike, byte for byte.
            for (const found of [checked, shown]) {
              assert.equal(found.status, 404);
              assert.deepEqual(found.json(), notFoundBody(`cucumber:${resource}`));
            }
            return;
          }
          assertEmpty(checked, answer === 'privilege_missing' ? 404 : 204);
          assert.equal(shown.status, 200);
        });
      }
    });
  }
});

const policy = `
- !user alice
- !user bob
- !group team
- !grant { role: !group team, member: !user alice }
- !group { id: owned, owner: !group team }
- !variable { id: theirs, owner: !group team }
- !variable { id: deep, owner: !group owned }
- !variable seen
- !variable hidden
- !permit { role: !user bob, privilege: whatever, resource: !variable seen }
`;

describeScenarios('the rules of visibility', (on) => {
  before(() => on.world.load(policy));

  const status = async (login: string, path: string, method = 'GET'): Promise<number> =>
    (await (await on.world.as(login)).send(method, path)).status;

  it('shows a resource for any permission on it, whatever its name; read is not needed', async () => {
    assert.equal(await status('bob', '/resources/cucumber/variable/seen'), 200);
  });

  it('gives the owner every privilege, made-up ones included', async () => {
    assert.equal(await status('alice', '/resources/cucumber/variable/theirs?check=true&privilege=sing'), 204);
  });

  it('lets whoever owns a role hold it, and so what that role owns', async () => {
    assert.equal(await status('alice', '/resources/cucumber/variable/deep?check=true&privilege=sing'), 204);
    assert.equal(await status('alice', '/roles/cucumber/group/owned'), 200);
  });

  it('does not make a role see itself', async () => {
    assert.equal(await status('alice', '/resources/cucumber/user/alice'), 404);
    assert.equal(await status('alice', '/roles/cucumber/user/alice'), 404);
  });

  it('answers 404 for what is invisible and 403 for what may only be seen', async () => {
    assert.equal(await status('bob', '/secrets/cucumber/variable/hidden'), 404);
    assert.equal(await status('bob', '/secrets/cucumber/variable/seen'), 403);
  });

  it('shows a role exactly to those who may know of the resource of its name', async () => {
    assert.equal(await status('bob', '/roles/cucumber/group/team'), 404);
    assert.equal(await status('admin', '/roles/cucumber/group/team'), 200);
  });

  it('gives administrators no more than what they own', async () => {
    await on.world.load('- !user alice\n- !group own\n- !variable { id: apart, owner: !group own }\n');
    assert.equal(await status('admin', '/resources/cucumber/variable/apart'), 200);
    // A group that owns itself is nobody else's.
    await on.world.load('- !user alice\n- !group { id: own, owner: !group own }\n', 'PATCH');
    assert.equal(await status('admin', '/resources/cucumber/variable/apart'), 404);
  });
});
