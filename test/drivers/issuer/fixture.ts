/** A verifier, a rogue issuer and a clock that a test turns by hand. */
import assert from 'node:assert/strict';
import { isFailure, type ErrorCode, type LatchkeyError } from '../../../src/domain/errors.ts';
import { openIssuerVerifier, type IssuerVerifierOptions } from '../../../src/drivers/issuer/verifier.ts';
import type { Claims, IdTokenVerifier, IssuerSettings } from '../../../src/ports/id-token-verifier.ts';
import {
  createSigningKey,
  mint,
  startRogueIssuer,
  type Minting,
  type RogueIssuer,
  type SigningKey,
} from '../../support/rogue-issuer.ts';

export interface HandClock {
  readonly now: () => number;
  readonly advance: (seconds: number) => void;
}

export function handClock(startMs = Date.now()): HandClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (seconds) => {
      nowMs += seconds * 1_000;
    },
  };
}

const keys = new Map<string, SigningKey>();

/** The same key for every test of the process that asks for it: RSA keys take long to make. */
export function sharedKey(algorithm: string): SigningKey {
  const key = keys.get(algorithm) ?? createSigningKey(algorithm, { kid: `shared-${algorithm}` });
  keys.set(algorithm, key);
  return key;
}

export interface Stage {
  readonly issuer: RogueIssuer;
  readonly verifier: IdTokenVerifier;
  readonly clock: HandClock;
  /** The key that the issuer publishes. */
  readonly key: SigningKey;
  /** The failures of fetches, as an operator is told of them. */
  readonly fetchFailures: readonly LatchkeyError[];
  /** The claims of a good token, with changes; undefined leaves one out. */
  readonly claims: (changes?: Readonly<Record<string, unknown>>) => Claims;
  /** A good token, with changes. */
  readonly token: (changes?: Readonly<Record<string, unknown>>, minting?: Minting) => string;
  readonly verify: (token: string, settings?: Partial<IssuerSettings>) => Promise<Claims>;
  /** Asserts that a token is refused, and why. */
  readonly refuses: (
    token: string,
    code: ErrorCode,
    settings?: Partial<IssuerSettings>,
  ) => Promise<LatchkeyError>;
}

export interface StageOptions extends Partial<IssuerVerifierOptions> {
  /** The keys that the issuer publishes; the first one signs. */
  readonly keys?: readonly SigningKey[];
}

/** Runs a test with a stage of its own. */
export async function onStage(
  test: (stage: Stage) => Promise<void>,
  options: StageOptions = {},
): Promise<void> {
  const { keys: published = [sharedKey('RS256')], ...verifierOptions } = options;
  const [key = sharedKey('RS256')] = published;
  const issuer = await startRogueIssuer({ keys: published });
  const clock = handClock();
  const fetchFailures: LatchkeyError[] = [];
  const verifier = openIssuerVerifier({
    clock,
    onFetchFailure: (_providerUri, failure) => fetchFailures.push(failure),
    ...verifierOptions,
  });
  const claims: Stage['claims'] = (changes) => {
    const now = Math.floor(clock.now() / 1_000);
    return { iss: issuer.url, sub: 'alice', aud: 'app', iat: now, exp: now + 600, ...changes };
  };
  const verify: Stage['verify'] = (token, settings) =>
    verifier.verify(token, { providerUri: issuer.url, audiences: ['app'], ...settings });
  try {
    await test({
      issuer,
      verifier,
      clock,
      key,
      fetchFailures,
      claims,
      token: (changes, minting) => mint(key, claims(changes), minting),
      verify,
      refuses: (token, code, settings) => fails(verify(token, settings), code),
    });
  } finally {
    await verifier.close();
    await issuer.stop();
  }
}

/** Asserts that something fails with a code, and answers the failure. */
export async function fails(outcome: Promise<unknown>, code: ErrorCode): Promise<LatchkeyError> {
  const error: unknown = await outcome.then(
    () => assert.fail(`no failure; expected ${code}`),
    (reason: unknown) => reason,
  );
  if (!isFailure(error)) throw error;
  assert.equal(error.code, code, `${error.code}: ${error.message}`);
  return error;
}

/** A value as a test's name shows it. */
export function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
