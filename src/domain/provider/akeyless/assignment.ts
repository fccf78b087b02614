/** Who may use an app. */
import type { AccountState } from '../../accounts/account-state.ts';
import { LatchkeyError } from '../../errors.ts';
import { parseJson } from '../../../parse-json.ts';
import type { PermissionAssignment } from '../registry/records.ts';
import { hasAuthenticator } from './directory.ts';
import { isInGroup, subClaimsOf, type Caller, type SubClaims } from './caller.ts';
import { accessIdForm, groupIdForm, methodAccessId, roleAccessId } from './ids.ts';

const maxEntries = 100;
const maxClaims = 20;
const maxValues = 100;
const maxTextCharacters = 1_000;

/** What an entry may say besides who it is about: lists show it, so it comes back. It decides nothing. */
const shownOnly = ['access_type', 'assignment_name', 'assignment_type'];

/**
 * Whether a caller may use an app: at least one entry must fit. An entry fits where the caller signed in by
 * the method of its access id, which policy must still define, is the role of that id, or is in the group;
 * and where each claim that it names has a value in common with the caller's.
 */
export function isAssigned(
  state: AccountState,
  permissions: readonly PermissionAssignment[],
  caller: Caller,
): boolean {
  const fitting = permissions.filter((entry) => isAbout(state, entry, caller));
  if (fitting.length === 0) return false;
  const subClaims = subClaimsOf(state, caller);
  return fitting.some((entry) => claimsFit(entry, subClaims));
}

function isAbout(state: AccountState, { accessId, groupId }: PermissionAssignment, caller: Caller): boolean {
  const { role, authenticator } = caller;
  if (accessId !== undefined) {
    if (accessId === roleAccessId(role)) return true;
    if (authenticator === undefined || accessId !== methodAccessId(state.account, authenticator))
      return false;
    return hasAuthenticator(state, authenticator);
  }
  return groupId !== undefined && isInGroup(state, caller, groupId);
}

function claimsFit({ subClaims: wanted }: PermissionAssignment, subClaims: SubClaims): boolean {
  return Object.entries(wanted).every(([name, values]) => {
    const had = subClaims.get(name) ?? [];
    return (typeof had === 'string' ? [had] : had).some((value) => values.includes(value));
  });
}

/**
 * Reads a permission assignment: a JSON array, or its text, of objects with `access_id` or `group_id`, and
 * `sub_claims`, an object of lists of values. Up to 100 entries of up to 20 claims with up to 100 values each.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function readAssignment(given: unknown): readonly PermissionAssignment[] {
  const value: unknown = typeof given === 'string' ? readJsonText(given) : given;
  if (!Array.isArray(value)) throw invalid('must be a JSON array');
  if (value.length > maxEntries) throw invalid(`has more than ${maxEntries} entries`);
  return value.map((entry, index) => readEntry(entry, `entry ${index + 1}`));
}

/** No text is an empty list, as with the other lists of an app. */
function readJsonText(text: string): unknown {
  return text.trim() === '' ? [] : parseJson(text);
}

function readEntry(value: unknown, place: string): PermissionAssignment {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${place} is not an object`);
  const { access_id: accessId, group_id: groupId, sub_claims: subClaims, ...others } = value as EntryFields;
  const unknown = Object.keys(others).find((name) => !shownOnly.includes(name));
  if (unknown !== undefined) throw invalid(`${place} has a member that is not known`);
  const claims = readSubClaims(subClaims, place);
  if (isGiven(accessId) === isGiven(groupId)) throw invalid(`${place} needs either access_id or group_id`);
  if (isGiven(accessId)) {
    if (typeof accessId !== 'string' || !accessIdForm.test(accessId))
      throw invalid(`${place} has no valid access_id`);
    return { accessId, subClaims: claims };
  }
  if (typeof groupId !== 'string' || !groupIdForm.test(groupId))
    throw invalid(`${place} has no valid group_id`);
  return { groupId, subClaims: claims };
}

interface EntryFields {
  readonly access_id?: unknown;
  readonly group_id?: unknown;
  readonly sub_claims?: unknown;
}

/** Clients of several languages send what they have nothing for as an empty text or null. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function readSubClaims(value: unknown, place: string): Readonly<Record<string, readonly string[]>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(`${place} has sub_claims that are not an object`);
  const entries = Object.entries(value);
  if (entries.length > maxClaims) throw invalid(`${place} has more than ${maxClaims} sub_claims`);
  return Object.fromEntries(
    entries.map(([name, values]) => [readClaimText(name, place), readValues(values, place)]),
  );
}

function readValues(given: unknown, place: string): readonly string[] {
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (values.length === 0 || values.length > maxValues) {
    throw invalid(`${place} has a sub-claim without a value, or with more than ${maxValues}`);
  }
  return [...new Set(values.map((value) => readClaimText(value, place)))];
}

function readClaimText(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= maxTextCharacters) return value;
  throw invalid(`${place} has a sub-claim that is not text of 1 to ${maxTextCharacters} characters`);
}

function invalid(what: string): LatchkeyError {
  return new LatchkeyError('REGISTRY_FIELD_INVALID', { detail: `permission-assignment ${what}` });
}
