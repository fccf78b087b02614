/** Bodies in encodings that another reader might undo: they are what their bytes say, or refused. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { openHostileStage, type HostileStage } from './stage.ts';

const policyPath = '/policies/acct/policy/root';

describe('a body', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  it('that says it is compressed is not expanded', async () => {
    const before = await stage.authority();
    const bomb = gzipSync(Buffer.alloc(64 * 1_024 * 1_024, '#'));
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip']) {
      const { status } = await stage.admin.send('POST', policyPath, bomb, { 'content-encoding': encoding });
      assert.ok(status >= 400 && status < 500, String(status));
    }
    assert.equal(await stage.authority(), before);
  });

  it('of a policy in another character encoding makes no other names', async () => {
    const before = await stage.authority();
    for (const encoding of ['utf16le', 'latin1'] as const) {
      const { status } = await stage.admin.send(
        'POST',
        policyPath,
        Buffer.from('- !user \u00e9ve\n', encoding),
      );
      assert.equal(status, 422);
    }
    const { status } = await stage.admin.send('POST', policyPath, '- !user +AGEAYg-\n', {
      'content-type': 'application/x-yaml; charset=utf-7',
    });
    assert.ok([201, 422].includes(status));
    assert.notEqual(await stage.authority(), before.replace('', '\u0000'));
    assert.equal((await stage.admin.send('GET', '/roles/acct/user/ab')).status, 404);
  });

  it('of a secret is kept byte for byte, whatever it says it is', async () => {
    const value = gzipSync('not to be expanded');
    const path = '/secrets/acct/variable/other';
    await stage.admin.send('POST', path, value, { 'content-encoding': 'gzip' });
    const read = await stage.admin.send('GET', path);
    if (read.text !== 'the-value-of-the-variable-other') assert.deepEqual(read.bytes, value);
  });
});
