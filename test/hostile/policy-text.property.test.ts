/** Any text as a policy, over HTTP: taken whole or refused whole, and never a failure of the service. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { assertProperty } from '../support/property.ts';
import { openHostileStage, type HostileStage } from './stage.ts';

const base = `
- !user alice
- !user bob
- &all
  - !variable x
  - !variable y
- !policy
  id: app
  owner: !user alice
  annotations: { note: "a b" }
  body:
  - !group { id: g, owner: !user /bob }
  - !variable v
  - !host { id: h, restricted_to: [ 10.0.0.0/8 ] }
  - !grant { role: !group g, members: [ !user /bob, { role: !host h, admin: true } ] }
  - !permit { role: !group g, privileges: [ read, execute ], resources: [ !variable v ] }
- !delete { record: !variable y }
`;
const fragments = [
  '- ', '\n', '  ', '!user ', '!policy', '!group g', '!grant', '!permit', '!deny', '!delete', '!revoke', '!host-factory', 'id: ',
  'body:', 'owner: ', 'role: ', 'member: ', 'privilege: ', 'resource: ', 'record: ', 'annotations: ', '[ ', ' ]', '{ ', ' }', ', ', '&a ',
  '*a', '*all', '"', "'", '|\n', '#', '/x', '../x', '~', '\u00a0', '\ud83d\udd11', '<<: ', '!!str ', '---\n', '\0', '\u202e', '__proto__: ',
  'restricted_to: ', '300.0.0.0/8', '!user admin', '!policy root', '!variable x',
]; // prettier-ignore

/** A policy with parts cut out, doubled, or replaced by other parts of the language. */
const mutated = fc
  .array(fc.tuple(fc.nat(base.length), fc.nat(30), fc.constantFrom(...fragments, '')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((cuts) =>
    cuts.reduce(
      (text, [start, length, insertion]) =>
        text.slice(0, start) + insertion + text.slice(Math.min(text.length, start + length)),
      base,
    ),
  );
const composed = fc
  .array(fc.constantFrom(...fragments), { maxLength: 30 })
  .map((parts) => Buffer.from(parts.join('')));
const anything = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
const texts = fc.oneof(
  mutated.map((text) => Buffer.from(text)),
  composed,
  anything,
);

describe('any policy text', function () {
  this.timeout(60_000);
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  it('is loaded whole or refused whole, in every mode, as its dry run says', async () => {
    const path = '/policies/acct/policy/root';
    const property = fc.asyncProperty(
      texts,
      fc.constantFrom('POST', 'PATCH', 'PUT'),
      async (text, method) => {
        assert.equal((await stage.admin.send('PUT', path, base)).status, 201);
        const before = await stage.authority();
        const foretold = await stage.admin.send(method, `${path}?dryRun=true`, text);
        assert.ok([200, 413, 422].includes(foretold.status), `${String(foretold.status)} ${foretold.text}`);
        assert.equal(await stage.authority(), before);
        const loaded = await stage.admin.send(method, path, text);
        assert.ok([201, 404, 413, 422].includes(loaded.status), `${String(loaded.status)} ${loaded.text}`);
        if (loaded.status === 201) assert.equal(foretold.status, 200, foretold.text);
        else assert.equal(await stage.authority(), before);
      },
    );
    await assertProperty(property, { numRuns: 40 });
  });
});
