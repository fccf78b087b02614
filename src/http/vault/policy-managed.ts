/** What Vault lets one write and policy documents define here: refused, and it is said why. */
import { LatchkeyError } from '../../domain/errors.ts';
import { tokenRoute, type Operation, type Route } from './routing.ts';

const all: readonly Operation[] = ['read', 'list', 'write', 'delete'];
const writing: readonly Operation[] = ['write', 'delete'];

/** Beside each path, what is refused; the rest of it is another route's. */
const refusedPaths: readonly (readonly [path: string, operations: readonly Operation[]])[] = [
  ['identity/entity', writing],
  ['identity/entity/merge', writing],
  ['identity/entity/batch-delete', writing],
  ['identity/entity-alias', all],
  ['identity/entity-alias/*rest', all],
  ['identity/group', writing],
  ['identity/group-alias', all],
  ['identity/group-alias/*rest', all],
  ['auth/userpass/users', all],
  ['auth/userpass/users/*rest', all],
  ['sys/policies/acl', all],
  ['sys/policies/acl/*rest', all],
  ['sys/policy', all],
  ['sys/policy/*rest', all],
  ['sys/auth/*rest', all],
];

/** After the routes that read: only what those do not have is refused here. */
export function policyManagedRoutes(): readonly Route[] {
  return refusedPaths.map(([path, operations]) =>
    tokenRoute({ path, fields: {} }, Object.fromEntries(operations.map((each) => [each, refuse]))),
  );
}

/** Answers 405 with the reason. */
export async function refuse(): Promise<never> {
  throw new LatchkeyError('VAULT_MANAGED_BY_POLICY');
}
