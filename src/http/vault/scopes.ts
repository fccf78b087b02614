/** Scopes, in Vault's words. */
import { deleteScope, listScopes, showScope, writeScope } from '../../domain/provider/vault/scopes.ts';
import type { Services } from '../../domain/services.ts';
import { listReply } from './envelope.ts';
import { tokenRoute, type Route } from './routing.ts';

export function scopeRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      { path: 'identity/oidc/scope', fields: {} },
      {
        list: async ({ request }) => {
          const scopes = await listScopes(services, request);
          return listReply(scopes.map(({ name }) => name));
        },
      },
    ),
    tokenRoute(
      { path: 'identity/oidc/scope/:name', fields: { template: 'string', description: 'string' } },
      {
        read: async ({ request, captured: { name = '' } }) => {
          const { template, description } = await showScope(services, request, name);
          return { data: { description, template } };
        },
        write: async ({ request, captured: { name = '' }, values }) => {
          await writeScope(services, request, name, values);
          return undefined;
        },
        delete: async ({ request, captured: { name = '' } }) => {
          await deleteScope(services, request, name);
          return undefined;
        },
      },
    ),
  ];
}
