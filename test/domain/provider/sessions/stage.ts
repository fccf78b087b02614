/** An account with users, on each store, and a clock that tests set. */
import { Authority } from '../../../../src/domain/accounts/authority.ts';
import { createAccount } from '../../../../src/domain/accounts/create.ts';
import { rowChanges } from '../../../../src/domain/accounts/row-changes.ts';
import { newApiKey, sealApiKey } from '../../../../src/domain/authn/api-key.ts';
import { changeCredential } from '../../../../src/domain/authn/credential-change.ts';
import { PasswordHasher } from '../../../../src/domain/authn/password.ts';
import { toRoleId, type Account, type RoleId } from '../../../../src/domain/ids.ts';
import { credentialKey } from '../../../../src/domain/records/keys.ts';
import {
  startSession,
  type NewSession,
  type StartedSession,
} from '../../../../src/domain/provider/sessions/start.ts';
import type { SessionServices } from '../../../../src/domain/provider/sessions/session.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../../src/drivers/lmdb/store.ts';
import { openRedisStore } from '../../../../src/drivers/redis/store.ts';
import type { EphemeralStore } from '../../../../src/ports/ephemeral-store.ts';
import type { Change, Store } from '../../../../src/ports/store.ts';
import { freshAccount } from '../../../contracts/store/fixture.ts';
import { defaultSettings } from '../../../support/domain-settings.ts';
import { startRedis } from '../../../support/redis-server.ts';
import { temporaryDirectory } from '../../../support/temp.ts';

export const clientIp = '10.1.2.3';

export class SessionStage {
  readonly account: Account;
  readonly services: SessionServices;
  readonly store: Store;
  now = 1_700_000_000_000;

  constructor(store: Store, account: Account, ephemeral: EphemeralStore = store.ephemeral) {
    const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
    this.store = store;
    this.account = account;
    this.services = {
      authority: new Authority(store, keyring),
      ephemeral,
      keyring,
      clock: { now: () => this.now },
      settings: { ...defaultSettings, account },
    };
  }

  async makeAccount(): Promise<void> {
    const passwords = new PasswordHasher();
    await createAccount({ ...this.services, passwords }, this.account, () => Promise.resolve());
  }

  role(name: string): RoleId {
    return toRoleId(this.account, 'user', name);
  }

  /** A user with an API key. */
  async addUser(name: string, restrictedTo: readonly string[] = []): Promise<RoleId> {
    const role = await this.addBareRole(name);
    await this.setCredential(role, restrictedTo);
    return role;
  }

  /** A user without any credential. */
  async addBareRole(name: string): Promise<RoleId> {
    const role = this.role(name);
    await this.#edit(role, true);
    return role;
  }

  async removeRole(role: RoleId): Promise<void> {
    await this.#edit(role, false, { key: credentialKey(role), value: undefined });
  }

  async #edit(role: RoleId, there: boolean, ...further: readonly Change[]): Promise<void> {
    const { authority } = this.services;
    const { state } = await authority.read(this.account, []);
    const row = { table: 'role', role, createdAt: this.now } as const;
    const changes = [...(await rowChanges(this.services, state, [{ row, there }], 1)), ...further];
    await authority.commit(this.account, { changes, authority: true });
  }

  /** Gives a role a new API key, as a rotation does. */
  async setCredential(role: RoleId, restrictedTo: readonly string[] = []): Promise<void> {
    const sealedApiKey = sealApiKey(this.services.keyring, role, newApiKey());
    await changeCredential(this.services, role, 'credential', () => ({
      passwordHash: undefined,
      restrictedTo,
      sealedApiKey,
    }));
  }

  /** A session of ten minutes that may live for an hour. */
  async start(role: RoleId, wanted: Partial<NewSession> = {}): Promise<StartedSession> {
    return startSession(this.services, {
      role,
      clientIp,
      method: 'authn',
      form: 'vault',
      ttlSeconds: 600,
      maxTtlSeconds: 3_600,
      renewable: true,
      displayName: 'alice',
      ...wanted,
    });
  }

  pass(seconds: number): void {
    this.now += seconds * 1_000;
  }
}

export interface OnStage {
  /** Made anew for each test. */
  readonly stage: SessionStage;
}

export function describeSessions(title: string, suite: (on: OnStage) => void): void {
  const run = (name: string, open: () => Promise<readonly [Store, () => Promise<void>]>): void => {
    describe(`${title} (${name})`, () => {
      const on = { stage: undefined as unknown as SessionStage };
      let store: Store;
      let remove: () => Promise<void>;
      before(async () => {
        [store, remove] = await open();
      });
      after(async () => {
        await store.close();
        await remove();
      });
      beforeEach(async () => {
        on.stage = new SessionStage(store, freshAccount());
        await on.stage.makeAccount();
      });
      suite(on);
    });
  };
  run('LMDB', async () => {
    const directory = temporaryDirectory();
    const remove = async (): Promise<void> => {
      directory.remove();
    };
    return [await openLmdbStore({ directory: directory.path }), remove];
  });
  run('Redis', async () => {
    const server = await startRedis();
    return [await openRedisStore({ url: server.url }), () => server.stop()];
  });
}
