/** What sign-in pages and clients ask of mounts. */
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import { authMounts, type AuthMount } from '../../domain/provider/vault/mounts.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { openRoute, tokenRoute, type Route } from './routing.ts';
import { vaultToken } from './token.ts';

type Members = Readonly<Record<string, unknown>>;

export function uiMountRoutes(services: Services): readonly Route[] {
  return [
    openRoute(
      { path: 'sys/internal/ui/mounts', access: 'public', fields: {} },
      {
        read: async ({ ctx }) => {
          const told = (await hasToken(services, ctx)) ? mountJson : publicMountJson;
          return { data: { auth: mountsByPath(await authMounts(services), told), secret: {} } };
        },
      },
    ),
    tokenRoute(
      { path: 'sys/internal/ui/mounts/*path', fields: {} },
      {
        read: async ({ captured }) => {
          const path = `${captured['path'] ?? ''}/`;
          const mount = (await authMounts(services)).find((each) => path.startsWith(`auth/${each.path}`));
          // That there is no such mount, and that one may not know of it, look alike.
          if (mount === undefined) throw new LatchkeyError('REGISTRY_PRIVILEGE_MISSING');
          return { data: { ...mountJson(mount), path: mount.path } };
        },
      },
    ),
  ];
}

/** By path, each as it is to be told. */
export function mountsByPath(mounts: readonly AuthMount[], told: (mount: AuthMount) => Members): Members {
  return Object.fromEntries(mounts.map((mount) => [mount.path, told(mount)]));
}

/** All that is told of a mount. */
export function mountJson({
  accessor,
  uuid,
  defaultTtlSeconds,
  maxTtlSeconds,
  ...mount
}: AuthMount): Members {
  return {
    ...publicMountJson({ accessor, uuid, defaultTtlSeconds, maxTtlSeconds, ...mount }),
    accessor,
    uuid,
    local: false,
    seal_wrap: false,
    external_entropy_access: false,
    config: {
      default_lease_ttl: defaultTtlSeconds,
      max_lease_ttl: maxTtlSeconds,
      force_no_cache: false,
      token_type: 'default-service',
    },
  };
}

function publicMountJson({ type, description }: AuthMount): Members {
  return { type, description, options: null };
}

/** Where no token is demanded, a bad one counts as none. */
async function hasToken(services: Services, ctx: RequestContextOf): Promise<boolean> {
  try {
    await vaultToken(services, ctx);
    return true;
  } catch (error) {
    if (isFailure(error) && (error.kind === 'unauthenticated' || error.kind === 'forbidden')) return false;
    throw error;
  }
}
