/** What is shown of a resource: its row, and all that hangs on it. */
import type { AccountState } from '../accounts/account-state.ts';
import { layersOf } from '../host-factories/layers.ts';
import { partsOf, roleOf, type RecordKey, type ResourceId, type RoleId } from '../ids.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { policyHeadKey, secretKey } from '../records/keys.ts';
import { decodePolicyHead } from '../records/policy-versions.ts';
import type { HostFactoryToken } from '../records/host-factory-tokens.ts';
import type { AnnotationRow, PermissionRow, ResourceRow } from '../records/rows.ts';
import { decodeSecretHead, type SecretVersionEntry } from '../records/secrets.ts';
import type { Services } from '../services.ts';
import { hostFactoryTokensOf } from './host-factory-tokens.ts';
import { PolicyTexts, type ShownPolicyVersion } from './policy-versions.ts';

export interface ResourceDetails {
  readonly row: ResourceRow;
  /** By role, then privilege. */
  readonly permissions: readonly PermissionRow[];
  /** By name. */
  readonly annotations: readonly AnnotationRow[];
  /** Of a variable: the versions that are kept, ascending. */
  readonly secrets?: readonly SecretVersionEntry[];
  /** Of a policy: the versions that are kept, ascending. */
  readonly policyVersions?: readonly ShownPolicyVersion[];
  /** Of a host factory. */
  readonly tokens?: readonly HostFactoryToken[];
  /** Of a host factory: the layers that its hosts come to be in, sorted. */
  readonly layers?: readonly RoleId[];
  /** Of a user or a host: where it may authenticate from; empty: from everywhere. */
  readonly restrictedTo?: readonly string[];
}

/** So many values are in memory at a time, for what is recorded beside them of their versions. */
const chunkLength = 200;

/** The details of resources of an account, in their order. Those that are gone meanwhile are left out. */
export async function describeResources(
  services: Pick<Services, 'authority'>,
  state: AccountState,
  resources: readonly ResourceId[],
): Promise<ResourceDetails[]> {
  const policyTexts = new PolicyTexts(services, state.account);
  const described: ResourceDetails[] = [];
  for (let from = 0; from < resources.length; from += chunkLength) {
    const chunk = resources.slice(from, from + chunkLength);
    const heads = await readHeads(services, state, chunk);
    for (const resource of chunk) {
      const row = state.graph.resource(resource);
      if (row === undefined) continue;
      described.push({
        ...commonDetails(state, row),
        ...(await detailsOfKind(state, resource, heads, policyTexts)),
      });
    }
  }
  return described;
}

/** The records that tell the versions of variables and policies, in one round trip. */
async function readHeads(
  services: Pick<Services, 'authority'>,
  state: AccountState,
  resources: readonly ResourceId[],
): Promise<ReadonlyMap<ResourceId, StoredRecord | undefined>> {
  const keys = new Map<ResourceId, RecordKey>();
  for (const resource of resources) {
    const { kind } = partsOf(resource);
    if (kind === 'variable') keys.set(resource, secretKey(resource));
    if (kind === 'policy') keys.set(resource, policyHeadKey(resource));
  }
  if (keys.size === 0) return new Map();
  const { records } = await services.authority.records(state.account, [...keys.values()]);
  return new Map([...keys.keys()].map((resource, index) => [resource, records[index]]));
}

function commonDetails({ graph }: AccountState, row: ResourceRow): ResourceDetails {
  const { resource } = row;
  return {
    row,
    permissions: graph
      .permissionsOn(resource)
      .sort((one, other) => compare(one.role, other.role) || compare(one.privilege, other.privilege)),
    annotations: graph.annotationsOf(resource).sort((one, other) => compare(one.name, other.name)),
  };
}

async function detailsOfKind(
  state: AccountState,
  resource: ResourceId,
  heads: ReadonlyMap<ResourceId, StoredRecord | undefined>,
  policyTexts: PolicyTexts,
): Promise<Omit<ResourceDetails, 'row' | 'permissions' | 'annotations'>> {
  const { graph } = state;
  const head = heads.get(resource)?.value;
  switch (partsOf(resource).kind) {
    case 'variable':
      return { secrets: head === undefined ? [] : decodeSecretHead(head).versions };
    case 'policy': {
      const kept = head === undefined ? [] : decodePolicyHead(head).kept;
      return { policyVersions: await policyTexts.versionsOf(resource, kept) };
    }
    case 'host_factory':
      return { tokens: hostFactoryTokensOf(state, resource), layers: layersOf(graph, resource) };
    case 'user':
    case 'host':
      return { restrictedTo: graph.restrictedTo(roleOf(resource)) };
    default:
      return {};
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
