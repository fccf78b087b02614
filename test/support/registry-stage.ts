/** An account on an embedded store with what the provider's use cases ask for, and a clock to turn. */
import { Authority } from '../../src/domain/accounts/authority.ts';
import { createAccount } from '../../src/domain/accounts/create.ts';
import type { AccountState } from '../../src/domain/accounts/account-state.ts';
import { PasswordHasher } from '../../src/domain/authn/password.ts';
import {
  adminOf,
  rootPolicyOf,
  roleOfLogin,
  storedRoleId,
  toAccount,
  type RoleId,
} from '../../src/domain/ids.ts';
import { loadPolicy } from '../../src/domain/policy/load.ts';
import type { PlanMode } from '../../src/domain/policy/plan.ts';
import type { RoleRow } from '../../src/domain/records/rows.ts';
import type { ActorRequest } from '../../src/domain/request.ts';
import type { Services } from '../../src/domain/services.ts';
import { openKeyring } from '../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { attemptsOn } from './attempts.ts';
import { MemoryAudit } from './audit.ts';
import { defaultSettings } from './domain-settings.ts';
import { temporaryDirectory } from './temp.ts';

export const stageAccount = toAccount('acct');
export const stageOrigin = 'https://latchkey.example';

type StageServices = Pick<
  Services,
  'authority' | 'keyring' | 'clock' | 'audit' | 'settings' | 'passwords' | 'attempts' | 'publicOrigin'
>;

export interface RegistryStage {
  readonly services: StageServices;
  readonly audit: MemoryAudit;
  /** Of the administrator. */
  readonly request: ActorRequest;
  /** Milliseconds since the epoch; stands still unless a test moves it. */
  now: number;
  /** The services as another process has them: with a memory of its own. */
  another(): StageServices;
  state(): Promise<AccountState>;
  /** The row of a login, or of a role by its id without the account. */
  row(id: string): Promise<RoleRow>;
  as(login: string): ActorRequest;
  load(policy: string, mode?: PlanMode): Promise<void>;
  close(): Promise<void>;
}

export async function registryStage(): Promise<RegistryStage> {
  const folder = temporaryDirectory();
  const store = await openLmdbStore({ directory: folder.path });
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const audit = new MemoryAudit();
  const settings = { ...defaultSettings, account: stageAccount };
  const passwords = new PasswordHasher();
  const servicesWith = (authority: Authority): StageServices => ({
    authority,
    keyring,
    audit,
    settings,
    passwords,
    attempts: attemptsOn(store, { now: () => stage.now }),
    clock: { now: () => stage.now },
    publicOrigin: () => stageOrigin,
  });
  const services = servicesWith(new Authority(store, keyring));
  const requestOf = (role: RoleId): ActorRequest => ({
    requestId: 'req',
    clientIp: '127.0.0.1',
    actor: { account: stageAccount, role, issuedAt: 0 },
  });
  const request = requestOf(adminOf(stageAccount));
  const stage: RegistryStage = {
    services,
    audit,
    request,
    now: Date.UTC(2030, 0, 1),
    another: () => servicesWith(new Authority(store, keyring)),
    state: async () => (await services.authority.read(stageAccount, [])).state,
    row: async (id) => {
      const role = id.includes(':') ? storedRoleId(`${stageAccount}:${id}`) : roleOfLogin(stageAccount, id);
      const row = (await stage.state()).graph.role(role);
      if (row === undefined) throw new Error(`there is no ${role}`);
      return row;
    },
    as: (login) => requestOf(roleOfLogin(stageAccount, login)),
    load: async (policy, mode = 'create') => {
      await loadPolicy(services, request, rootPolicyOf(stageAccount), mode, Buffer.from(policy));
    },
    close: async () => {
      await store.close();
      folder.remove();
    },
  };
  await createAccount(services, stageAccount, () => Promise.resolve());
  return stage;
}
