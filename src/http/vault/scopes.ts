/** Scopes, in Vault's words. */
import { scopes, writeScope } from '../../domain/provider/vault/scopes.ts';
import type { Services } from '../../domain/services.ts';
import { objectRoutes } from './objects.ts';
import type { Route } from './routing.ts';

export function scopeRoutes(services: Services): readonly Route[] {
  return objectRoutes(services, scopes, {
    path: 'identity/oidc/scope',
    fields: { template: 'string', description: 'string' },
    shown: ({ template, description }) => ({ description, template }),
    write: (request, name, values) => writeScope(services, request, name, values),
  });
}
