/** `sys`: what clients ask of the server itself before they go on. */
import { LatchkeyError } from '../../domain/errors.ts';
import { capabilitiesAt } from '../../domain/provider/vault/capabilities.ts';
import { authMounts } from '../../domain/provider/vault/mounts.ts';
import type { Services } from '../../domain/services.ts';
import { tokenRoute, type Route } from './routing.ts';
import { statusRoutes } from './sys-status.ts';
import { mountJson, mountsByPath, uiMountRoutes } from './sys-mounts.ts';

const maxPaths = 1_000;

export function sysRoutes(services: Services): readonly Route[] {
  return [
    ...statusRoutes(services),
    authRoute(services),
    ...uiMountRoutes(services),
    capabilitiesRoute(services),
  ];
}

function authRoute(services: Services): Route {
  return tokenRoute(
    { path: 'sys/auth', fields: {} },
    {
      read: async () => {
        const mounts = mountsByPath(await authMounts(services), mountJson);
        // Vault repeats them beside the wrapper's members, for clients that are older than the wrapper.
        return { data: mounts, beside: mounts };
      },
    },
  );
}

function capabilitiesRoute(services: Services): Route {
  return tokenRoute(
    { path: 'sys/capabilities-self', fields: { paths: 'list', path: 'list', token: 'string' } },
    {
      write: async ({ request, values }) => {
        const paths = values.paths ?? values.path ?? [];
        if (paths.length === 0)
          throw new LatchkeyError('PARAMETER_MISSING', { detail: 'paths must be supplied' });
        if (paths.length > maxPaths) {
          throw new LatchkeyError('PARAMETER_INVALID', { detail: `at most ${String(maxPaths)} paths` });
        }
        const capabilities = Object.fromEntries(await capabilitiesAt(services, request, paths));
        const only = paths.length === 1 ? { capabilities: capabilities[paths[0] ?? ''] } : {};
        const repeated = { ...capabilities, ...only };
        return { data: repeated, beside: repeated };
      },
    },
  );
}
