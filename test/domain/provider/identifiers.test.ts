import assert from 'node:assert/strict';
import { cookieKeys, ensureIdentifiers, identifiersIn } from '../../../src/domain/provider/identifiers.ts';
import { registryStage, stageAccount, type RegistryStage } from '../../support/registry-stage.ts';

describe('the identifiers of an account', () => {
  let stage: RegistryStage;
  beforeEach(async () => {
    stage = await registryStage();
  });
  afterEach(() => stage.close());

  it('are made at the first use, and are the same for all that are first', async () => {
    assert.equal(identifiersIn({ state: await stage.state() }), undefined);
    const made = await Promise.all(
      [stage.services, stage.another(), stage.another()].map((services) =>
        ensureIdentifiers(services, stageAccount),
      ),
    );
    assert.deepEqual(made[1], made[0]);
    assert.deepEqual(made[2], made[0]);
    assert.deepEqual(await ensureIdentifiers(stage.services, stageAccount), made[0]);
  });

  it('have the forms that the dialects show', async () => {
    const { accountId, customerId, mountAccessor } = await ensureIdentifiers(stage.services, stageAccount);
    assert.match(accountId, /^acc-[a-z0-9]{12}$/);
    assert.match(customerId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(mountAccessor, /^auth_userpass_[0-9a-f]{8}$/);
  });

  it('keep the keys of cookies sealed', async () => {
    const record = await ensureIdentifiers(stage.services, stageAccount);
    const keys = cookieKeys(stage.services, record);
    assert.equal(keys.length, 1);
    assert.equal(Buffer.from(keys[0] ?? '', 'base64url').length, 32);
    assert.ok(
      !Buffer.from(record.sealedCookieKeys[0] ?? '', 'base64').includes(
        Buffer.from(keys[0] ?? '', 'base64url'),
      ),
    );
    const other = { ...record, customerId: 'another' };
    assert.throws(() => cookieKeys(stage.services, other), { code: 'SEALED_VALUE_INVALID' });
  });
});
