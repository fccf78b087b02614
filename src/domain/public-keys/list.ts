/** The public keys of users, for whoever asks. */
import type { AccountState } from '../accounts/account-state.ts';
import { Derived } from '../accounts/derived.ts';
import { inAccount } from '../accounts/in-account.ts';
import { partsOf, type Account, type ResourceId } from '../ids.ts';
import { secretKey } from '../records/keys.ts';
import type { RequestContext } from '../request.ts';
import { openNewest } from '../secrets/open-recorded.ts';
import type { Services } from '../services.ts';
import { textOf } from '../utf8.ts';

/** So many keys are read at a time. */
const chunkLength = 200;

/** Who asks is not known; this stands for it where a record must name somebody. */
const nobody = 'anonymous';

/**
 * The newest value of each public key whose identifier begins with `<kind>/<identifier>/`, by full
 * id, without the blanks around it. Nobody has to sign in; who has no keys looks like who is not there.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`: a stored value was altered or moved
 * @see Conjur: GET /public_keys/{account}/{kind}/{identifier}
 */
export async function listPublicKeys(
  services: Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock'>,
  request: RequestContext,
  account: Account,
  kind: string,
  identifier: string,
): Promise<readonly string[]> {
  const view = await inAccount(services.authority.read(account, []), () => undefined);
  if (view === undefined) return [];
  const keys = keysBelow(view.state, `${account}:public_key:${kind}/${identifier}/`);
  const values: string[] = [];
  for (let from = 0; from < keys.length; from += chunkLength) {
    const chunk = keys.slice(from, from + chunkLength);
    const { records } = await services.authority.records(account, chunk.map(secretKey));
    for (const [index, key] of chunk.entries()) {
      const record = records[index];
      if (record === undefined) continue;
      values.push(textOf(await openNewest(services, request, nobody, key, record)).trim());
    }
  }
  return values;
}

/** The public keys whose full id begins so, sorted. */
function keysBelow(state: AccountState, beginning: string): readonly ResourceId[] {
  const all = publicKeysIn(state);
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] ?? '') < beginning) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (all[end]?.startsWith(beginning) === true) end += 1;
  return all.slice(low, end);
}

/** Anybody may ask, and a scan is not free. */
const publicKeys = new Derived<'all', readonly ResourceId[]>();

/** All public keys of an account, sorted. */
function publicKeysIn(state: AccountState): readonly ResourceId[] {
  const known = publicKeys.of(state, 'all');
  if (known !== undefined) return known;
  const found: ResourceId[] = [];
  for (const resource of state.graph.resources()) {
    if (partsOf(resource).kind === 'public_key') found.push(resource);
  }
  found.sort();
  publicKeys.keep(state, 'all', found, state.epoch);
  return found;
}
