/** Assignments, in Vault's words. */
import { assignments, writeAssignment } from '../../domain/provider/vault/assignments-manage.ts';
import type { Services } from '../../domain/services.ts';
import { objectRoutes } from './objects.ts';
import type { Route } from './routing.ts';

export function assignmentRoutes(services: Services): readonly Route[] {
  return objectRoutes(services, assignments, {
    path: 'identity/oidc/assignment',
    fields: { entity_ids: 'list', group_ids: 'list' },
    shown: ({ entityIds, groupIds }) => ({ entity_ids: entityIds, group_ids: groupIds }),
    write: (request, name, { entity_ids: entityIds, group_ids: groupIds }) =>
      writeAssignment(services, request, name, { entityIds, groupIds }),
  });
}
