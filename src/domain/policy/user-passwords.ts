/** Passwords that the settings give to users, and a policy hands out. */
import { isStrongPassword, type PasswordHasher } from '../authn/password.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, storedRoleId, type RoleId } from '../ids.ts';
import type { DomainSettings } from '../services.ts';
import type { PlannedGraph } from './planned-graph.ts';
import type { ResolvedPolicy } from './statements.ts';

/**
 * The passwords for the users that a policy defines. A user that another policy defined, or none,
 * keeps the password that it has.
 * @throws LatchkeyError `PASSWORD_WEAK`
 * @see Conjur: `CONJUR_PASSWORD_<ID>`
 */
export function passwordsFor(
  policy: ResolvedPolicy,
  planned: () => PlannedGraph,
  { userPasswords }: Pick<DomainSettings, 'userPasswords'>,
): ReadonlyMap<RoleId, string> {
  const passwords = new Map<RoleId, string>();
  if (userPasswords.size === 0) return passwords;
  const graph = planned();
  for (const { tag, id } of policy.definitions) {
    const role = storedRoleId(id);
    const password = tag === 'user' ? userPasswords.get(settingOf(role))?.reveal() : undefined;
    if (password === undefined || graph.role(role)?.policy !== policy.branch) continue;
    if (!isStrongPassword(password)) throw new LatchkeyError('PASSWORD_WEAK');
    passwords.set(role, password);
  }
  return passwords;
}

/** `bob@shop` has its password in a variable that ends in `BOB_SHOP`. */
function settingOf(user: RoleId): string {
  return partsOf(user)
    .identifier.replace(/[^a-zA-Z0-9]/g, '_')
    .toUpperCase();
}

/** A hash of the password; the one that is there already, if it is of this password. */
export async function passwordHash(
  passwords: PasswordHasher,
  password: string,
  present: string | undefined,
): Promise<string> {
  if (present !== undefined && (await passwords.verify(present, password))) return present;
  return passwords.hash(password);
}
