/** Names that look alike are different names: nobody becomes somebody else by how a name is written (UTS 39). */
import assert from 'node:assert/strict';
import { load, signInAs } from '../support/client.ts';
import { openHostileStage, secretOfStage, type HostileStage } from './stage.ts';

/** Each looks like alice, or is folded to it by some reader. */
const lookalikes: Readonly<Record<string, string>> = {
  'a Cyrillic letter': '\u0430lice',
  'another case': 'Alice',
  'a full-width letter': '\uff41lice',
  'a zero-width joiner': 'ali\u200dce',
  'a soft hyphen': 'ali\u00adce',
  'a combining mark': 'alice\u0301',
  'a mathematical letter': '\u{1d41a}lice',
  'a dotless i': 'al\u0131ce',
  'a ligature in its middle': 'al\u2170ce',
  'an override of the direction': '\u202ealice',
};

describe('a name that looks like another', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  for (const [title, name] of Object.entries(lookalikes)) {
    it(`by ${title} is refused, or a role of its own without the privileges of the other`, async () => {
      const quoted = JSON.stringify(name);
      const answer = await stage.admin.send('POST', '/policies/acct/policy/root', `- !user ${quoted}`);
      assert.ok([201, 422].includes(answer.status), answer.text);
      if (answer.status === 422) return;
      const { created_roles: created } = answer.json() as {
        created_roles: Record<string, { api_key: string }>;
      };
      assert.deepEqual(Object.keys(created), [`acct:user:${name}`]);
      const key = created[`acct:user:${name}`]?.api_key ?? '';
      const asAlice = await stage.admin.send('POST', '/authn/acct/alice/authenticate', key);
      assert.equal(asAlice.status, 401);
      const path = `/authn/acct/${encodeURIComponent(name)}/authenticate`;
      const token = await stage.admin.send('POST', path, key);
      assert.equal(token.status, 200);
      const read = await stage.alice.send('GET', '/secrets/acct/variable/db', undefined, {
        authorization: `Token token="${Buffer.from(token.text).toString('base64')}"`,
      });
      assert.ok(read.status >= 400 && !read.text.includes(secretOfStage));
    });
  }

  it('by its normalisation alone is a role of its own', async () => {
    const [composed, decomposed] = ['jos\u00e9', 'jose\u0301'];
    const loaded = await load(stage.admin, `- !user "${composed}"\n- !user "${decomposed}"\n`);
    assert.equal(Object.keys(loaded.created_roles).length, 2);
    const as = signInAs(stage.service, loaded);
    for (const name of [composed, decomposed]) {
      const { text } = await (await as(name)).send('GET', '/whoami');
      assert.equal((JSON.parse(text) as { username: string }).username, name);
    }
  });

  it('by case or width does not name the administrator', async () => {
    for (const name of [
      'Admin',
      'ADMIN',
      '\uff41dmin',
      'admin ',
      ' admin',
      'admin%00',
      'user/admin/',
      './admin',
    ]) {
      const path = `/authn/acct/${encodeURIComponent(name)}/authenticate`;
      const { status } = await stage.admin.send('POST', path, stage.service.adminKey);
      assert.ok(status >= 400 && status < 500, name);
    }
  });
});
