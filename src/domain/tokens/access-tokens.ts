/**
 * Access tokens: flattened JWS in JSON (RFC 7515 section 7.2.2) under HMAC-SHA-256, in the
 * shape that Conjur's clients take: `protected`, `payload`, `signature`.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../errors.ts';
import { loginOf, roleOfLogin, type RoleId } from '../ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AccountState } from '../accounts/account-state.ts';
import type { Authority } from '../accounts/authority.ts';
import { inAccount } from '../accounts/in-account.ts';
import type { Actor } from '../request.ts';
import { encodePart } from './encode-part.ts';
import { accountOfKid, type SigningKey } from './signing-keys.ts';
import { originAllowed } from '../cidr.ts';

/** Claims that a token may carry; one with any other is refused, as Conjur does. */
const knownClaims = new Set(['iat', 'exp', 'cidr', 'sub', 'iss', 'aud', 'jti']);
const maxCachedTokens = 20_000;
const maxTokenBytes = 8 * 1024;

interface VerifiedToken {
  readonly actor: Actor;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Addresses that may use it; undefined: any. */
  readonly cidr: readonly string[] | undefined;
}

/** Issues tokens and verifies them; remembers what it has verified, by hash, until it expires. */
export class AccessTokens {
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #verified = new LRUCache<string, VerifiedToken>({ max: maxCachedTokens });

  constructor(authority: Authority, clock: Clock) {
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * Issues a token for a role.
   * @param ttlSeconds how long it is valid
   * @returns the token's JSON text
   * @throws LatchkeyError `INTERNAL`: the account has no signing key
   */
  issue(state: AccountState, role: RoleId, ttlSeconds: number): string {
    const key = state.newestSigningKey;
    if (key === undefined) throw new LatchkeyError('INTERNAL', { detail: 'the account has no signing key' });
    const iat = Math.floor(this.#clock.now() / 1000);
    const payload = encodePart(
      `{"sub":${asciiJson(loginOf(role))},"exp":${String(iat + ttlSeconds)},"iat":${String(iat)}}`,
    );
    const protectedHeader = key.protectedHeader;
    return `{"protected":"${protectedHeader}","payload":"${payload}","signature":"${sign(key, protectedHeader, payload)}"}`;
  }

  /**
   * Verifies the base64 text of an access token, as it stands in `Authorization: Token token="…"`.
   *
   * That the role still exists is checked where the token is used, at the epoch of that use.
   *
   * @throws LatchkeyError `ACCESS_TOKEN_MALFORMED`: not base64 of a JSON object; that of URLs, or without
   *   padding, is as good, but no other character, and no other bits where it ends
   * @throws LatchkeyError `ACCESS_TOKEN_INVALID`: another key, algorithm or signature, or a part missing
   * @throws LatchkeyError `ACCESS_TOKEN_EXPIRED`
   * @throws LatchkeyError `ACCESS_TOKEN_CLAIM_UNKNOWN`
   * @throws LatchkeyError `ACCESS_TOKEN_ORIGIN_REFUSED`: the token's `cidr` claim excludes the address
   */
  async verify(encoded: string, clientIp: string): Promise<Actor> {
    const digest = hash('sha256', encoded, 'base64');
    let token = this.#verified.get(digest);
    if (token === undefined) {
      token = await this.#verifyAnew(encoded);
      this.#verified.set(digest, token);
    }
    if (token.expiresAt * 1000 <= this.#clock.now()) {
      this.#verified.delete(digest);
      throw new LatchkeyError('ACCESS_TOKEN_EXPIRED');
    }
    if (token.cidr !== undefined && !originAllowed(token.cidr, clientIp)) {
      throw new LatchkeyError('ACCESS_TOKEN_ORIGIN_REFUSED');
    }
    return token.actor;
  }

  async #verifyAnew(encoded: string): Promise<VerifiedToken> {
    const parts = partsOfToken(encoded);
    const header = parseObject(parts.protected);
    const { alg, kid } = header;
    if (alg !== 'HS256' || typeof kid !== 'string') throw new LatchkeyError('ACCESS_TOKEN_INVALID');
    const key = await this.#keyOf(kid);
    if (key?.protectedHeader !== parts.protected) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
    const expected = Buffer.from(sign(key, parts.protected, parts.payload));
    const actual = Buffer.from(parts.signature);
    if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
      throw new LatchkeyError('ACCESS_TOKEN_INVALID');
    }
    const verified = readPayload(kid, parseObject(parts.payload));
    const keyExpiresAt = (key.expiresAt ?? Infinity) / 1_000;
    if (keyExpiresAt * 1_000 <= this.#clock.now()) throw new LatchkeyError('ACCESS_TOKEN_INVALID');
    return { ...verified, expiresAt: Math.min(verified.expiresAt, keyExpiresAt) };
  }

  /** Looks the key up, and once more in the store where this process may not have heard of it yet. */
  async #keyOf(kid: string): Promise<SigningKey | undefined> {
    const account = accountOfKid(kid);
    if (account === undefined) return undefined;
    const known = (await this.#authority.recent(account))?.signingKey(kid);
    if (known !== undefined) return known;
    const view = await inAccount(this.#authority.read(account, []), () => undefined);
    return view?.state.signingKey(kid);
  }
}

/**
 * When an access token that was verified expires, in seconds since the epoch.
 * @throws LatchkeyError those of {@link AccessTokens.verify} for a token that is malformed
 */
export function expiryOf(encoded: string): number {
  const { exp } = parseObject(partsOfToken(encoded).payload);
  if (typeof exp !== 'number') throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  return exp;
}

interface TokenParts {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

function partsOfToken(encoded: string): TokenParts {
  if (encoded.length > maxTokenBytes) throw new LatchkeyError('ACCESS_TOKEN_MALFORMED');
  let token: unknown;
  try {
    token = JSON.parse(strictBase64(encoded).toString());
  } catch {
    throw new LatchkeyError('ACCESS_TOKEN_MALFORMED');
  }
  if (typeof token !== 'object' || token === null) throw new LatchkeyError('ACCESS_TOKEN_MALFORMED');
  const {
    protected: protectedHeader,
    payload,
    signature,
  } = token as Readonly<Record<keyof TokenParts, unknown>>;
  if (typeof protectedHeader !== 'string' || typeof payload !== 'string' || typeof signature !== 'string') {
    throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  }
  return { protected: protectedHeader, payload, signature };
}

/**
 * What base64 says that is written as RFC 4648 has it: in either alphabet, padded or not, without any other
 * character. Otherwise one token would go by any number of names.
 * @throws LatchkeyError `ACCESS_TOKEN_MALFORMED`
 */
function strictBase64(encoded: string): Buffer {
  const decoded = Buffer.from(encoded, 'base64');
  const unpadded = decoded.toString(/[-_]/.test(encoded) ? 'base64url' : 'base64').replace(/=+$/, '');
  const padded = unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, '=');
  if (encoded === padded || encoded === unpadded) return decoded;
  throw new LatchkeyError('ACCESS_TOKEN_MALFORMED');
}

function parseObject(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Falls through: what cannot be read was not signed by us.
  }
  throw new LatchkeyError('ACCESS_TOKEN_INVALID');
}

function readPayload(kid: string, claims: Readonly<Record<string, unknown>>): VerifiedToken {
  const unknown = Object.keys(claims).find((name) => !knownClaims.has(name));
  if (unknown !== undefined) throw new LatchkeyError('ACCESS_TOKEN_CLAIM_UNKNOWN');
  const account = accountOfKid(kid);
  const { sub, iat, exp, cidr } = claims;
  if (
    account === undefined ||
    typeof sub !== 'string' ||
    typeof iat !== 'number' ||
    typeof exp !== 'number'
  ) {
    throw new LatchkeyError('ACCESS_TOKEN_INVALID');
  }
  return {
    actor: { account, role: roleOfLogin(account, sub), kid, issuedAt: iat },
    expiresAt: exp,
    cidr: Array.isArray(cidr) ? cidr.map(String) : undefined,
  };
}

/** HMAC-SHA-256 over the two encoded parts, joined by a dot (RFC 7515 section 5.1). */
function sign(key: SigningKey, protectedHeader: string, payload: string): string {
  return createHmac('sha256', key.key).update(`${protectedHeader}.${payload}`).digest('base64url');
}

/** JSON text of a string in ASCII, without the characters whose base64 differs between the two alphabets. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -=@-}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` + surrogate(character),
  );
}

function surrogate(character: string): string {
  return character.length === 1 ? '' : `\\u${character.charCodeAt(1).toString(16).padStart(4, '0')}`;
}
