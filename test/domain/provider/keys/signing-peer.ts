/** Another process that signs with the same named keys: tells the `kid` it signs with at a time. */
import { Authority } from '../../../../src/domain/accounts/authority.ts';
import { storedAccount } from '../../../../src/domain/ids.ts';
import { signingPair } from '../../../../src/domain/provider/keys/signing.ts';
import { openKeyring } from '../../../../src/drivers/keyring/keyring.ts';
import { openStore } from '../../../drivers/crash/open-store.ts';
import type { StoreAddress } from '../../../drivers/crash/lanes.ts';

/** What the peer is asked. */
export interface SigningRequest {
  readonly keyName: string;
  readonly now: number;
}

const [, , addressText, accountText = '', dataKey = ''] = process.argv;
if (process.send !== undefined && addressText !== undefined) {
  const store = await openStore(JSON.parse(addressText) as StoreAddress);
  const keyring = openKeyring({ dataKey: Buffer.from(dataKey, 'base64') });
  const services = { authority: new Authority(store, keyring), keyring, clock: { now: () => 0 } };
  process.on('message', ({ keyName, now }: SigningRequest) => {
    void signingPair(services, storedAccount(accountText), keyName, now).then(({ kid }) =>
      process.send?.(kid),
    );
  });
  process.send('');
}
