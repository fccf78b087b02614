/** Assignments, in Vault's words. */
import {
  deleteAssignment,
  listAssignments,
  showAssignment,
  writeAssignment,
} from '../../domain/provider/vault/assignments-manage.ts';
import type { Services } from '../../domain/services.ts';
import { listReply } from './envelope.ts';
import { tokenRoute, type Route } from './routing.ts';

export function assignmentRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      { path: 'identity/oidc/assignment', fields: {} },
      {
        list: async ({ request }) => {
          const assignments = await listAssignments(services, request);
          return listReply(assignments.map(({ name }) => name));
        },
      },
    ),
    tokenRoute(
      { path: 'identity/oidc/assignment/:name', fields: { entity_ids: 'list', group_ids: 'list' } },
      {
        read: async ({ request, captured: { name = '' } }) => {
          const { entityIds, groupIds } = await showAssignment(services, request, name);
          return { data: { entity_ids: entityIds, group_ids: groupIds } };
        },
        write: async ({ request, captured: { name = '' }, values }) => {
          const change = { entityIds: values.entity_ids, groupIds: values.group_ids };
          await writeAssignment(services, request, name, change);
          return undefined;
        },
        delete: async ({ request, captured: { name = '' } }) => {
          await deleteAssignment(services, request, name);
          return undefined;
        },
      },
    ),
  ];
}
