/** Providers, in Vault's words. */
import { removeObject, showObject } from '../../domain/provider/vault/objects.ts';
import { listProviders, providers, writeProvider } from '../../domain/provider/vault/providers-manage.ts';
import { issuerOf } from '../../domain/provider/vault/providers.ts';
import type { ProviderRecord } from '../../domain/provider/registry/records.ts';
import type { Services } from '../../domain/services.ts';
import { listReply } from './envelope.ts';
import { tokenRoute, type Route } from './routing.ts';

const fields = { issuer: 'string', allowed_client_ids: 'list', scopes_supported: 'list' } as const;

export function providerRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      { path: 'identity/oidc/provider', fields: { allowed_client_id: 'string' } },
      {
        list: async ({ request, values }) => {
          const filter = values.allowed_client_id ?? '';
          const listed = await listProviders(services, request, filter === '' ? undefined : filter);
          return listReply(
            listed.map(({ name }) => name),
            Object.fromEntries(listed.map((provider) => [provider.name, shown(services, provider)])),
          );
        },
      },
    ),
    tokenRoute(
      { path: 'identity/oidc/provider/:name', fields },
      {
        read: async ({ request, captured: { name = '' } }) => ({
          data: shown(services, await showObject(services, request, providers, name)),
        }),
        write: async ({ request, captured: { name = '' }, values }) => {
          const warnings = await writeProvider(services, request, name, {
            issuer: values.issuer,
            allowedClientIds: values.allowed_client_ids,
            scopesSupported: values.scopes_supported,
          });
          return warnings.length === 0 ? undefined : { warnings };
        },
        delete: async ({ request, captured: { name = '' } }) => {
          await removeObject(services, request, providers, name);
          return undefined;
        },
      },
    ),
  ];
}

/** With the issuer that is in effect. */
function shown(services: Services, provider: ProviderRecord): Readonly<Record<string, unknown>> {
  return {
    allowed_client_ids: provider.allowedClientIds,
    issuer: issuerOf(services, provider),
    scopes_supported: provider.scopesSupported,
  };
}
