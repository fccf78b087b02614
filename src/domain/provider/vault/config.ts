/** The issuer of identity tokens, as it is set for the account. */
import { actorView } from '../../actor-view.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import { ensureIdentifiers, identifiersIn } from '../identifiers.ts';
import { requireRegistryPrivilege } from '../registry/access.ts';
import { changeRegistry } from '../registry/change.ts';
import { putRecord } from '../registry/registry.ts';
import { auditedRegistry } from '../registry/audited-registry.ts';
import { readIssuerOrigin } from './issuer-origin.ts';

type ConfigServices = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock' | 'settings'>;

/**
 * The origin that was set; empty where the public address serves. The attempt is audited.
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`
 * @see Vault: GET identity/oidc/config
 */
export async function showIssuer(services: ConfigServices, request: ActorRequest): Promise<string> {
  const { account } = services.settings;
  return auditedRegistry(services, request, { operation: 'read', kind: 'config' }, async () => {
    const view = await actorView(services, request.actor, account, []);
    requireRegistryPrivilege(view, request.actor, 'read', 'config');
    return identifiersIn(view)?.identityTokenIssuer ?? '';
  });
}

/**
 * Sets the origin of the issuer; undefined leaves it as it is, empty lets the public address serve.
 * @returns what it is now
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: it is more than scheme, host and port
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`, `STORE_BUSY`
 * @see Vault: POST identity/oidc/config
 */
export async function writeIssuer(
  services: ConfigServices,
  request: ActorRequest,
  issuer: string | undefined,
): Promise<string> {
  const { account } = services.settings;
  const read = () => actorView(services, request.actor, account, []);
  return auditedRegistry(services, request, { operation: 'update', kind: 'config' }, async () => {
    requireRegistryPrivilege(await read(), request.actor, 'update', 'config');
    const made = await ensureIdentifiers(services, account);
    return changeRegistry(services, account, read, (view) => {
      requireRegistryPrivilege(view, request.actor, 'update', 'config');
      const present = identifiersIn(view) ?? made;
      if (issuer === undefined) return { changes: [], result: present.identityTokenIssuer };
      const identityTokenIssuer = readIssuerOrigin(issuer);
      return {
        changes: [putRecord('oidc-settings', { ...present, identityTokenIssuer })],
        result: identityTokenIssuer,
      };
    });
  });
}
