/** Whether a secret is a client's. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Keyring } from '../../../ports/keyring.ts';
import { secretSealName, type ClientRecord, type ClientSecret } from '../registry/records.ts';

/**
 * Whether a secret is one of the client's that have not expired. Every secret of the client is
 * compared, in constant time, whichever matches.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export function secretMatches(
  keyring: Pick<Keyring, 'open'>,
  client: Pick<ClientRecord, 'clientId' | 'secrets'>,
  presented: string,
  now: number,
): boolean {
  const wanted = digest(presented);
  const matching = client.secrets.filter((secret) => {
    const same = timingSafeEqual(digestOf(keyring, client.clientId, secret), wanted);
    return same && (secret.expiresAt === undefined || secret.expiresAt > now);
  });
  return matching.length > 0;
}

/** Of secrets of records that are in memory: opening one costs more than all else here. */
const digests = new WeakMap<ClientSecret, Buffer>();

function digestOf(keyring: Pick<Keyring, 'open'>, clientId: string, secret: ClientSecret): Buffer {
  const known = digests.get(secret);
  if (known !== undefined) return known;
  const made = makeDigest(keyring, clientId, secret);
  digests.set(secret, made);
  return made;
}

function makeDigest(keyring: Pick<Keyring, 'open'>, clientId: string, secret: ClientSecret): Buffer {
  if (secret.sealed === undefined)
    return Buffer.from((secret.sha256 ?? '').padEnd(64, '0').slice(0, 64), 'hex');
  const sealed = Buffer.from(secret.sealed, 'base64');
  return digest(keyring.open(sealed, secretSealName(clientId, secret.id)));
}

function digest(secret: string | Uint8Array): Buffer {
  return hash('sha256', secret, 'buffer');
}
