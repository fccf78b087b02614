/** Ids as they are typed: in full, or with the account left out. */
import { CommandError } from './exit-codes.ts';
import type { Session } from './session.ts';

const kinds: readonly string[] = [
  'user',
  'host',
  'group',
  'layer',
  'policy',
  'variable',
  'webservice',
  'host_factory',
  'public_key',
  'configuration',
];

export interface TypedId {
  readonly account: string;
  readonly kind: string;
  readonly identifier: string;
}

/**
 * Reads `ACCOUNT:KIND:ID` or `KIND:ID`; an id may have colons itself.
 * @throws CommandError `usage`: neither
 */
export function typedId(session: Pick<Session, 'account'>, text: string): TypedId {
  const [first = '', second = '', ...rest] = text.split(':');
  if (kinds.includes(second) && rest.length > 0) {
    return checked({ account: first, kind: second, identifier: rest.join(':') });
  }
  return checked({ account: session.account, kind: first, identifier: [second, ...rest].join(':') });
}

function checked(id: TypedId): TypedId {
  if (kinds.includes(id.kind) && id.account !== '' && id.identifier !== '') return id;
  throw new CommandError(
    'usage',
    'an id must be like variable:app/password, or ACCOUNT:variable:app/password',
  );
}

export function fullId({ account, kind, identifier }: TypedId): string {
  return `${account}:${kind}:${identifier}`;
}

/** An id whose kind the command knows: `app/password`, or the full one. */
export function idOfKind(session: Pick<Session, 'account'>, kind: string, text: string): TypedId {
  const prefix = `${session.account}:${kind}:`;
  const short = `${kind}:`;
  const identifier = text.startsWith(prefix)
    ? text.slice(prefix.length)
    : text.startsWith(short)
      ? text.slice(short.length)
      : text;
  return { account: session.account, kind, identifier };
}
