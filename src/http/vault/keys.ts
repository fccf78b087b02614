/** The paths of named keys. */
import { keys, rotateKey, writeKey } from '../../domain/provider/vault/keys.ts';
import type { Services } from '../../domain/services.ts';
import { objectRoutes } from './objects.ts';
import { tokenRoute, type Route } from './routing.ts';

/** `identity/oidc/key` and what is below it. */
export function keyRoutes(services: Services): readonly Route[] {
  return [
    ...objectRoutes(services, keys, {
      path: 'identity/oidc/key',
      fields: {
        rotation_period: 'seconds',
        verification_ttl: 'seconds',
        allowed_client_ids: 'list',
        algorithm: 'string',
      },
      // Nothing of the pairs is shown: what is public of them, the issuers publish.
      shown: (key) => ({
        rotation_period: key.rotationPeriodSeconds,
        verification_ttl: key.verificationTtlSeconds,
        algorithm: key.algorithm,
        allowed_client_ids: key.allowedClientIds,
      }),
      write: (request, name, values) =>
        writeKey(services, request, name, {
          rotationPeriodSeconds: values.rotation_period,
          verificationTtlSeconds: values.verification_ttl,
          allowedClientIds: values.allowed_client_ids,
          algorithm: values.algorithm,
        }),
    }),
    tokenRoute(
      { path: 'identity/oidc/key/:name/rotate', fields: { verification_ttl: 'seconds' } },
      {
        write: async ({ request, captured: { name = '' }, values }) => {
          await rotateKey(services, request, name, values.verification_ttl);
          return undefined;
        },
      },
    ),
  ];
}
