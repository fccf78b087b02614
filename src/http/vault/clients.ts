/** Clients, in Vault's words. */
import { clients, showClient, writeClient } from '../../domain/provider/vault/clients-manage.ts';
import { rotateClientSecret } from '../../domain/provider/vault/clients-rotate.ts';
import { listObjects, removeObject } from '../../domain/provider/vault/objects.ts';
import type { Services } from '../../domain/services.ts';
import { changeOf, clientFields, shownClient } from './clients-json.ts';
import { listReply } from './envelope.ts';
import { tokenRoute, type Route } from './routing.ts';

export function clientRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      { path: 'identity/oidc/client', fields: {} },
      {
        list: async ({ request }) => {
          const listed = await listObjects(services, request, clients);
          return listReply(
            listed.map(({ name }) => name),
            Object.fromEntries(listed.map((client) => [client.name, shownClient(client)])),
          );
        },
      },
    ),
    tokenRoute(
      { path: 'identity/oidc/client/:name', fields: clientFields },
      {
        read: async ({ request, captured: { name = '' } }) => {
          const { client, secret } = await showClient(services, request, name);
          return { data: shownClient(client, secret) };
        },
        write: async ({ request, captured: { name = '' }, values }) => {
          await writeClient(services, request, name, changeOf(values));
          return undefined;
        },
        delete: async ({ request, captured: { name = '' } }) => {
          await removeObject(services, request, clients, name);
          return undefined;
        },
      },
    ),
    rotationRoute(services),
  ];
}

/** Ours: in Vault a client with another secret is another client. */
function rotationRoute(services: Services): Route {
  return tokenRoute(
    { path: 'identity/oidc/client/:name/rotate-secret', fields: { overlap: 'seconds' } },
    {
      write: async ({ request, captured: { name = '' }, values }) => {
        const rotated = await rotateClientSecret(services, request, name, values.overlap ?? 0);
        const { clientId, secret, previousExpiresAt } = rotated;
        const previous = previousExpiresAt === undefined ? null : new Date(previousExpiresAt).toISOString();
        return { data: { client_id: clientId, client_secret: secret, previous_secret_expires_at: previous } };
      },
    },
  );
}
