/** Branches are policies; this is how their names and paths read, and what may stand in them. */
import { conjunction } from '../conjunction.ts';
import { LatchkeyError } from '../errors.ts';
import { isIdText, toResourceId, type Account, type ResourceId } from '../ids.ts';
import { recordMissing } from '../record-missing.ts';

const maxNameCharacters = 60;
const maxPathCharacters = 500;
const maxIdentifierCharacters = 950;
const maxDepth = 15;

const nameForm = /^[A-Za-z0-9\-_]+$/;
const pathForm = /^[A-Za-z0-9\-_/]+$/;
const userPathForm = /^[A-Za-z0-9@\-_/]+$/;

/** Whether a path means the root: `/`, `root` or `/root`. */
export function isRoot(path: string): boolean {
  return path === '/' || path === 'root' || path === '/root';
}

/** The identifier that a path stands for: one slash at the front does not count, and the root is `root`. */
export function identifierOf(path: string): string {
  if (isRoot(path)) return 'root';
  return path.startsWith('/') ? path.slice(1) : path;
}

/** The path of what holds this: `/` for the root and what stands directly in it. */
export function parentOf(identifier: string): string {
  const slash = identifier.lastIndexOf('/');
  return slash === -1 ? '/' : identifier.slice(0, slash);
}

/** The last element of an identifier. */
export function lastElementOf(identifier: string): string {
  return identifier.slice(identifier.lastIndexOf('/') + 1);
}

/** The path of a name in a branch. */
export function pathIn(branch: string, name: string): string {
  return isRoot(branch) ? name : `${branch}/${name}`;
}

/**
 * The resource of a kind that a path names.
 * @returns undefined for a path that no resource can have
 */
export function resourceAt(account: Account, kind: string, path: string): ResourceId | undefined {
  const identifier = identifierOf(path);
  return isIdText(account, kind, identifier) ? toResourceId(account, kind, identifier) : undefined;
}

/** `RESOURCE_NOT_FOUND` for a branch, also for one that the role may not use. */
export function branchMissing(account: Account, path: string): LatchkeyError {
  return recordMissing(`${account}:branch:${identifierOf(path)}`);
}

/** What is wrong with the name of a new branch, in Conjur's words. */
export function nameFaults(name: string): readonly string[] {
  const faults: string[] = [];
  if (name.length > maxNameCharacters)
    faults.push(`Name is too long (maximum is ${maxNameCharacters} characters)`);
  if (!nameForm.test(name)) faults.push(`Name Wrong name '${name}'`);
  return faults;
}

/** What is wrong with the path of a branch, in Conjur's words. */
export function branchPathFaults(path: string): readonly string[] {
  return pathForm.test(path) ? [] : [`Branch Wrong path '${path}'`];
}

/** A role as requests name it: an owner, or a member. */
export interface NamedRole {
  readonly kind: string;
  /** Its identifier, with or without a slash at the front. */
  readonly id: string;
}

/**
 * Checks how a request names a role.
 * @param what completes the message about the kind: `owner` or `member`
 * @throws LatchkeyError `FIELD_INVALID`: every fault, in Conjur's words
 */
export function requireNamedRole(
  { kind, id }: NamedRole,
  kinds: readonly string[],
  what: 'owner' | 'member',
): void {
  const faults: string[] = [];
  if (kind.trim() === '') faults.push("Kind can't be blank");
  if (!kinds.includes(kind)) faults.push(`Kind '${kind}' is not a valid ${what} kind`);
  if (id.trim() === '') faults.push("Id can't be blank");
  if (!(kind === 'user' ? userPathForm : pathForm).test(id)) faults.push(`Id Wrong path '${id}'`);
  if (id.length < 1) faults.push('Id is too short (minimum is 1 character)');
  if (id.length > maxPathCharacters)
    faults.push(`Id is too long (maximum is ${maxPathCharacters} characters)`);
  if (kind !== 'user') requireIdentifier(id);
  requireNoFaults(faults);
}

/** @throws LatchkeyError `FIELD_INVALID`: too deep, or too long; said alone, whatever else is wrong */
export function requireIdentifier(path: string): void {
  const depth = path.replace(/^\/|\/$/g, '').split('/').length;
  if (depth > maxDepth) {
    throw new LatchkeyError('FIELD_INVALID', {
      detail: `The number of identifier nesting exceeds maximum depth of ${maxDepth}`,
    });
  }
  if (path.length > maxIdentifierCharacters) {
    throw new LatchkeyError('FIELD_INVALID', {
      detail: `Identifier exceeds maximum length of ${maxIdentifierCharacters} characters`,
    });
  }
}

/** @throws LatchkeyError `FIELD_INVALID`, with all faults in one sentence */
export function requireNoFaults(faults: readonly string[]): void {
  if (faults.length > 0) throw new LatchkeyError('FIELD_INVALID', { detail: conjunction(faults) });
}
