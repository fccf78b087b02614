/** How an operation of the OpenAPI document is asked for, so that whoever may is served. */
import type { Session } from '../support/client.ts';
import type { AkamaiCustomer } from '../support/akamai.ts';
import type { TestService } from '../support/service.ts';
import type { Provers } from './provers.ts';

export type Texts = Readonly<Record<string, string>>;

/** Who asks, with what. The columns of the table, in its order. */
export const cases = [
  'none',
  'garbage',
  'expired',
  'foreign',
  'signature',
  'other-kid',
  'alg-none',
  'nobody',
  'lesser',
  'but-one',
  'right',
] as const;

export type Case = (typeof cases)[number];

/** What differs from one case to the next. */
export interface Attempt {
  readonly headers?: Texts;
  readonly query?: Texts;
  /** Replaces the row's; members join it where both are objects. */
  readonly body?: Body;
  /** What is not good for long, made when it is asked with. */
  readonly late?: () => Promise<Attempt>;
}

export type Body = string | URLSearchParams | Readonly<Record<string, unknown>>;

/** What rows are prepared with. */
export interface Stage {
  readonly service: TestService;
  readonly admin: Session;
  /** A session of a host without any privilege. */
  readonly nobody: Session;
  /** The administrator of another account. */
  readonly foreign: Session;
  readonly adminKeyOfOther: string;
  readonly akamai: AkamaiCustomer;
  readonly provers: Provers;
  /** Registers what is to be done once everything was asked. */
  readonly atEnd: (act: () => Promise<void>) => void;
  /** The API key of a host or user that policies define, by its id without the account. */
  readonly apiKey: (id: string) => string;
}

/** What proves who asks. */
export type Bearer = 'conjur' | 'vault' | 'akeyless';

export interface Row {
  /** What stands for the parameters of the path, and for others that `x-privilege` names (`query.role`, `body.type`). */
  readonly with?: Texts;
  readonly query?: Texts;
  readonly body?: Body;
  readonly headers?: Texts;
  /** A method that is taken for that of the operation. */
  readonly method?: string;
  /** What has to be there before policies are loaded. */
  readonly before?: (admin: Session) => Promise<unknown>;
  /** Policy of the root of the row's account, loaded before anything is asked. */
  readonly policy?: string;
  /** The account of the roles; `acct` unless given. */
  readonly account?: string;
  /** Which of the demands of `x-privilege` is asked for, by its `when`. */
  readonly when?: string;
  /** Resources, without their account, for what `x-privilege` says by way of another (`policy of …`). */
  readonly resources?: Texts;
  /** What remains to be done beforehand; answers further parameters. */
  readonly prepare?: (stage: Stage) => Promise<Texts | undefined>;
  /** By default as the operation's security says. */
  readonly bearer?: Bearer;
  /** Where what is proven is no role's token: every case that there is. */
  readonly attempts?: (
    stage: Stage & { readonly parameters: Texts },
  ) => Promise<Partial<Readonly<Record<Case, Attempt>>>>;
  /** Why nobody is served, where that is so. */
  readonly neverServed?: string;
}

/** By the operation's id; several of one have a word more: `getRole graph`. */
export type Rows = Readonly<Record<string, Row>>;

export function operationIdOf(name: string): string {
  return name.split(' ')[0] ?? '';
}
