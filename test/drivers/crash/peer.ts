/** Another process on the same LMDB directory: does what it is told and says what it saw. */
import { toAccount } from '../../../src/domain/ids.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import { key, put, text } from '../../contracts/store/fixture.ts';

export type PeerRequest =
  | { readonly do: 'read'; readonly name: string }
  | { readonly do: 'commit'; readonly name: string; readonly value: string; readonly repeat?: number }
  | { readonly do: 'grow'; readonly mebibytes: number };

export interface PeerAnswer {
  readonly value?: string | undefined;
  readonly counter: number;
}

const [, , directory = '', accountText = ''] = process.argv;
const account = toAccount(accountText);
const store = await openLmdbStore({ directory });

async function obey(request: PeerRequest): Promise<PeerAnswer> {
  switch (request.do) {
    case 'read': {
      const { epoch, records } = await store.read(account, [key(request.name)]);
      return { value: text(records[0]?.value), counter: epoch.counter };
    }
    case 'commit': {
      const result = await store.commit(account, {
        changes: [put(request.name, request.value)],
        authority: true,
      });
      return { counter: result.committed ? result.epoch.counter : -1 };
    }
    case 'grow': {
      const value = Buffer.alloc(1024 * 1024, 'x');
      for (let index = 0; index < request.mebibytes; index += 1) {
        await store.commit(account, { changes: [put(`secret\t${index}`, value)], authority: false });
      }
      return { counter: 0 };
    }
  }
}

process.on('message', (request: PeerRequest) => {
  void obey(request).then((answer) => process.send?.(answer));
});
process.send?.({ counter: 0 } satisfies PeerAnswer);
