/** The commands about issuers against the real home.service. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsData, maskedData, withIssuers } from '../support/issuers.ts';
import { AdminHome } from './admin-home.ts';

interface Printed {
  readonly id: string;
  readonly max_ttl: number;
  readonly data: unknown;
}

describe('latchkey issuer', () => {
  let home: AdminHome;

  before(async () => {
    home = await AdminHome.start(withIssuers);
  });
  after(async () => {
    await home.close();
  });

  const done = (...args: readonly string[]): Promise<string> => home.done(['issuer', ...args]);
  const refused = async (code: number, message: RegExp, ...args: readonly string[]): Promise<void> => {
    const run = await home.refused(code, message, ['issuer', ...args]);
    assert.ok(!run.stderr.includes(awsData.secret_access_key));
  };
  const create = (id: string): readonly string[] => ['create', '-i', id, '-t', 'aws', '-m', '3000'];

  it('makes, shows and lists issuers without their secrets', async () => {
    const file = join(home.path, 'key.json');
    writeFileSync(file, JSON.stringify(awsData));
    const first = JSON.parse(await done(...create('first'), '-f', file)) as Printed;
    assert.deepEqual([first.id, first.max_ttl, first.data], ['first', 3_000, maskedData]);
    await done(...create('second'), '--data', JSON.stringify(awsData));
    assert.deepEqual(JSON.parse(await done('get', '-i', 'first')), first);
    const listed = JSON.parse(await done('list')) as readonly Printed[];
    assert.deepEqual(
      listed.map(({ id }) => id),
      ['first', 'second'],
    );
  });

  it('changes one', async () => {
    const longer = JSON.parse(await done('update', '-i', 'first', '--max-ttl', '4000')) as Printed;
    assert.equal(longer.max_ttl, 4_000);
    const data = JSON.stringify({ ...awsData, access_key_id: 'AKIAIOSFODNN7CHANGED' });
    const other = JSON.parse(await done('update', '-i', 'first', '--data', data)) as Printed;
    assert.deepEqual(other.data, { access_key_id: 'AKIAIOSFODNN7CHANGED', secret_access_key: '*****' });
    await refused(
      1,
      /must be equal or higher than the current max_ttl/,
      'update',
      '-i',
      'first',
      '-m',
      '900',
    );
    await refused(2, /nothing to change/, 'update', '-i', 'first');
  });

  it('deletes one', async () => {
    assert.equal(await done('delete', '-i', 'first'), 'Issuer first is deleted\n');
    const json = await done('delete', '-i', 'second', '--keep-secrets', '--output', 'json');
    assert.deepEqual(JSON.parse(json), { id: 'second', deleted: true });
    await refused(1, /Issuer not found/, 'get', '-i', 'first');
  });

  it('wants its data once, as a JSON object, and a TTL in seconds', async () => {
    await refused(2, /one of --data and --file is needed/, ...create('x'));
    await refused(2, /only one of --data and --file/, ...create('x'), '--data', '{}', '-f', 'file');
    const broken = JSON.stringify(awsData).slice(1);
    await refused(2, /the data must be a JSON object/, ...create('x'), '--data', broken);
    await refused(2, /whole number of seconds/, ...create('x').slice(0, -1), '1h', '--data', '{}');
  });
});
