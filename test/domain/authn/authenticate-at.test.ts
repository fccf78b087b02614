/** What happens to an account while the proof of an identity is under way elsewhere. */
import assert from 'node:assert/strict';
import { AccountState } from '../../../src/domain/accounts/account-state.ts';
import type { Authority } from '../../../src/domain/accounts/authority.ts';
import { Attempts } from '../../../src/domain/abuse/attempts.ts';
import { authenticateAt, type AuthenticationServices } from '../../../src/domain/authn/authenticate-at.ts';
import { loginByLdap, type LdapServices } from '../../../src/domain/authn/ldap/authenticate.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { toAccount, toResourceId, toRoleId } from '../../../src/domain/ids.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import type { EphemeralStore } from '../../../src/ports/ephemeral-store.ts';
import { defaultAttemptLimits } from '../../support/attempts.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { defaultSettings } from '../../support/domain-settings.ts';

const account = toAccount('acct');
const alice = toRoleId(account, 'user', 'alice');
const webservice = toResourceId(account, 'webservice', 'conjur/authn-ldap/test');
const keyring = openKeyring({ dataKey: Buffer.alloc(32) });
const request = { requestId: '1', clientIp: '127.0.0.1' };

/** An account of this lineage in which alice may authenticate. */
function stateOf(lineage: string): AccountState {
  const state = new AccountState(account, { lineage, counter: 1 }, keyring);
  state.graph.put({ table: 'role', role: alice, createdAt: 0 });
  state.graph.put({ table: 'resource', resource: webservice, owner: alice, createdAt: 0 });
  state.graph.put({ table: 'permission', resource: webservice, role: alice, privilege: 'authenticate' });
  return state;
}

/** An account that is one thing when a request begins and another, or nothing, when its proof is there. */
function servicesOf(
  before: AccountState,
  after: AccountState | undefined,
): AuthenticationServices & LdapServices & { readonly audit: MemoryAudit } {
  let reads = 0;
  const read = async (): Promise<unknown> => {
    const state = (reads += 1) === 1 ? before : (after ?? before);
    return { state, epoch: state.epoch, records: [undefined] };
  };
  const authority = {
    read,
    recent: async () => after,
    records: async () => ({ epoch: before.epoch, records: [] }),
  } as unknown as Authority;
  const settings = {
    ...defaultSettings,
    authenticators: ['authn-ldap/test'],
    ldapUri: 'ldap://127.0.0.1',
  };
  const ephemeral = {
    count: async () => 1,
    get: async (_account: unknown, keys: readonly string[]) => keys.map(() => undefined),
    put: async () => undefined,
  } as unknown as EphemeralStore;
  const services = {
    authority,
    keyring,
    audit: new MemoryAudit(),
    clock: { now: () => 0 },
    tokens: { issue: () => 'a token' },
    directories: { proves: async () => true, close: async () => undefined },
    settings,
    attempts: new Attempts({ ephemeral, clock: { now: () => 0 } }, defaultAttemptLimits),
  };
  return services as unknown as ReturnType<typeof servicesOf>;
}

const name = { kind: 'authn-ldap', serviceId: 'test' };

describe('an identity that is proven while its account is removed', () => {
  const before = stateOf('first');

  it('gets a token in the account that it asked', async () => {
    const services = servicesOf(before, before);
    const proven = authenticateAt(services, request, account, name, async () => ({ role: alice }));
    assert.equal(await proven, 'a token');
  });

  for (const [title, after] of [
    ['gets none in another account of that name', stateOf('second')],
    ['gets none where there is no account any more', undefined],
  ] as const) {
    it(title, async () => {
      const services = servicesOf(before, after);
      await assert.rejects(
        authenticateAt(services, request, account, name, async () => ({ role: alice })),
        (error) => isFailure(error, 'ACCOUNT_NOT_FOUND'),
      );
      assert.equal(services.audit.events[0]?.outcome, 'failure');
    });
  }

  it('gets no API key of another account of that name', async () => {
    const services = servicesOf(before, stateOf('second'));
    await assert.rejects(
      loginByLdap(services, request, account, 'test', { login: 'alice', secret: Buffer.from('alice') }),
      (error) => isFailure(error, 'ACCOUNT_NOT_FOUND'),
    );
  });
});
