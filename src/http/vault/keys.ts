/** The paths of named keys. */
import type { KeyRecord } from '../../domain/provider/registry/records.ts';
import { deleteKey, listKeys, rotateKey, showKey, writeKey } from '../../domain/provider/vault/keys.ts';
import type { Services } from '../../domain/services.ts';
import { listReply } from './envelope.ts';
import { tokenRoute, type Route } from './routing.ts';

/** `identity/oidc/key` and what is below it. */
export function keyRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      {
        path: 'identity/oidc/key/:name',
        fields: {
          rotation_period: 'seconds',
          verification_ttl: 'seconds',
          allowed_client_ids: 'list',
          algorithm: 'string',
        },
      },
      {
        read: async ({ request, captured: { name = '' } }) => ({
          data: keyData(await showKey(services, request, name)),
        }),
        write: async ({ request, captured: { name = '' }, values }) => {
          await writeKey(services, request, name, {
            rotationPeriodSeconds: values.rotation_period,
            verificationTtlSeconds: values.verification_ttl,
            allowedClientIds: values.allowed_client_ids,
            algorithm: values.algorithm,
          });
          return undefined;
        },
        delete: async ({ request, captured: { name = '' } }) => {
          await deleteKey(services, request, name);
          return undefined;
        },
      },
    ),
    tokenRoute(
      { path: 'identity/oidc/key/:name/rotate', fields: { verification_ttl: 'seconds' } },
      {
        write: async ({ request, captured: { name = '' }, values }) => {
          await rotateKey(services, request, name, values.verification_ttl);
          return undefined;
        },
      },
    ),
    tokenRoute(
      { path: 'identity/oidc/key', fields: {} },
      {
        list: async ({ request }) => listReply((await listKeys(services, request)).map(({ name }) => name)),
      },
    ),
  ];
}

/** Nothing of the pairs is shown: what is public of them, the issuers publish. */
function keyData(key: KeyRecord): Readonly<Record<string, unknown>> {
  return {
    rotation_period: key.rotationPeriodSeconds,
    verification_ttl: key.verificationTtlSeconds,
    algorithm: key.algorithm,
    allowed_client_ids: key.allowedClientIds,
  };
}
