/** Ids and paths: whatever a name is made of, its path leads to it and to nothing else. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { load } from '../support/client.ts';
import { assertProperty } from '../support/property.ts';
import { openHostileStage, type HostileStage } from './stage.ts';

const characters = fc.oneof(
  fc.constantFrom('a', 'B', '/', ':', '.', '%', '+', ' ', '?', '#', '&', ';', '=', '@', '"', "'", '\\', '~', '*', '{', '<', '|', '-'),
  fc.constantFrom('\u00e9', 'e\u0301', '\u0430', '\u200d', '\u{1f511}', '\u4e2d', '%2f', '..'),
); // prettier-ignore
const names = fc
  .array(characters, { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''))
  .filter((name) => name.split('/').every((part) => part.trim() !== '' && part !== '..' && part !== '.'));

describe('any name of a variable', function () {
  this.timeout(60_000);
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  it('that a policy takes is found by its path, alone and in lists, with its own value', async () => {
    const property = fc.asyncProperty(names, async (name) => {
      const text = `- !variable { id: ${JSON.stringify(name)} }\n`;
      const { status } = await stage.admin.send('POST', '/policies/acct/policy/root', text);
      assert.ok([201, 422].includes(status));
      const path = `/secrets/acct/variable/${encodeURIComponent(name)}`;
      const value = `value of ${name}`;
      const set = await stage.admin.send('POST', path, value);
      if (status === 422) {
        assert.ok(set.status >= 400 && set.status < 500, set.text);
        return;
      }
      assert.equal(set.status, 201, `${name}: ${set.text}`);
      assert.equal((await stage.admin.send('GET', path)).text, value);
      const id = `acct:variable:${name}`;
      const shown = await stage.admin.send('GET', `/resources/acct/variable/${encodeURIComponent(name)}`);
      assert.equal((shown.json() as { id: string }).id, id);
      const listed = await stage.admin.send('GET', '/resources/acct/variable');
      assert.ok((listed.json() as readonly { id: string }[]).some((resource) => resource.id === id));
      assert.equal((await stage.alice.send('GET', path)).status, 404);
    });
    await assertProperty(property, { numRuns: 40 });
  });

  it('leaves those of others as they are', async () => {
    await load(stage.admin, '- !variable a/b\n- !variable "a:b"\n- !variable "a%2Fb"\n- !variable "a+b"\n');
    for (const name of ['a/b', 'a:b', 'a%2Fb', 'a+b'])
      await stage.admin.send('POST', `/secrets/acct/variable/${encodeURIComponent(name)}`, name);
    for (const name of ['a/b', 'a:b', 'a%2Fb', 'a+b']) {
      const path = `/secrets/acct/variable/${encodeURIComponent(name)}`;
      assert.equal((await stage.admin.send('GET', path)).text, name);
    }
  });
});
