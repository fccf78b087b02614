/** The engine as a whole, and the sign-ins that its pages see. */
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { ClientRecord, Dialect } from '../../domain/provider/registry/records.ts';
import type { RoleRow } from '../../domain/records/rows.ts';
import type { RequestContextOf } from '../context.ts';
import type { Attributes, IssuerEngine, IssuerSpec } from './types.ts';

/** A sign-in that waits for somebody to prove himself, or to agree. */
export interface PendingSignIn {
  readonly uid: string;
  readonly issuer: IssuerEngine;
  readonly client: ClientRecord;
  /** What is asked for now. */
  readonly prompt: 'login' | 'consent';
  /** Why, by the library's names: `no_session`, `login_prompt`, `max_age`, `id_token_hint`, `role_gone`, `credential_changed`, … */
  readonly reasons: readonly string[];
  readonly scopes: readonly string[];
  /** Where the browser goes in the end: the client's own. */
  readonly redirectUri: string;
  readonly loginHint?: string;
  readonly uiLocales?: string;
  /** Who is signed in already; undefined where nobody is, or the role is gone. */
  readonly role?: RoleRow;
}

/** How a sign-in page ends. */
export type SignInResult =
  | {
      readonly kind: 'signed-in';
      readonly role: RoleRow;
      /** Of the credential that was proven; by default the role's present one. With another one the sign-in ends. */
      readonly credentialRevision?: number;
      readonly attributes?: Attributes;
      readonly methods?: readonly string[];
    }
  | { readonly kind: 'consented' }
  /** Back to the client with `access_denied`. */
  | { readonly kind: 'denied'; readonly reason: string };

/** A page that cannot be had: the code's `error` of OAuth and its text. */
export interface PageProblem {
  readonly error: string;
  readonly description: string;
  readonly status: number;
  /** What cannot be done; default: to sign in. */
  readonly purpose?: 'sign-out';
}

/** The pages that people see; the sign-in face gives them. */
export interface Pages {
  /** A request that cannot be answered by a redirect: an unknown client, a bad redirect URI, an old link. */
  readonly problem: (ctx: RequestContextOf, problem: PageProblem) => void | Promise<void>;
  /**
   * Asks whether to sign out; the form posts `fields` and `logout=yes` to `action`; without `logout` the
   * session stays.
   */
  readonly confirmLogout: (
    ctx: RequestContextOf,
    question: {
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly client?: ClientRecord;
      /** Where the browser goes afterwards; absent: to the page that says so. */
      readonly postLogoutRedirectUri?: string;
    },
  ) => void | Promise<void>;
  /** Has a redirect (303) lead on, with which a form was answered; without it, it stays one. */
  readonly goOn?: (ctx: RequestContextOf) => void;
  /** @param stayed whether somebody was asked and did not want to sign out */
  readonly loggedOut: (
    ctx: RequestContextOf,
    client: ClientRecord | undefined,
    stayed: boolean,
  ) => void | Promise<void>;
}

/** Tells the spec of an issuer by its id, for requests that only name that: those of the sign-in pages. */
export type SpecResolver = (view: AccountView, id: string) => IssuerSpec | undefined;

export interface Engine {
  /** The engine of an issuer; what it is built of is kept. Given the view of the request, it need not read another. */
  issuer(spec: IssuerSpec, view?: AccountView): Promise<IssuerEngine>;

  /** Has the issuers of a dialect found by their ids. Each dialect's face calls it once. */
  register(dialect: Dialect, resolve: SpecResolver): void;

  /** Shows a page for what no issuer can answer: the issuer itself is unknown, say. */
  problem(ctx: RequestContextOf, problem: PageProblem): Promise<void>;

  /** Sets the pages that people see; the sign-in face calls it once. */
  usePages(pages: Pages): void;

  /**
   * The sign-in that a request to `/sign-in/{issuer id}/{uid}…` is about; the browser must have begun it itself.
   * @throws LatchkeyError `SIGN_IN_NOT_FOUND`: it never was, has expired, is another browser's, or is done
   */
  interaction(
    ctx: RequestContextOf,
    view: AccountView,
    issuerId: string,
    uid: string,
  ): Promise<PendingSignIn>;

  /**
   * Ends a sign-in page: sends the browser (303) on, to the next page or back to the client.
   * @throws LatchkeyError `SIGN_IN_NOT_FOUND`
   */
  finishInteraction(ctx: RequestContextOf, pending: PendingSignIn, result: SignInResult): Promise<void>;
}
