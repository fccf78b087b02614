/** Listing the resources that a role may know of. */
import type { AccountState } from '../accounts/account-state.ts';
import { actorView } from '../actor-view.ts';
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { resourceOf, type Account, type ResourceId, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { countOn, readPage } from '../paging.ts';
import { visible } from '../rbac/check.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { assumedRole, fullIdOf, roleOfFullId } from '../rbac/named-role.ts';
import { recordMissing } from '../record-missing.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { describeResources, type ResourceDetails } from './details.ts';
import { findAmong, searchTerms } from './search-text.ts';
import { sortedPage } from './sorted-page.ts';

/** What is listed; texts as they were given, absent where they were not. */
export interface ListRequest {
  readonly account?: Account;
  readonly kind?: string;
  readonly search?: string;
  readonly limit?: string;
  readonly offset?: string;
  /** `true`: how many there are, instead of what they are. */
  readonly count?: string;
  /** `kind:id` or a full id: only what it, or a role that it holds, owns. */
  readonly owner?: string;
  /** Full ids of a role that the caller holds: what that one may know of. `role` goes first. */
  readonly role?: string;
  readonly actingAs?: string;
}

export type ResourceList =
  | { readonly count: number }
  /** Sorted by full id. */
  | { readonly resources: readonly ResourceDetails[] };

/** The most that a caller may ask for, and what it gets without asking. */
const maxListed = 1_000;
/** Conjur's own synchronizer asks for exactly so many. */
const synchronizerLimit = 10_000;

/**
 * Lists the resources that the caller, or a role that it holds, may know of; audited (`list`).
 *
 * @throws LatchkeyError `PAGE_INVALID`: `limit` or `offset` is no such number, or `limit` is more than
 *   1,000 and not 10,000
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such owner, as far as the caller may know
 * @throws LatchkeyError `ROLE_NOT_HELD`: the role to list as
 * @throws LatchkeyError `PARAMETER_INVALID`: `owner` has no colon
 * @throws LatchkeyError `SEARCH_TOO_LONG`
 * @see Conjur: GET /resources
 */
export async function listResources(
  services: Pick<Services, 'authority' | 'audit' | 'clock'>,
  request: ActorRequest,
  asked: ListRequest,
): Promise<ResourceList> {
  const { actor } = request;
  const limit = asked.limit ?? defaultLimit(asked);
  return audited(
    services.audit,
    (failure) => ({
      type: 'list',
      ...occurrence(services, request, failure),
      role: actor.role,
      parameters: auditedParameters(asked, limit),
    }),
    async () => {
      refuseTooMany(asked);
      const { state } = await actorView(services, actor, actor.account, []);
      const role = assumedRole(state.graph, actor.role, asked.role || asked.actingAs);
      const listed = listedIds(state, role, asked);
      const page = readPage({ limit, offset: asked.offset });
      const found =
        asked.search === undefined ? listed : await findAmong(state.graph, listed, searchTerms(asked.search));
      if (asked.count === 'true') return { count: countOn(page, found.length) };
      return { resources: await describeResources(services, state, sortedPage(found, page)) };
    },
  );
}

/** Who counts has no limit of its own making; who only says where to begin has another. */
function defaultLimit({ count, offset }: ListRequest): string | undefined {
  if (count === 'true' || offset !== undefined) return undefined;
  return String(count === undefined ? maxListed : synchronizerLimit);
}

function refuseTooMany({ limit, count }: ListRequest): void {
  // Ruby's reading of a number: what comes after the digits does not count.
  const asked = Number(/^\s*\+?(\d+)/.exec(limit ?? '')?.[1] ?? 0);
  if (count === 'true' || asked <= maxListed || asked === synchronizerLimit) return;
  if (count !== undefined && asked < synchronizerLimit) return;
  throw new LatchkeyError('PAGE_INVALID', {
    detail: `'Limit' parameter must not exceed ${count === undefined ? maxListed : synchronizerLimit}`,
  });
}

/** What the role may know of, of the account, kind and owner that were asked for. In no order. */
function listedIds(state: AccountState, role: RoleId, asked: ListRequest): ResourceId[] {
  const { account, graph } = state;
  // No policy gives anybody a privilege in an account that is not its own.
  if (asked.account !== undefined && asked.account !== account) return [];
  const prefix = asked.kind === undefined ? '' : `${account}:${asked.kind}:`;
  const all = asked.owner === undefined ? graph.visibleTo(role) : ownedIds(graph, role, account, asked.owner);
  return prefix === '' ? all : all.filter((resource) => resource.startsWith(prefix));
}

/**
 * What the owner, or a role that it holds, owns. An owner that the role cannot know of, neither by
 * itself nor by what it owns, is not found, as one that is not there.
 */
function ownedIds(graph: AccessGraph, role: RoleId, account: Account, text: string): ResourceId[] {
  const id = fullIdOf(account, text);
  const owner = roleOfFullId(id);
  const owned = owner === undefined ? [] : graph.heldBy(owner).flatMap((held) => graph.owned(held));
  const seen = owned.filter((resource) => visible(graph, role, resource));
  if (seen.length === 0 && !isKnown(graph, role, owner)) throw recordMissing(id);
  return seen;
}

function isKnown(graph: AccessGraph, role: RoleId, other: RoleId | undefined): boolean {
  if (other === undefined || !graph.hasRole(other)) return false;
  return graph.holds(role, other) || visible(graph, role, resourceOf(other));
}

/** In the order of Conjur's records. */
function auditedParameters(
  asked: ListRequest,
  limit: string | undefined,
): readonly (readonly [string, string])[] {
  const limits: Readonly<Record<string, string | undefined>> =
    asked.limit === undefined
      ? { offset: asked.offset, search: asked.search, limit }
      : { limit, offset: asked.offset, search: asked.search };
  const named: Readonly<Record<string, string | undefined>> = {
    account: asked.account,
    kind: asked.kind,
    ...limits,
    owner: asked.owner,
    count: asked.count,
    acting_as: asked.actingAs,
    role: asked.role,
  };
  return Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined);
}
