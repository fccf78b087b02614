/** The first configuration client, which nobody could make over the configuration API. */
import { randomUUID } from 'node:crypto';
import { actorView } from '../../actor-view.ts';
import type { AccountView } from '../../accounts/authority.ts';
import type { RegistryEvent } from '../../audit/provider-events.ts';
import { audited } from '../../audited.ts';
import { LatchkeyError } from '../../errors.ts';
import { occurrence } from '../../occurrence.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { ensureIdentifiers } from '../identifiers.ts';
import { requireRegistryPrivilege } from '../registry/access.ts';
import { changeRegistry } from '../registry/change.ts';
import type { TokenPolicyRecord } from '../registry/records.ts';
import { putRecord, type Registry } from '../registry/registry.ts';
import { ownerScope } from './api-scopes.ts';
import { newClient } from './clients.ts';
import { hasOwner, holdingsOf } from './holders.ts';

type BootstrapServices = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock' | 'settings'>;

/** The configuration client that was made; its secret is shown only here. */
export interface Bootstrapped {
  readonly customerId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenPolicyId: string;
}

export interface Customer {
  readonly customerId: string;
  /** Whether some configuration client can own the configuration at this moment. */
  readonly hasOwner: boolean;
}

const clientName = 'Primary configuration client';
const policyTitle = 'Configuration Admin Token Policy';
const ownerPrivileges = ['create', 'read', 'update', 'delete'] as const;
const accessTokenLifetimeSeconds = 3_600;
const refreshTokenLifetimeSeconds = 28_800;

/**
 * Makes a configuration client that owns the configuration, with a token policy of its own.
 * @param another whether to make it although there is one: its secret may be lost
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: every privilege on `clients` and on `policies`, since whoever has the
 *   secret has them in this dialect
 * @throws LatchkeyError `CONFIGURATION_CLIENT_EXISTS`
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`, `ACCESS_TOKEN_INVALID`, `STORE_BUSY`
 */
export async function bootstrapConfiguration(
  services: BootstrapServices,
  request: ActorRequest,
  another: boolean,
): Promise<Bootstrapped> {
  const { account } = services.settings;
  const read = (): Promise<AccountView> => actorView(services, request.actor, account, []);
  const mayMake = (view: AccountView): void => {
    for (const privilege of ownerPrivileges) {
      requireRegistryPrivilege(view, request.actor, privilege, 'clients');
      requireRegistryPrivilege(view, request.actor, privilege, 'policies');
    }
  };
  return audited(services.audit, describe(services, request, 'create', 'clients'), async () => {
    mayMake(await read());
    const { customerId } = await ensureIdentifiers(services, account);
    return changeRegistry(services, account, read, (view) => {
      mayMake(view);
      const { registry } = view.state;
      const now = services.clock.now();
      if (!another && hasOwner(holdingsOf(registry), now))
        throw new LatchkeyError('CONFIGURATION_CLIENT_EXISTS');
      const policy = ownerPolicy(now);
      const { client, secret = '' } = newClient(
        {
          name: freeName(registry),
          type: 'configuration',
          redirectURIs: [],
          loginPolicy: undefined,
          tokenPolicy: policy.id,
        },
        now,
      );
      const { clientId } = client;
      return {
        changes: [putRecord('oidc-token-policy', policy), putRecord('oidc-client', client)],
        result: { customerId, clientId, clientSecret: secret, tokenPolicyId: policy.id },
      };
    });
  });
}

/**
 * What the account is known by in Akamai's dialect.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: `read` on `config`
 * @throws LatchkeyError `ACCESS_TOKEN_ROLE_GONE`, `ACCESS_TOKEN_INVALID`
 */
export async function readCustomer(services: BootstrapServices, request: ActorRequest): Promise<Customer> {
  const { account } = services.settings;
  return audited(services.audit, describe(services, request, 'read', 'config'), async () => {
    const view = await actorView(services, request.actor, account, []);
    requireRegistryPrivilege(view, request.actor, 'read', 'config');
    const { customerId } = await ensureIdentifiers(services, account);
    const now = services.clock.now();
    return { customerId, hasOwner: hasOwner(holdingsOf(view.state.registry), now) };
  });
}

function ownerPolicy(now: number): TokenPolicyRecord {
  return {
    id: randomUUID(),
    title: policyTitle,
    accessTokenLifetimeSeconds,
    refreshTokenLifetimeSeconds,
    allowedScopes: [ownerScope],
    createdAt: now,
    updatedAt: now,
  };
}

/** Names are unique: a second one gets a number. */
function freeName(registry: Registry): string {
  let name = clientName;
  for (let number = 2; registry.clientNamed('akamai', name) !== undefined; number += 1) {
    name = `${clientName} ${String(number)}`;
  }
  return name;
}

function describe(
  services: Pick<Services, 'clock'>,
  request: ActorRequest,
  operation: 'create' | 'read',
  kind: 'clients' | 'config',
): (failure: unknown) => RegistryEvent {
  return (failure) => ({
    ...occurrence(services, request, failure),
    type: 'oidc-registry',
    operation,
    kind,
    name: kind === 'clients' ? clientName : 'identifiers',
    role: request.actor.role,
  });
}
