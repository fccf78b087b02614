import { LatchkeyError } from '../../errors.ts';
import type { ActorRequest } from '../../request.ts';
import type { AssignmentRecord } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { allAssignments, allowAllName, assignmentNamed } from './assignments.ts';
import { keptList, requireUnused } from './fields.ts';
import { requireRoom, writeObject, type ObjectKind, type ObjectServices } from './objects.ts';

/**
 * Assignments, which are removed unless they are `allow_all` (`REGISTRY_FIELD_INVALID`) or clients name
 * them (`REGISTRY_RECORD_IN_USE`).
 */
export const assignments: ObjectKind<AssignmentRecord> = {
  kind: 'assignments',
  find: assignmentNamed,
  all: allAssignments,
  removal: ({ registry }, { name }) => {
    if (name === allowAllName) throw builtIn('deleted');
    const users = registry.clientsOf('vault').filter((client) => client.assignments.includes(name));
    requireUnused(`assignment "${name}"`, 'clients', users);
    return removeRecord('oidc-assignment', name);
  },
};

/** What is to be of an assignment; what is left out stays, or is empty of a new one. */
export interface AssignmentChange {
  readonly entityIds?: readonly string[] | undefined;
  readonly groupIds?: readonly string[] | undefined;
}

/**
 * Makes or changes an assignment. Whether the identifiers are anybody's is not looked at.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: a list beyond its limits; `allow_all`, which cannot be changed
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: POST identity/oidc/assignment/:name
 */
export async function writeAssignment(
  services: ObjectServices,
  request: ActorRequest,
  name: string,
  { entityIds, groupIds }: AssignmentChange,
): Promise<void> {
  await writeObject(services, request, assignments, name, (state, present) => {
    if (name === allowAllName) throw builtIn('changed');
    if (present === undefined) requireRoom(state, 'oidc-assignment');
    const record: AssignmentRecord = {
      name,
      entityIds: entityIds === undefined ? (present?.entityIds ?? []) : keptIds('entity_ids', entityIds),
      groupIds: groupIds === undefined ? (present?.groupIds ?? []) : keptIds('group_ids', groupIds),
    };
    return { changes: [putRecord('oidc-assignment', record)], result: undefined };
  });
}

/** The UUID in lower case, as identifiers are; what follows a dot names a namespace and is kept. */
function keptIds(field: string, ids: readonly string[]): readonly string[] {
  const lowered = ids.map((id) => {
    const dot = id.indexOf('.');
    return dot === -1 ? id.toLowerCase() : id.slice(0, dot).toLowerCase() + id.slice(dot);
  });
  return keptList(field, lowered);
}

function builtIn(what: string): LatchkeyError {
  return new LatchkeyError('REGISTRY_FIELD_INVALID', {
    detail: `the assignment "allow_all" cannot be ${what}`,
  });
}
