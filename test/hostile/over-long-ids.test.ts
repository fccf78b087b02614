/** Names past their limits: refused with a 4xx before anything is looked up or written. */
import assert from 'node:assert/strict';
import { openHostileStage, type HostileStage } from './stage.ts';

const long = 'x'.repeat(10_000);

describe('an over-long name', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  const paths = [
    `/secrets/acct/variable/${long}`,
    `/secrets/${long}/variable/db`,
    `/secrets/acct/${long}/db`,
    `/resources/acct/variable/${long}`,
    `/resources/acct/${long}`,
    `/roles/acct/user/${long}`,
    `/roles/acct/group/readers?members&member=acct:user:${long}`,
    `/policies/acct/policy/${long}`,
    `/public_keys/acct/user/${long}`,
    `/resources/acct?search=${long}`,
    `/resources/acct?role=acct:user:${long}`,
    `/secrets?variable_ids=acct:variable:${long}`,
    `/v1/identity/oidc/client/${long}`,
    `/${long}/config/clients`,
  ];
  for (const path of paths)
    it(`in ${path.replace(long, '…')} is a fault of the request`, async () => {
      const { status, text } = await stage.admin.send('GET', path);
      assert.ok(status === 200 || (status >= 400 && status < 500), `${String(status)} ${text.slice(0, 200)}`);
      assert.ok(text.length < 3 * path.length, 'an answer that repeats it many times');
    });

  it('of a login is a failed login', async () => {
    const { status } = await stage.admin.send('POST', `/authn/acct/${long}/authenticate`, 'key');
    assert.equal(status, 401);
  });

  it('in a policy changes nothing', async () => {
    const before = await stage.authority();
    for (const text of [
      `- !user ${long}`,
      `- !variable { id: a, annotations: { ${long}: b } }`,
      `- !permit { role: !user alice, privilege: ${long}, resource: !variable db }`,
      `- !grant { role: !group ${long}, member: !user alice }`,
    ])
      assert.equal((await stage.admin.send('POST', '/policies/acct/policy/root', text)).status, 422);
    assert.equal(await stage.authority(), before);
  });
});
