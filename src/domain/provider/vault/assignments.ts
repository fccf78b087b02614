/** Assignments: which roles, and members of which groups, may sign in to the clients that name them. */
import type { AccountState } from '../../accounts/account-state.ts';
import type { AssignmentRecord } from '../registry/records.ts';

export const allowAllName = 'allow_all';

/** There from the start; nothing of it is ever stored. It is by its name that it assigns everybody. */
const allowAll: AssignmentRecord = { name: allowAllName, entityIds: ['*'], groupIds: ['*'] };

/** An assignment, the built-in `allow_all` included; undefined where there is none of that name. */
export function assignmentNamed(
  { registry }: Pick<AccountState, 'registry'>,
  name: string,
): AssignmentRecord | undefined {
  return name === allowAllName ? allowAll : registry.get('oidc-assignment', name);
}

/** All assignments, the built-in one included, in ascending order of their names. */
export function allAssignments({ registry }: Pick<AccountState, 'registry'>): readonly AssignmentRecord[] {
  return [...registry.all('oidc-assignment'), allowAll].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
}
