/**
 * Sessions: what lets a role that proved itself go on talking to the Vault and Akeyless dialects.
 * Whoever has the token is taken for the role, until the session expires or is revoked, and no longer than
 * the role and its credential stay what they were.
 *
 * A session is kept for as long as it lives, sealed, under the SHA-256 of its token, which is never
 * stored. Renewing writes the session anew; so that no renewal under way brings a revoked session
 * back, a revocation leaves a mark for as long as a renewal could have made the session live.
 */
import { createHash } from 'node:crypto';
import type { EphemeralEntry } from '../../../ports/ephemeral-store.ts';
import { isFailure } from '../../errors.ts';
import type { Account, RoleId } from '../../ids.ts';
import type { Actor } from '../../request.ts';
import type { Services } from '../../services.ts';
import { textOf } from '../../utf8.ts';
import { randomBase62, randomHex } from '../random-text.ts';

export interface Session {
  readonly account: Account;
  readonly role: RoleId;
  /** Tells the role from a later one of its name; milliseconds since the epoch, as all times here. */
  readonly roleCreatedAt: number;
  /** Names the session where its token must not be shown; of no use to who has only this. */
  readonly accessor: string;
  /** The authenticator that proved the role: `authn`, `authn-oidc/okta`. */
  readonly method: string;
  /** When the role proved itself: that of the login, which children and renewals keep. */
  readonly authenticatedAt: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** How long it lives after its start, and after a renewal that asks for nothing else. */
  readonly ttlSeconds: number;
  /** How long it may live after its start, however often it is renewed. */
  readonly maxTtlSeconds: number;
  readonly renewable: boolean;
  /** The accessor of the session that this one ends with. */
  readonly parent?: string;
  readonly displayName: string;
}

/** A session with what only this folder needs to know of it. */
export interface KeptSession extends Session {
  /** The revision of the role's credential record when the role proved itself; 0 where it had none. */
  readonly credentialRevision: number;
  /** The hashes of the sessions that this one ends with, the first login's first. */
  readonly ancestors: readonly string[];
}

/** What sessions take. They are kept in the account whose provider is served. */
export type SessionServices = Pick<Services, 'authority' | 'ephemeral' | 'keyring' | 'clock' | 'settings'>;

/** How a dialect spells tokens; each is understood by all. */
export type TokenForm = 'vault' | 'akeyless';

const tokenForm = /^(?:s\.[A-Za-z0-9]{32}|t-[0-9a-f]{32})$/;
const tokenLength = 32;

/** Whether a text can be a session's token: `s.` and 32 letters or digits, or `t-` and 32 hexadecimal digits. */
export function isSessionToken(text: string): boolean {
  return tokenForm.test(text);
}

export function newToken(form: TokenForm): string {
  return form === 'vault' ? `s.${randomBase62(tokenLength)}` : `t-${randomHex(tokenLength)}`;
}

/** What a session is kept under. */
export function hashOfSession(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function sessionEntryKey(hash: string): string {
  return `session\t${hash}`;
}

/** Where the mark of a revocation is. */
export function revokedEntryKey(hash: string): string {
  return `session-revoked\t${hash}`;
}

/** A login's session and all that descend from it. */
export function familyOf(hash: string, { ancestors }: Pick<KeptSession, 'ancestors'>): string {
  return `session ${ancestors[0] ?? hash}`;
}

/** The actor that a session's token speaks for; no signing key vouches for it. */
export function actorOfSession({ account, role, createdAt }: Session): Actor {
  return { account, role, issuedAt: Math.floor(createdAt / 1_000) };
}

/** The entry that keeps a session until it expires. */
export function entryOf(
  { keyring, clock }: Pick<SessionServices, 'keyring' | 'clock'>,
  hash: string,
  session: KeptSession,
): EphemeralEntry {
  return {
    key: sessionEntryKey(hash),
    value: keyring.seal(Buffer.from(JSON.stringify(session)), sealName(hash)),
    ttlMs: Math.max(1, session.expiresAt - clock.now()),
    group: familyOf(hash, session),
  };
}

/**
 * What an entry keeps; undefined where the key that it was sealed under has been given up.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`
 */
export function sessionIn(
  { keyring }: Pick<SessionServices, 'keyring'>,
  hash: string,
  value: Uint8Array,
): KeptSession | undefined {
  try {
    return JSON.parse(textOf(keyring.open(value, sealName(hash)))) as KeptSession;
  } catch (error) {
    if (isFailure(error, 'DATA_KEY_UNKNOWN')) return undefined;
    throw error;
  }
}

function sealName(hash: string): string {
  return `session ${hash}`;
}
