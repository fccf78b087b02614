/** Where sealed values are among what is kept for a while: each is the whole value of an entry. */
import type { Account } from '../ids.ts';

/** By what the entry's key begins with: the place that its value was sealed for. */
const places: readonly (readonly [prefix: string, sealName: (account: Account, key: string) => string])[] = [
  ['session\t', (_account, key) => key.replace('\t', ' ')],
  ['oidc ', (account, key) => `${account} ${key}`],
  ['configuration-token ', (_account, key) => key],
  ['sign-in-elsewhere ', (_account, key) => key],
];

/** The place that an entry's value was sealed for; undefined where entries of its kind are not sealed. */
export function sealNameOfEntry(account: Account, key: string): string | undefined {
  const place = places.find(([prefix]) => key.startsWith(prefix));
  return place?.[1](account, key);
}
