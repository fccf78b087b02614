import assert from 'node:assert/strict';
import { Authority } from '../../src/domain/accounts/authority.ts';
import type { AccountView } from '../../src/domain/accounts/authority.ts';
import { addAccount } from '../../src/domain/accounts/administer.ts';
import { bindDataKey, createAccount, newCredential } from '../../src/domain/accounts/create.ts';
import { rowChanges } from '../../src/domain/accounts/row-changes.ts';
import { operator, renewOperator } from '../../src/domain/accounts/operator.ts';
import { storeAccount, storeRoot } from '../../src/domain/accounts/store-account.ts';
import { createAuthenticator } from '../../src/domain/authenticator-management/create.ts';
import { deleteAuthenticator } from '../../src/domain/authenticator-management/delete.ts';
import { switchAuthenticator } from '../../src/domain/authenticator-management/enable.ts';
import { enableAuthenticator } from '../../src/domain/authn/authenticators.ts';
import { changePassword } from '../../src/domain/authn/change-password.ts';
import type { Caller } from '../../src/domain/authn/credential-subject.ts';
import { login } from '../../src/domain/authn/login.ts';
import { PasswordHasher } from '../../src/domain/authn/password.ts';
import { rotateApiKey } from '../../src/domain/authn/rotate-api-key.ts';
import { createBranch } from '../../src/domain/branches/create.ts';
import { deleteBranch } from '../../src/domain/branches/delete.ts';
import { updateBranch } from '../../src/domain/branches/update.ts';
import { isFailure } from '../../src/domain/errors.ts';
import { addGroupMember } from '../../src/domain/group-members/add.ts';
import { removeGroupMember } from '../../src/domain/group-members/remove.ts';
import { createHostFactoryTokens } from '../../src/domain/host-factories/create-tokens.ts';
import {
  adminOf,
  rootPolicyOf,
  toAccount,
  toResourceId,
  toRoleId,
  type RecordKey,
  type ResourceId,
  type RoleId,
} from '../../src/domain/ids.ts';
import { createIssuer } from '../../src/domain/issuers/create.ts';
import { deleteIssuer } from '../../src/domain/issuers/delete.ts';
import { updateIssuer } from '../../src/domain/issuers/update.ts';
import { loadPolicy } from '../../src/domain/policy/load.ts';
import type { GraphRow } from '../../src/domain/records/rows.ts';
import type { ActorRequest } from '../../src/domain/request.ts';
import { addMember, removeMember } from '../../src/domain/roles/change-members.ts';
import { setSecret } from '../../src/domain/secrets/set.ts';
import { openKeyring } from '../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import type { Commit, CommitResult, Store } from '../../src/ports/store.ts';
import { attemptsOn } from '../support/attempts.ts';
import { MemoryAudit } from '../support/audit.ts';
import { defaultSettings } from '../support/domain-settings.ts';
import { temporaryDirectory } from '../support/temp.ts';

const account = toAccount('acct');
const deputy = toRoleId(account, 'user', 'deputy');
const resource = (kind: string, identifier: string): ResourceId => toResourceId(account, kind, identifier);
const role = (kind: string, identifier: string): RoleId => toRoleId(account, kind, identifier);

const policy = `
- !user deputy
- !user guest
- !group crew
- !grant { role: !group crew, member: !user guest }
- !host worker
- !host spare
- !variable key
- !policy
  id: team
  body:
  - !layer nodes
  - !host-factory { id: factory, layers: [ !layer nodes ] }
  - !policy inner
- !policy conjur/authn-iam
- !policy
  id: conjur/authn-iam/prod
  body: [ !webservice ]
- !policy conjur/issuers
- !permit { role: !user deputy, privileges: [ read, update ], resources: [ !variable key, !host worker ] }
- !permit
  role: !user deputy
  privileges: [ create, read, update ]
  resources: [ !policy team, !policy team/inner, !policy conjur/issuers, !policy conjur/authn-iam ]
- !permit { role: !user deputy, privileges: [ read, execute, update ], resource: !host-factory team/factory }
- !permit { role: !user deputy, privileges: [ read ], resource: !user guest }
- !permit { role: !user deputy, privileges: [ read, update, delete ], resource: !webservice conjur/authn-iam/prod }
- !permit { role: !user deputy, privileges: [ read, delete ], resource: !policy conjur/authn-iam/prod }
`;

const teamPolicy = `
- !group staff
- !grant { role: !group staff, members: [ !user /guest, !host /spare ] }
- !permit { role: !user /deputy, privileges: [ read ], resource: !group staff }
`;

const aws = { access_key_id: 'AKIAIOSFODNN7EXAMPLE', secret_access_key: 'A'.repeat(40) };
const issuer = new Map<string, unknown>([
  ['id', 'cloud'],
  ['type', 'aws'],
  ['max_ttl', 900],
  ['data', aws],
]);

/** A privilege that is taken away while an act is under way counts for that act, too: at whatever moment. */
describe('a privilege that is lost meanwhile', function () {
  this.timeout(60_000);
  const folder = temporaryDirectory();
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const clock = { now: (): number => Date.UTC(2030, 0, 1) };
  const passwords = new PasswordHasher();
  const audit = new MemoryAudit();
  const settings = { ...defaultSettings, dynamicSecretsEnabled: true };
  let store: Store;
  let authority: Authority;
  let elsewhere: Authority;
  let request: ActorRequest;
  let interruption: (() => Promise<void>) | undefined;
  let onRead: ((view: AccountView) => Promise<void>) | undefined;
  let commits = 0;

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    await bindDataKey(store, keyring);
    const interrupted = intercepted(store, 'commit', async (where: typeof account, commit: Commit) => {
      const meanwhile = interruption;
      interruption = undefined;
      await meanwhile?.();
      const result: CommitResult = await store.commit(where, commit);
      if (result.committed) commits += 1;
      return result;
    });
    elsewhere = new Authority(store, keyring);
    const inner = new Authority(interrupted, keyring);
    authority = intercepted(inner, 'read', async (where: typeof account, keys: readonly RecordKey[]) => {
      const view = await inner.read(where, keys);
      await onRead?.(view);
      return view;
    });
    await createAccount({ authority, keyring, clock, passwords }, account, () => Promise.resolve());
    const { state } = await authority.read(account, []);
    const actor = { account, role: adminOf(account), kid: state.newestSigningKey?.kid ?? '', issuedAt: 0 };
    const asAdmin = { requestId: 'req', clientIp: '127.0.0.1', actor };
    request = { ...asAdmin, actor: { ...actor, role: deputy } };
    await loadPolicy(services(), asAdmin, rootPolicyOf(account), 'create', Buffer.from(policy));
    const team = resource('policy', 'team');
    await loadPolicy(services(), asAdmin, team, 'create', Buffer.from(teamPolicy));
    await createIssuer(services(), request, account, new Map([...issuer, ['id', 'present']]));
  });

  after(async () => {
    await store.close();
    folder.remove();
  });

  const services = () => ({
    authority,
    keyring,
    clock,
    passwords,
    audit,
    settings,
    attempts: attemptsOn(store, clock),
  });

  /** Edits rows as another process would. */
  const meddle = async (where: typeof account, rows: readonly GraphRow[], there: boolean): Promise<void> => {
    const { state } = await elsewhere.read(where, []);
    const edits = rows.map((row) => ({ row, there }));
    const changes = await rowChanges({ authority: elsewhere }, state, edits, edits.length);
    await elsewhere.commit(where, { changes, authority: true });
  };

  /** The deputy's permissions, to be taken away and given back. */
  const permissions = async (): Promise<readonly GraphRow[]> =>
    (await authority.read(account, [])).state.graph.permissionsOf(deputy);

  /** Runs an act with the permissions taken away at some moment, and insists that nothing was done. */
  const refused = async (act: () => Promise<unknown>, at: (revoke: () => Promise<void>) => void) => {
    const present = await permissions();
    let revocations = 0;
    commits = 0;
    at(async () => {
      // What was done before had the privilege.
      if (commits > 0) return;
      revocations += 1;
      await meddle(account, present, false);
    });
    const outcome = await act().then(
      () => 'done',
      (error: unknown) => (isFailure(error) ? 'refused' : String(error)),
    );
    interruption = undefined;
    onRead = undefined;
    const [after, revoked] = [commits, revocations > 0];
    if (revoked) await meddle(account, present, true);
    await authority.read(account, []);
    return { revoked, outcome, after };
  };

  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    'setting a secret': () => setSecret(services(), request, resource('variable', 'key'), Buffer.from('new')),
    'rotating the API key of another': () =>
      rotateApiKey(services(), request, account, { proof: 'token', actor: request.actor }, 'host:worker'),
    'loading a policy': () =>
      loadPolicy(services(), request, resource('policy', 'team'), 'update', Buffer.from('- !group new')),
    'adding a member': () => addMember(services(), request, role('group', 'team/staff'), 'acct:group:crew'),
    'removing a member': () =>
      removeMember(services(), request, role('group', 'team/staff'), 'acct:host:spare'),
    'making a host-factory token': () =>
      createHostFactoryTokens(services(), request, resource('host_factory', 'team/factory'), {
        expiration: '2031-01-01T00:00:00Z',
        count: 1,
        cidr: [],
      }),
    'making a branch': () =>
      createBranch(services(), request, account, { name: 'new', branch: 'team', annotations: new Map() }),
    'changing the owner of a branch': () =>
      updateBranch(services(), request, account, 'team/inner', {
        owner: { kind: 'group', id: 'crew' },
        annotations: new Map(),
      }),
    'deleting a branch': () => deleteBranch(services(), request, account, 'team/inner'),
    'adding to a group': () =>
      addGroupMember(services(), request, account, 'team/staff', { kind: 'host', id: 'worker' }),
    'taking out of a group': () =>
      removeGroupMember(services(), request, account, 'team/staff', { kind: 'user', id: 'guest' }),
    'enabling an authenticator': () =>
      enableAuthenticator(services(), request, account, { kind: 'authn-iam', serviceId: 'prod' }, true),
    'making an authenticator': () =>
      createAuthenticator(services(), request, account, { type: 'aws', name: 'new' }),
    'switching an authenticator': () =>
      switchAuthenticator(services(), request, account, 'aws', 'prod', { enabled: true }),
    'deleting an authenticator': () => deleteAuthenticator(services(), request, account, 'aws', 'prod'),
    'making an issuer': () => createIssuer(services(), request, account, issuer),
    'changing an issuer': () =>
      updateIssuer(services(), request, account, 'present', new Map([['max_ttl', 1_000]])),
    'deleting an issuer': () => deleteIssuer(services(), request, account, 'present', false),
  };

  for (const [name, act] of Object.entries(acts)) {
    it(`ends ${name} when it is taken away before the commit`, async () => {
      const { revoked, outcome, after } = await refused(act, (revoke) => (interruption = revoke));
      assert.ok(revoked, outcome);
      assert.deepEqual([outcome, after], ['refused', 0]);
    });

    it(`ends ${name} when this process learns of it between the decision and the commit`, async () => {
      for (let read = 1; read <= 4; read += 1) {
        for (let turns = 0; turns <= 8; turns += 1) {
          const found = await refused(act, (revoke) => {
            let reads = 0;
            onRead = async ({ state, epoch }) => {
              reads += 1;
              if (reads !== read) return;
              await revoke();
              const changes = await store.changesSince(account, epoch);
              if (changes.kind !== 'changes') throw new Error('the log must reach back');
              afterMicrotasks(turns, () => {
                if (state.epoch.counter < changes.epoch.counter)
                  state.advance(changes.changes, changes.epoch);
              });
            };
          });
          // With fewer reads there is nothing to interrupt, and the act would be done for good.
          if (!found.revoked) return;
          assert.deepEqual([found.outcome, found.after], ['refused', 0], `read ${read}, ${turns} turns`);
        }
      }
    });
  }

  describe('by a key that is replaced', () => {
    let stolen: string;
    const holder = (secret: string): Caller => ({
      proof: 'credential',
      presented: { login: 'deputy', secret: Buffer.from(secret) },
    });
    /** Gives the deputy a key of the administrator's making. */
    const replaceKey = async (): Promise<string> => {
      const { apiKey, change } = newCredential(services(), deputy, undefined);
      await store.commit(account, { changes: [change], authority: true });
      return apiKey;
    };
    const isKey = async (apiKey: string): Promise<boolean> =>
      login(services(), request, account, { login: 'deputy', secret: Buffer.from(apiKey) }).then(
        () => true,
        () => false,
      );

    beforeEach(async () => {
      stolen = await replaceKey();
    });

    it('does not let the old key be traded for a new one', async () => {
      let key = '';
      interruption = async () => {
        key = await replaceKey();
      };
      await assert.rejects(rotateApiKey(services(), request, account, holder(stolen), undefined), (error) =>
        isFailure(error, 'CREDENTIALS_INVALID'),
      );
      assert.ok(await isKey(key));
    });

    it('does not let the old key set a password', async () => {
      interruption = async () => {
        await replaceKey();
      };
      const password = 'SEcret12!!!!';
      await assert.rejects(
        changePassword(services(), request, account, holder(stolen), undefined, password),
        (error) => isFailure(error, 'CREDENTIALS_INVALID'),
      );
      assert.equal(await isKey(password), false);
    });
  });

  it('ends making an account when it is taken away while the name is read', async () => {
    await renewOperator(services());
    const { state } = await authority.read(storeAccount, []);
    const actor = {
      account: storeAccount,
      role: operator,
      kid: state.newestSigningKey?.kid ?? '',
      issuedAt: 0,
    };
    const made = addAccount(services(), { ...request, actor }, async () => {
      const held = { table: 'membership', role: storeRoot, member: operator } as const;
      await meddle(storeAccount, [{ ...held, ownership: false, admin: true }], false);
      return 'made';
    });
    await assert.rejects(made, (error) => isFailure(error, 'PRIVILEGE_MISSING'));
    assert.deepEqual(await store.accounts(), [storeAccount, account]);
  });
});

function afterMicrotasks(turns: number, act: () => void): void {
  if (turns === 0) act();
  else
    queueMicrotask(() => {
      afterMicrotasks(turns - 1, act);
    });
}

function intercepted<Target extends object, Method extends keyof Target>(
  target: Target,
  method: Method,
  instead: Target[Method],
): Target {
  return new Proxy(target, {
    get(found, name) {
      if (name === method) return instead;
      const member: unknown = Reflect.get(found, name);
      return typeof member === 'function' ? (member.bind(found) as unknown) : member;
    },
  });
}
