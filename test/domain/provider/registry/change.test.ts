import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import { changeRegistry, changeRegistryAsService } from '../../../../src/domain/provider/registry/change.ts';
import { putRecord, removeRecord } from '../../../../src/domain/provider/registry/registry.ts';
import type { Change } from '../../../../src/ports/store.ts';
import { registryStage, stageAccount, type RegistryStage } from '../../../support/registry-stage.ts';

const maxBytes = 2_000;

describe('a change of the registry', () => {
  let stage: RegistryStage;

  before(async () => {
    stage = await registryStage();
  });
  after(async () => {
    await stage.close();
  });

  const scope = (name: string, characters: number): Change =>
    putRecord('oidc-scope', { name, template: '', description: 'x'.repeat(characters) });
  const change = (...changes: readonly Change[]): Promise<void> =>
    changeRegistry(
      stage.services,
      stageAccount,
      () => stage.services.authority.read(stageAccount, []),
      () => ({ changes, result: undefined }),
      maxBytes,
    );
  const isFull = (error: unknown): boolean => isFailure(error, 'REGISTRY_FULL');

  it('is refused where the records of all kinds would be too much together', async () => {
    await change(scope('one', 1_000));
    await assert.rejects(change(scope('two', 1_000)), isFull);
    await assert.rejects(change(scope('one', 2_000)), isFull);
    assert.equal((await stage.state()).registry.get('oidc-scope', 'two'), undefined);
    await change(scope('two', 500));
  });

  it('is not refused where it leaves more room than before', async () => {
    await change(scope('three', 1_000), removeRecord('oidc-scope', 'one'), scope('two', 400));
    await changeRegistryAsService(stage.services, stageAccount, () => ({
      changes: [scope('four', 3_000)],
      result: undefined,
    }));
    await change(scope('four', 2_500));
    await assert.rejects(change(scope('four', 2_501)), isFull);
    await change(removeRecord('oidc-scope', 'three'));
  });
});
