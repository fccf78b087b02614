/** Where the store is: an LMDB folder, or a Redis or Valkey deployment. */
import { SecretSetting } from './secret-setting.ts';

export type StoreAddress =
  | { readonly driver: 'lmdb'; readonly path: string }
  | {
      readonly driver: 'redis';
      /** As given; may carry a password. */
      readonly url: SecretSetting;
      /** The URL without user and password, to show. */
      readonly shown: string;
      readonly hasPassword: boolean;
    };

const host = '(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s/?#@:,[\\]]+)';
const place = `${host}(?::\\d{1,5})?`;
const places = `${place}(?:,${place})*`;
const query = '(?:\\?[^\\s#]*)?';

/** What follows `scheme://user:password@`, for each scheme. */
const redisForms: Readonly<Record<string, RegExp>> = {
  redis: new RegExp(`^${place}(?:/\\d*)?${query}$`),
  rediss: new RegExp(`^${place}(?:/\\d*)?${query}$`),
  'redis+unix': new RegExp(`^/[^\\s?#]+${query}$`),
  'redis+sentinel': new RegExp(`^${places}/[^\\s/?#]+(?:/\\d*)?${query}$`),
  'redis+cluster': new RegExp(`^${places}/?${query}$`),
};

/** The forms of a store address, as the documentation and messages show them. */
export const storeForms =
  'lmdb:FOLDER, redis://HOST:PORT/DB, rediss://…, redis+unix:///SOCKET, redis+sentinel://HOST:PORT,HOST:PORT/NAME or redis+cluster://HOST:PORT,HOST:PORT';

/** @returns undefined when the text has none of the {@link storeForms} */
export function parseStoreAddress(text: string): StoreAddress | undefined {
  if (text.startsWith('lmdb:')) {
    const path = text.slice('lmdb:'.length);
    return path === '' || path.startsWith('//') ? undefined : { driver: 'lmdb', path };
  }
  const schemeEnd = text.indexOf('://');
  const scheme = text.slice(0, Math.max(schemeEnd, 0));
  const form = Object.hasOwn(redisForms, scheme) ? redisForms[scheme] : undefined;
  if (form === undefined) return undefined;
  const rest = text.slice(schemeEnd + 3);
  const userEnd = rest.lastIndexOf('@');
  const address = rest.slice(userEnd + 1);
  if (!form.test(address)) return undefined;
  return {
    driver: 'redis',
    url: new SecretSetting(text),
    shown: `${scheme}://${address}`,
    hasPassword: userEnd !== -1 && rest.slice(0, userEnd).includes(':'),
  };
}
