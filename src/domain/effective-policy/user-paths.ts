/** Where users stand: the policy that a name such as `bob@shop-eu` belongs to. */
import {
  adminOf,
  partsOf,
  roleOf,
  rootPolicyOf,
  storedAccount,
  type ResourceId,
  type RoleId,
} from '../ids.ts';
import { compareIds } from '../collation.ts';

/**
 * Finds the paths of users. Whatever the path is, a user that is written with it has the id that
 * it has: the path only says in which policy it is shown.
 */
export class UserPaths {
  readonly #ownerOf: (user: ResourceId) => RoleId | undefined;
  /** By identifiers with dashes for slashes. */
  readonly #policies = new Map<string, string>();

  /** @param policies identifiers of the policies that are shown */
  constructor(policies: readonly string[], ownerOf: (user: ResourceId) => RoleId | undefined) {
    this.#ownerOf = ownerOf;
    for (const policy of policies.toSorted(compareIds)) {
      const dashed = policy.replaceAll('/', '-');
      if (!this.#policies.has(dashed)) this.#policies.set(dashed, policy);
    }
  }

  /**
   * The path of a user: `shop/eu/bob`, or the identifier itself for one that stands at the root. A
   * user whom the administrator owns stands there; others in the policy that owns them if they are
   * named after it, or else in one that they are named after.
   */
  pathOf(user: ResourceId): string {
    const { account: text, identifier } = partsOf(user);
    const account = storedAccount(text);
    const owner = this.#ownerOf(user);
    if (owner === undefined || owner === adminOf(account) || owner === roleOf(rootPolicyOf(account))) {
      return identifier;
    }
    const { kind, identifier: ownerIdentifier } = partsOf(owner);
    if (kind === 'policy') {
      const suffix = `@${ownerIdentifier.replaceAll('/', '-')}`;
      const name = identifier.slice(0, -suffix.length);
      if (identifier.endsWith(suffix) && name !== '') return `${ownerIdentifier}/${name}`;
    }
    for (let at = identifier.indexOf('@', 1); at !== -1; at = identifier.indexOf('@', at + 1)) {
      const policy = this.#policies.get(identifier.slice(at + 1));
      if (policy !== undefined) return `${policy}/${identifier.slice(0, at)}`;
    }
    return identifier;
  }
}
