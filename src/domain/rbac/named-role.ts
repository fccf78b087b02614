import { LatchkeyError } from '../errors.ts';
import { isIdText, splitId, toRoleId, type RoleId } from '../ids.ts';
import type { AccessGraph } from './graph.ts';

/** The role of a full id; undefined where the text is none. */
export function roleOfFullId(text: string): RoleId | undefined {
  const parts = splitId(text);
  if (parts === undefined || !isIdText(parts.account, parts.kind, parts.identifier)) return undefined;
  return toRoleId(parts.account, parts.kind, parts.identifier);
}

/**
 * The full id of `kind:id` or of a full id.
 * @throws LatchkeyError `PARAMETER_INVALID`: no colon
 * @see Conjur: `Role.make_full_id`
 */
export function fullIdOf(account: string, text: string): string {
  const colons = text.split(':').length - 1;
  if (colons === 0) {
    throw new LatchkeyError('PARAMETER_INVALID', { detail: `Expected at least 2 tokens in ${text}` });
  }
  return colons === 1 ? `${account}:${text}` : text;
}

/**
 * The role that a caller asks to act as: itself where none is named, otherwise one that it holds.
 * @param text a full id; an empty one names none
 * @throws LatchkeyError `ROLE_NOT_HELD`: another, a missing one, or no full id
 */
export function assumedRole(graph: AccessGraph, caller: RoleId, text: string | undefined): RoleId {
  if (text === undefined || text === '') return caller;
  const role = roleOfFullId(text);
  if (role === undefined || !graph.hasRole(role) || !graph.holds(caller, role)) {
    throw new LatchkeyError('ROLE_NOT_HELD');
  }
  return role;
}
