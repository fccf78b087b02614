import assert from 'node:assert/strict';
import { load, secretPath, setSecret, signIn, type Answer } from '../client.ts';
import { startTestService, type TestService } from '../service.ts';
import { SecretReads } from './audit.ts';

describe('SecretReads', () => {
  let service: TestService;
  let single: Answer;
  let batch: Answer;
  let second: Answer;
  let missing: Answer;

  before(async () => {
    service = await startTestService();
    const admin = await signIn(service);
    await load(admin, '- !variable x\n- !variable "y z"');
    await setSecret(admin, 'x', 'one');
    await setSecret(admin, 'x', 'two');
    await setSecret(admin, 'y z', 'three');
    single = await admin.send('GET', secretPath(service, 'x'));
    second = await admin.send('GET', `${secretPath(service, 'x')}?version=1`);
    batch = await admin.send('GET', '/secrets?variable_ids=acct:variable:x,acct:variable:y%20z');
    missing = await admin.send('GET', secretPath(service, 'none'));
  });
  after(() => service.stop());

  function reads(): SecretReads {
    const kept = new SecretReads();
    kept.answered(single, 'acct:variable:x');
    kept.answered(second, 'acct:variable:x', 1);
    kept.answered(batch, ['acct:variable:x', 'acct:variable:y z']);
    kept.answered(missing, 'acct:variable:none');
    return kept;
  }

  it('finds the record of every read that was answered', async () => {
    assert.deepEqual([single.status, second.status, batch.status, missing.status], [200, 200, 200, 404]);
    assert.equal(reads().count, 4);
    assert.deepEqual(await reads().unaudited([service.auditFile]), []);
  });

  it('reports each read without a record', async () => {
    const lines = await service.auditLines();
    const without = lines.filter((line) => !/ fetch .*resource="acct:variable:x"/.test(line));
    assert.equal(reads().unauditedIn(without).length, 3);
    assert.match(reads().unauditedIn(without)[1]?.message ?? '', /version 1 of acct:variable:x/);
  });

  it('does not let one record stand for two reads, nor a failed one for any', async () => {
    const twice = reads();
    twice.answered(single, 'acct:variable:x');
    const lines = await service.auditLines();
    assert.equal(twice.unauditedIn(lines).length, 1);
    const failed = lines.map((line) => line.replace('result="success"', 'result="failure"'));
    assert.equal(reads().unauditedIn(failed).length, 4);
  });
});
