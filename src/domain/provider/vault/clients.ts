/** The clients of Vault's dialect, and their secrets, which it shows again. */
import { timingSafeEqual } from 'node:crypto';
import type { Keyring } from '../../../ports/keyring.ts';
import { textOf } from '../../utf8.ts';
import { randomBase62 } from '../random-text.ts';
import { secretSealName, type ClientRecord, type ClientSecret } from '../registry/records.ts';

/** A client with the secret that it has now; public ones have none. */
export interface ShownClient {
  readonly client: ClientRecord;
  readonly secret?: string;
}

const clientIdCharacters = 32;
const secretPrefix = 'hvo_secret_';
const secretCharacters = 64;
const secretIdCharacters = 12;

/** @see Vault: 32 characters of base62 */
export function newClientId(): string {
  return randomBase62(clientIdCharacters);
}

/** @see Vault: `hvo_secret_` and 64 characters of base62 */
export function newSecret(): string {
  return secretPrefix + randomBase62(secretCharacters);
}

/** Seals a secret for a client. */
export function sealSecret(keyring: Keyring, clientId: string, secret: string, now: number): ClientSecret {
  const id = randomBase62(secretIdCharacters);
  const sealed = keyring.seal(Buffer.from(secret), secretSealName(clientId, id));
  return { id, createdAt: now, sealed: Buffer.from(sealed).toString('base64') };
}

/**
 * The client with its present secret opened: of several, the one that does not end.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export function openClient(keyring: Keyring, client: ClientRecord): ShownClient {
  const present = client.secrets.find(({ expiresAt }) => expiresAt === undefined);
  if (present?.sealed === undefined) return { client };
  const name = secretSealName(client.clientId, present.id);
  return { client, secret: textOf(keyring.open(Buffer.from(present.sealed, 'base64'), name)) };
}

/** Whether a text is the client's present secret. */
export function isSecretOf({ secret }: ShownClient, text: string): boolean {
  const [one, other] = [Buffer.from(secret ?? ''), Buffer.from(text)];
  return secret !== undefined && one.length === other.length && timingSafeEqual(one, other);
}
