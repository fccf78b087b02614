import assert from 'node:assert/strict';
import { isFailure } from '../../../../src/domain/errors.ts';
import { toAccount, type Account } from '../../../../src/domain/ids.ts';
import type { AccountView } from '../../../../src/domain/accounts/authority.ts';
import { makeSecret, matchingSecret } from '../../../../src/domain/provider/akamai/client-secrets.ts';
import type { ClientFields } from '../../../../src/domain/provider/akamai/fields.ts';
import { newClient } from '../../../../src/domain/provider/akamai/clients.ts';
import {
  callerOf,
  findToken,
  issueConfigurationToken,
} from '../../../../src/domain/provider/akamai/tokens.ts';
import type { ClientRecord, TokenPolicyRecord } from '../../../../src/domain/provider/registry/records.ts';
import { putRecord, Registry, removeRecord } from '../../../../src/domain/provider/registry/registry.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import type { EphemeralEntry, EphemeralStore } from '../../../../src/ports/ephemeral-store.ts';

const policy: TokenPolicyRecord = {
  id: 'policy',
  title: 'A policy',
  accessTokenLifetimeSeconds: 600,
  refreshTokenLifetimeSeconds: 600,
  allowedScopes: ['.:config', '*:config/clients'],
  createdAt: 0,
  updatedAt: 0,
};

/** A configuration client with a token of both scopes, at a clock that is set by hand. */
async function stage() {
  const registry = new Registry();
  const entries = new Map<string, EphemeralEntry>();
  const clock = { time: 1_000_000, now: () => clock.time };
  const ephemeral = {
    put: async (_account: Account, put: readonly EphemeralEntry[]) => {
      for (const entry of put) entries.set(entry.key, entry);
    },
    get: async (_account: Account, keys: readonly string[]) =>
      keys.map((key) => {
        const entry = entries.get(key);
        return entry && { value: entry.value, used: false };
      }),
  } as unknown as EphemeralStore;
  const services = { clock, ephemeral, keyring: openKeyring({ dataKey: Buffer.alloc(32, 1) }) };
  const account = toAccount('acct');
  const view = { state: { registry, account } } as unknown as AccountView;
  const put = (record: ClientRecord | TokenPolicyRecord): void => {
    const change =
      'title' in record ? putRecord('oidc-token-policy', record) : putRecord('oidc-client', record);
    registry.apply('title' in record ? 'oidc-token-policy' : 'oidc-client', change.key, change.value);
  };
  const remove = (kind: 'oidc-client' | 'oidc-token-policy', id: string): void => {
    registry.apply(kind, removeRecord(kind, id).key, undefined);
  };
  const fields: ClientFields = {
    name: 'c',
    type: 'configuration',
    redirectURIs: [],
    loginPolicy: undefined,
    tokenPolicy: 'policy',
  };
  const { client, secret = '' } = newClient(fields, clock.time);
  put(policy);
  put(client);
  const issue = (scope = '.:config *:config/clients', of = client) =>
    issueConfigurationToken(services, view, of, secret, scope);
  const { accessToken } = await issue();
  const scopes = async (token = accessToken): Promise<readonly string[]> =>
    callerOf(view, await findToken(services, account, token), clock.time).scopes;
  const invalid = async (why: RegExp): Promise<void> => {
    await assert.rejects(
      scopes(),
      (error) => isFailure(error, 'CONFIGURATION_TOKEN_INVALID') && why.test(error.message),
    );
  };
  return { clock, put, remove, client, issue, scopes, invalid, entries, accessToken, secret };
}

describe('a token of a configuration client', () => {
  it('speaks for its client with the scopes that it was given', async () => {
    const { scopes } = await stage();
    assert.deepEqual(await scopes(), ['.:config', '*:config/clients']);
  });

  it('is stored by its hash, sealed, and for as long as it lives', async () => {
    const { entries, accessToken } = await stage();
    const [entry] = entries.values();
    assert.ok(entry !== undefined);
    assert.equal(entry.ttlMs, 600_000);
    assert.ok(!entry.key.includes(accessToken));
    assert.ok(!Buffer.from(entry.value).toString('latin1').includes('config'));
  });

  it('ends when its life is over, though the store should still have it', async () => {
    const { clock, scopes, invalid } = await stage();
    clock.time += 599_999;
    await scopes();
    clock.time += 1;
    await invalid(/expired/);
  });

  it('ends sooner once the policy has a shorter life, and not later once it has a longer one', async () => {
    const { clock, put, scopes, invalid } = await stage();
    clock.time += 61_000;
    await scopes();
    put({ ...policy, accessTokenLifetimeSeconds: 60 });
    await invalid(/expired/);
    put({ ...policy, accessTokenLifetimeSeconds: 3_600 });
    clock.time += 600_000;
    await invalid(/expired/);
  });

  it('ends with its client, and is not that of a later one with its id', async () => {
    const { put, remove, client, invalid } = await stage();
    remove('oidc-client', client.clientId);
    await invalid(/client is gone/);
    put({ ...client, createdAt: client.createdAt + 1 });
    await invalid(/client is gone/);
    put({ ...client, dialect: 'vault' } as const);
    await invalid(/client is gone/);
  });

  it('ends when its client is disabled', async () => {
    const { put, client, invalid } = await stage();
    put({ ...client, disabled: true });
    await invalid(/may not have one/);
  });

  it('ends when its secret does', async () => {
    const { clock, put, client, scopes, invalid } = await stage();
    const [secret] = client.secrets;
    assert.ok(secret !== undefined);
    put({ ...client, secrets: [{ ...secret, expiresAt: clock.time + 5_000 }] });
    await scopes();
    clock.time += 5_000;
    await invalid(/secret/);
    put({ ...client, secrets: [makeSecret('another', clock.time).record] });
    await invalid(/secret/);
  });

  it('has none of the scopes that the policy lost, nor without a policy a life', async () => {
    const { put, remove, scopes, invalid } = await stage();
    put({ ...policy, allowedScopes: ['*:config/**', '.:config'] });
    assert.deepEqual(await scopes(), ['.:config']);
    remove('oidc-token-policy', 'policy');
    await invalid(/expired/);
  });

  it('is not known by another text', async () => {
    const { scopes, accessToken } = await stage();
    for (const text of ['', accessToken.slice(1), 'x'.repeat(201)]) {
      await assert.rejects(scopes(text), (error) => isFailure(error, 'CONFIGURATION_TOKEN_INVALID'));
    }
  });

  it('is not issued for an expired secret, a policy that is gone, or a client of people', async () => {
    const { clock, remove, client, issue } = await stage();
    const [secret] = client.secrets;
    assert.ok(secret !== undefined);
    const expired = { ...client, secrets: [{ ...secret, expiresAt: clock.time }] };
    await assert.rejects(issue('.:config', expired), (error) => isFailure(error, 'OAUTH_INVALID_CLIENT'));
    const people = { ...client, type: 'confidential' } as const;
    await assert.rejects(issue('.:config', people), (error) => isFailure(error, 'OAUTH_UNAUTHORIZED_CLIENT'));
    remove('oidc-token-policy', 'policy');
    await assert.rejects(issue(), (error) => isFailure(error, 'OAUTH_INVALID_CLIENT'));
  });
});

describe('matchingSecret', () => {
  it('finds the one of several that a text is, while it is valid', () => {
    const made = ['a', 'b'].map((id) => makeSecret(id, 0, 1_000));
    const secrets = made.map(({ record }) => record);
    assert.equal(matchingSecret({ secrets }, made[1]?.secret ?? '', 999)?.id, 'b');
    assert.equal(matchingSecret({ secrets }, made[1]?.secret ?? '', 1_000), undefined);
    assert.equal(matchingSecret({ secrets }, secrets[0]?.sha256 ?? '', 0), undefined);
    assert.equal(matchingSecret({ secrets: [] }, '', 0), undefined);
    assert.equal(
      matchingSecret({ secrets: [{ id: 'sealed', createdAt: 0, sealed: 'x' }] }, '', 0),
      undefined,
    );
  });
});
