/** Ids, secrets and tokens of configuration clients: how they look and how they are kept. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { randomLowerAlnum } from '../random-text.ts';
import type { ClientRecord, ClientSecret } from '../registry/records.ts';
import { secretValid } from './holders.ts';

const idLength = 32;
const tokenLength = 66;

/** 32 of `[a-z0-9]`: ids and secrets of clients. Nothing in them needs to be encoded in a form or in Basic. */
export function randomClientText(): string {
  return randomLowerAlnum(idLength);
}

/** 66 of `[A-Za-z0-9_-]`. */
export function randomToken(): string {
  return randomBytes(tokenLength).toString('base64url').slice(0, tokenLength);
}

/** SHA-256 in hexadecimal. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A new secret, and what is kept of it. */
export function makeSecret(
  id: string,
  now: number,
  expiresAt?: number,
): { readonly secret: string; readonly record: ClientSecret } {
  const secret = randomClientText();
  const record = {
    id,
    createdAt: now,
    sha256: hashOf(secret),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  return { secret, record };
}

/** The valid secret of a client that a text is; compares with all of them, whatever it finds. */
export function matchingSecret(
  { secrets }: Pick<ClientRecord, 'secrets'>,
  presented: string,
  now: number,
): ClientSecret | undefined {
  const hash = Buffer.from(hashOf(presented));
  const matching = secrets.filter(({ sha256 }) => {
    const kept = Buffer.from(sha256 ?? '0'.repeat(hash.length));
    return kept.length === hash.length && timingSafeEqual(kept, hash) && sha256 !== undefined;
  });
  return matching.find((secret) => secretValid(secret, now));
}
