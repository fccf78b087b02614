/**
 * The error catalogue: every failure that the service knows, each with a stable code.
 *
 * `kind` decides the HTTP status in each face. `text` is what a caller may be told;
 * `detail` (given where the error is thrown) is for operators and audit and may name ids,
 * never a secret, a token, a key or a claim's value. `conjur` is the code and class that
 * Conjur uses for the same failure, which its logs, audit records and status answers carry.
 */
import type { CatalogueEntry, ErrorKind } from './errors/entry.ts';
import { accountErrors } from './errors/accounts.ts';
import { akeylessErrors } from './errors/akeyless.ts';
import { authenticationErrors } from './errors/authentication.ts';
import { configurationErrors } from './errors/configuration.ts';
import { foreignProofErrors } from './errors/foreign-proofs.ts';
import { idTokenErrors } from './errors/id-tokens.ts';
import { issuerErrors } from './errors/issuers.ts';
import { issuingErrors } from './errors/issuing.ts';
import { jwtErrors } from './errors/jwt.ts';
import { managementErrors } from './errors/management.ts';
import { oauthErrors } from './errors/oauth.ts';
import { operationErrors } from './errors/operations.ts';
import { recordErrors } from './errors/records.ts';
import { registryErrors } from './errors/registry.ts';
import { requestErrors } from './errors/requests.ts';
import { sessionErrors } from './errors/sessions.ts';
import { signInErrors } from './errors/sign-in.ts';
import { vaultErrors } from './errors/vault.ts';

const entries = {
  ...requestErrors,
  ...accountErrors,
  ...authenticationErrors,
  ...idTokenErrors,
  ...foreignProofErrors,
  ...jwtErrors,
  ...recordErrors,
  ...issuingErrors,
  ...issuerErrors,
  ...managementErrors,
  ...registryErrors,
  ...configurationErrors,
  ...sessionErrors,
  ...signInErrors,
  ...oauthErrors,
  ...vaultErrors,
  ...akeylessErrors,
  ...operationErrors,
};

export type ErrorCode = keyof typeof entries;

/** Every code with its kind, its public text and Conjur's name for it. */
export const catalogue: Readonly<Record<ErrorCode, CatalogueEntry>> = entries;

/** A place in a policy text: 1-based line and column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ErrorContext {
  /** What an operator needs to know: ids, names, expected and actual. Never secret. */
  readonly detail?: string;
  /** The full id that the failure is about, where a face shows it. */
  readonly subject?: string;
  /** Where in a policy text the fault is. */
  readonly at?: Position;
  /** What to do about it, where a face shows that apart. */
  readonly advice?: string;
  /** After what time it makes sense to try again. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * The one error class that crosses module borders. `message` is the detail, or the
 * catalogue's text where there is none.
 */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly subject: string | undefined;
  readonly at: Position | undefined;
  readonly advice: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, context: ErrorContext = {}) {
    super(
      context.detail ?? catalogue[code].text,
      context.cause === undefined ? {} : { cause: context.cause },
    );
    this.code = code;
    this.detail = context.detail;
    this.subject = context.subject;
    this.at = context.at;
    this.advice = context.advice;
    this.retryAfterSeconds = context.retryAfterSeconds;
  }

  get kind(): ErrorKind {
    return catalogue[this.code].kind;
  }

  /** What a caller may be told. */
  get publicText(): string {
    return catalogue[this.code].text;
  }

  /** The class and text by which Conjur's own log and status answers tell this failure, in Ruby's form. */
  get conjurName(): string | undefined {
    const name = catalogue[this.code].conjur;
    return name === undefined ? undefined : `#<${name.class}: ${this.conjurText}>`;
  }

  /** The failure as Conjur words it in logs and audit: its code, a blank, the message. */
  get conjurText(): string {
    const name = catalogue[this.code].conjur;
    return name === undefined ? this.message : `${name.code} ${this.message}`;
  }
}

/** Whether a caught value is the failure with this code. */
export function isFailure(error: unknown, ...codes: readonly ErrorCode[]): error is LatchkeyError {
  return error instanceof LatchkeyError && (codes.length === 0 || codes.includes(error.code));
}
