/** Vault's API: the whole table of its paths. */
import type { Services } from '../../domain/services.ts';
import type { Engine } from '../engine/engine-types.ts';
import { assignmentRoutes } from './assignments.ts';
import { clientRoutes } from './clients.ts';
import { identityTokenRoutes } from './identity-tokens.ts';
import { keyRoutes } from './keys.ts';
import { providerRoutes } from './providers.ts';
import { flowRoutes } from './flow/routes.ts';
import { entityRoutes } from './entities.ts';
import { groupRoutes } from './groups.ts';
import { loginRoutes } from './login.ts';
import { policyManagedRoutes } from './policy-managed.ts';
import type { Route } from './routing.ts';
import { sysRoutes } from './sys.ts';
import { tokenRoutes } from './tokens.ts';
import { scopeRoutes } from './scopes.ts';

/** Every route; of two that have the same path the first counts. */
export function vaultRoutes(services: Services, engine: Engine): readonly Route[] {
  return [
    ...flowRoutes({ services, engine }),
    ...providerRoutes(services),
    ...scopeRoutes(services),
    ...clientRoutes(services),
    ...assignmentRoutes(services),
    ...keyRoutes(services),
    ...identityTokenRoutes(services),
    ...entityRoutes(services),
    ...groupRoutes(services),
    ...loginRoutes(services),
    ...tokenRoutes(services),
    ...sysRoutes(services),
    ...policyManagedRoutes(),
  ];
}
