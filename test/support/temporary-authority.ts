/** An account on an embedded store of its own, for tests that need no service. */
import { Authority } from '../../src/domain/accounts/authority.ts';
import { createAccount } from '../../src/domain/accounts/create.ts';
import { PasswordHasher } from '../../src/domain/authn/password.ts';
import { adminOf, toAccount } from '../../src/domain/ids.ts';
import type { ActorRequest } from '../../src/domain/request.ts';
import { openKeyring } from '../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { temporaryDirectory } from './temp.ts';

export interface TemporaryAuthority {
  readonly authority: Authority;
  /** Of the administrator of `acct`. */
  readonly request: ActorRequest;
  readonly close: () => Promise<void>;
}

export async function temporaryAuthority(): Promise<TemporaryAuthority> {
  const folder = temporaryDirectory();
  const store = await openLmdbStore({ directory: folder.path });
  const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
  const authority = new Authority(store, keyring);
  const account = toAccount('acct');
  const services = { authority, keyring, clock: { now: () => 1_000 }, passwords: new PasswordHasher() };
  await createAccount(services, account, () => Promise.resolve());
  const { state } = await authority.read(account, []);
  const kid = state.newestSigningKey?.kid ?? '';
  return {
    authority,
    request: {
      requestId: 'req',
      clientIp: '127.0.0.1',
      actor: { account, role: adminOf(account), kid, issuedAt: 0 },
    },
    close: async () => {
      await store.close();
      folder.remove();
    },
  };
}
