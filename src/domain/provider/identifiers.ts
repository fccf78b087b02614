/** What the provider half of an account is known by, made once and then the same for ever. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Keyring } from '../../ports/keyring.ts';
import type { AccountView } from '../accounts/authority.ts';
import type { Account } from '../ids.ts';
import type { Services } from '../services.ts';
import { randomHex, randomLowerAlnum } from './random-text.ts';
import { changeRegistryAsService } from './registry/change.ts';
import { cookieSealName, type IdentifiersRecord } from './registry/records.ts';
import { putRecord } from './registry/registry.ts';

const accountIdCharacters = 12;
const mountAccessorCharacters = 8;
const cookieKeyBytes = 32;

/** The identifiers as of a view; undefined before they were made. */
export function identifiersIn({ state }: Pick<AccountView, 'state'>): IdentifiersRecord | undefined {
  return state.registry.get('oidc-settings', 'identifiers');
}

/**
 * The identifiers of an account's provider. They are made when they are first asked for; whichever
 * process is first, all others get the same.
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`, `STORE_UNAVAILABLE`, `STORE_BUSY`
 */
export async function ensureIdentifiers(
  services: Pick<Services, 'authority' | 'keyring'>,
  account: Account,
): Promise<IdentifiersRecord> {
  const known = identifiersIn(await services.authority.read(account, []));
  if (known !== undefined) return known;
  return changeRegistryAsService(services, account, (view) => {
    const there = identifiersIn(view);
    if (there !== undefined) return { changes: [], result: there };
    const made = makeIdentifiers(services.keyring);
    return { changes: [putRecord('oidc-settings', made)], result: made };
  });
}

/** The keys that sign cookies, base64url, the one that signs new ones first. */
export function cookieKeys(
  { keyring }: Pick<Services, 'keyring'>,
  { customerId, sealedCookieKeys }: IdentifiersRecord,
): readonly string[] {
  const name = cookieSealName(customerId);
  return sealedCookieKeys.map((sealed) =>
    Buffer.from(keyring.open(Buffer.from(sealed, 'base64'), name)).toString('base64url'),
  );
}

function makeIdentifiers(keyring: Keyring): IdentifiersRecord {
  const customerId = randomUUID();
  const cookieKey = keyring.seal(randomBytes(cookieKeyBytes), cookieSealName(customerId));
  return {
    name: 'identifiers',
    accountId: `acc-${randomLowerAlnum(accountIdCharacters)}`,
    customerId,
    mountAccessor: `auth_userpass_${randomHex(mountAccessorCharacters)}`,
    sealedCookieKeys: [Buffer.from(cookieKey).toString('base64')],
    identityTokenIssuer: '',
  };
}
