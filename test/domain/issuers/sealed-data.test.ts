import assert from 'node:assert/strict';
import { createAccount } from '../../../src/domain/accounts/create.ts';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { PasswordHasher } from '../../../src/domain/authn/password.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { adminOf, toAccount, toResourceId, type ResourceId } from '../../../src/domain/ids.ts';
import { createIssuer } from '../../../src/domain/issuers/create.ts';
import { deleteIssuer } from '../../../src/domain/issuers/delete.ts';
import { showOneIssuer } from '../../../src/domain/issuers/read.ts';
import { decodeIssuer, encodeIssuer, type IssuerRecord } from '../../../src/domain/records/issuers.ts';
import { issuerKey } from '../../../src/domain/records/keys.ts';
import type { ActorRequest } from '../../../src/domain/request.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { defaultSettings } from '../../support/domain-settings.ts';
import { awsData, newIssuer } from '../../support/issuers.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');
const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
const clock = { now: (): number => Date.now() };
const settings = { ...defaultSettings, dynamicSecretsEnabled: true };
const bodyOf = (id: string): ReadonlyMap<string, unknown> => new Map(Object.entries(newIssuer(id)));
const policyOf = (id: string): ResourceId => toResourceId(account, 'policy', `conjur/issuers/${id}`);

describe('the data of issuers in the store', () => {
  const folder = temporaryDirectory();
  const audit = new MemoryAudit();
  let store: Store;

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    const passwords = new PasswordHasher();
    const authority = new Authority(store, keyring);
    await createAccount({ authority, keyring, clock, passwords }, account, () => Promise.resolve());
    for (const id of ['one', 'other']) await createIssuer(services(), await asAdmin(), account, bodyOf(id));
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  /** A process that knows nothing but the store. */
  const services = () => ({ authority: new Authority(store, keyring), keyring, clock, audit, settings });
  const asAdmin = async (): Promise<ActorRequest> => {
    const kid = (await services().authority.read(account, [])).state.newestSigningKey?.kid ?? '';
    return {
      requestId: 'r',
      clientIp: '127.0.0.1',
      actor: { account, role: adminOf(account), kid, issuedAt: 0 },
    };
  };
  const stored = async (id: string): Promise<IssuerRecord> => {
    const key = issuerKey(policyOf(id));
    const { records } = await store.read(account, [key]);
    return decodeIssuer(key, records[0]?.value ?? Buffer.alloc(0));
  };

  it('is not readable, the id of the key neither', async () => {
    const text = Buffer.from(encodeIssuer(await stored('one'))).toString();
    const sealed = [...(await stored('one')).sealedData.values()].map((each) =>
      Buffer.from(each).toString('latin1'),
    );
    for (const value of Object.values(awsData)) {
      assert.ok(![text, ...sealed].some((each) => each.includes(value)));
    }
  });

  it('is refused, and recorded, where it was moved to another issuer', async () => {
    const { sealedData } = await stored('other');
    const value = encodeIssuer({ ...(await stored('one')), sealedData });
    const changes = [{ key: issuerKey(policyOf('one')), value }];
    assert.ok((await store.commit(account, { changes, authority: true })).committed);
    const shown = showOneIssuer(services(), await asAdmin(), account, 'one', undefined);
    await assert.rejects(shown, (error) => isFailure(error, 'SEALED_VALUE_INVALID'));
    assert.ok(audit.events.some(({ type, outcome }) => type === 'integrity' && outcome === 'failure'));
  });

  it('goes with the issuer, as other processes see at once', async () => {
    const other = services();
    await deleteIssuer(services(), await asAdmin(), account, 'other', false);
    const { records } = await store.read(account, [issuerKey(policyOf('other'))]);
    assert.deepEqual(records, [undefined]);
    const shown = showOneIssuer(other, await asAdmin(), account, 'other', undefined);
    await assert.rejects(shown, (error) => isFailure(error, 'ISSUER_NOT_FOUND'));
  });

  it('is that of one of two who make the same issuer at once', async () => {
    const request = await asAdmin();
    const made = await Promise.allSettled(
      [services(), services()].map((each) => createIssuer(each, request, account, bodyOf('raced'))),
    );
    const failures = made.filter((each) => each.status === 'rejected').map(({ reason }) => reason as unknown);
    assert.equal(failures.length, 1);
    assert.ok(isFailure(failures[0], 'ISSUER_EXISTS'));
  });
});
