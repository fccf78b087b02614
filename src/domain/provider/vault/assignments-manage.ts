import { LatchkeyError } from '../../errors.ts';
import type { ActorRequest } from '../../request.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import type { AssignmentRecord } from '../registry/records.ts';
import { putRecord, removeRecord } from '../registry/registry.ts';
import { allAssignments, allowAllName, assignmentNamed } from './assignments.ts';
import { inUse, keptList } from './fields.ts';
import {
  listObjects,
  removeObject,
  requireRoom,
  showObject,
  writeObject,
  type ObjectServices,
  type Subject,
} from './objects.ts';

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
  await writeObject(services, request, subject(name), (state, present) => {
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

/** @see Vault: GET identity/oidc/assignment/:name; `showObject` states what is thrown */
export async function showAssignment(
  services: ObjectServices,
  request: ActorRequest,
  name: string,
): Promise<AssignmentRecord> {
  return showObject(services, request, subject(name));
}

/** @see Vault: LIST identity/oidc/assignment; `listObjects` states what is thrown */
export async function listAssignments(
  services: ObjectServices,
  request: ActorRequest,
): Promise<readonly AssignmentRecord[]> {
  return listObjects(services, request, 'assignments', allAssignments);
}

/**
 * Removes an assignment.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: `allow_all`
 * @throws LatchkeyError `REGISTRY_RECORD_IN_USE`: clients name it
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: DELETE identity/oidc/assignment/:name
 */
export async function deleteAssignment(
  services: ObjectServices,
  request: ActorRequest,
  name: string,
): Promise<void> {
  await removeObject(services, request, subject(name), ({ registry }) => {
    if (name === allowAllName) throw builtIn('deleted');
    const clients = registry.clientsOf('vault').filter(({ assignments }) => assignments.includes(name));
    if (clients.length > 0) {
      throw inUse(
        'assignment',
        name,
        'clients',
        clients.map((client) => client.name),
      );
    }
    return { changes: [removeRecord('oidc-assignment', name)], result: undefined };
  });
}

function subject(name: string): Subject<AssignmentRecord> {
  return { kind: 'assignments', name, find: (state: AccountState) => assignmentNamed(state, name) };
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
