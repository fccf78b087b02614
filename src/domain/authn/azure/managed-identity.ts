/** Which Azure resource a token was issued to: its claim `xms_mirid`. */
import { LatchkeyError } from '../../errors.ts';

export interface ManagedIdentity {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Namespace, type and name of the resource. */
  readonly provider: readonly [namespace: string, type: string, name: string];
}

/** The namespace of identities that users assign; every other resource has one of its own. */
const userAssigned = 'Microsoft.ManagedIdentity';

const parts = ['subscriptions', 'resourcegroups', 'providers'];

/**
 * Reads `/subscriptions/<id>/resourcegroups/<group>/providers/<namespace>/<type>/<name>`; the first
 * slash may be missing.
 *
 * @throws LatchkeyError `AZURE_RESOURCE_INCOMPLETE`: a part is not there; `AZURE_PROVIDER_INVALID`: the last
 *   part is not of three elements; `AZURE_RESOURCE_UNREADABLE`: anything else is out of place
 */
export function readManagedIdentity(claim: string): ManagedIdentity {
  const segments = claim.replace(/^\//, '').split('/');
  const missing = parts.filter((name) => !segments.includes(name));
  if (missing.length > 0) {
    throw new LatchkeyError('AZURE_RESOURCE_INCOMPLETE', {
      detail: `Required fields ${JSON.stringify(missing)} are missing in xms_mirid`,
    });
  }
  const [subscriptions, subscriptionId, groups, resourceGroup, providers, ...provider] = segments;
  const [namespace, type, name, ...rest] = provider;
  const inPlace =
    subscriptions === parts[0] &&
    groups === parts[1] &&
    providers === parts[2] &&
    !!subscriptionId &&
    !!resourceGroup;
  if (!inPlace) {
    throw new LatchkeyError('AZURE_RESOURCE_UNREADABLE', {
      detail: 'Failed to parse xms_mirid. Reason: its fields are not in their places',
    });
  }
  if (!namespace || !type || !name || rest.length > 0) throw new LatchkeyError('AZURE_PROVIDER_INVALID');
  return { subscriptionId, resourceGroup, provider: [namespace, type, name] };
}

export function isUserAssigned({ provider }: ManagedIdentity): boolean {
  return provider[0] === userAssigned;
}
