/** Listing who holds a role directly, and what a role holds directly. */
import { audited } from '../audited.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, resourceOf, type RoleId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import { partOn, readPage } from '../paging.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { fullIdOf } from '../rbac/named-role.ts';
import { visibleView } from '../rbac/visible-view.ts';
import type { MembershipRow } from '../records/rows.ts';
import type { ActorRequest } from '../request.ts';
import { findAmong, searchTerms } from '../resources/search-text.ts';
import type { Services } from '../services.ts';
import { byMember, byRole } from './order.ts';

type MembershipServices = Pick<Services, 'authority' | 'audit' | 'clock'>;

/** What is listed; absent where it was not given. */
export interface MembershipsRequest {
  /** Words that the resource of the other role must have. */
  readonly search?: string;
  /** Kinds of the other role. */
  readonly kinds?: readonly string[];
  /** Whether only the number is wanted; then every member counts, whatever the page. */
  readonly count?: string;
  readonly limit?: string;
  readonly offset?: string;
  /** Roles held: each a full id or `kind:id`. */
  readonly filter?: readonly string[];
}

/**
 * Lists who holds a role directly, by member; audited (`members`).
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or invisible to the caller
 * @throws LatchkeyError `MEMBERS_PAGE_INVALID`: `limit` or `offset` is no such number
 * @throws LatchkeyError `SEARCH_TOO_LONG`
 * @see Conjur: GET /roles/…?members
 */
export async function listMembers(
  services: MembershipServices,
  request: ActorRequest,
  role: RoleId,
  asked: MembershipsRequest,
): Promise<readonly MembershipRow[]> {
  const { search, count, limit, offset } = asked;
  return auditedListing(services, request, 'members', role, { count, search, limit, offset }, async () => {
    const { state } = await visibleView(services, request.actor, resourceOf(role));
    const rows = state.graph.members(role).sort(byMember);
    const found = await filtered(state.graph, rows, ({ member }) => member, asked);
    if (count !== undefined) return found;
    return partOn(found, readPage({ limit, offset }, pageInvalid));
  });
}

/**
 * Lists what a role holds directly, by the role held; audited (`membership`). There are no pages.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: missing, or invisible to the caller
 * @throws LatchkeyError `PARAMETER_INVALID`: a filter without a colon
 * @throws LatchkeyError `SEARCH_TOO_LONG`
 * @see Conjur: GET /roles/…?memberships
 */
export async function listMemberships(
  services: MembershipServices,
  request: ActorRequest,
  role: RoleId,
  asked: MembershipsRequest,
): Promise<readonly MembershipRow[]> {
  const { search, count, filter } = asked;
  const recorded = { count, search, filter: filter?.join(',') };
  return auditedListing(services, request, 'membership', role, recorded, async () => {
    const { state } = await visibleView(services, request.actor, resourceOf(role));
    const rows = state.graph.memberships(role).sort(byRole);
    const found = await filtered(state.graph, rows, (row) => row.role, asked);
    if (filter === undefined) return found;
    const wanted = new Set<string>(filter.map((text) => fullIdOf(state.account, text)));
    return found.filter((row) => wanted.has(row.role));
  });
}

async function filtered(
  graph: AccessGraph,
  rows: readonly MembershipRow[],
  otherOf: (row: MembershipRow) => RoleId,
  { kinds, search }: MembershipsRequest,
): Promise<readonly MembershipRow[]> {
  const ofKind =
    kinds === undefined ? rows : rows.filter((row) => kinds.includes(partsOf(otherOf(row)).kind));
  if (search === undefined) return ofKind;
  const others = [...new Set(ofKind.map((row) => resourceOf(otherOf(row))))];
  const found = new Set(await findAmong(graph, others, searchTerms(search)));
  return ofKind.filter((row) => found.has(resourceOf(otherOf(row))));
}

/** Here a mistake is one that Conjur does not expect. */
function pageInvalid(parameter: 'limit' | 'offset'): LatchkeyError {
  return new LatchkeyError('MEMBERS_PAGE_INVALID', {
    detail:
      parameter === 'limit'
        ? 'Limits must be greater than or equal to 1'
        : 'Offsets must be greater than or equal to 0',
  });
}

/** Records a listing with the parameters that were given, as Conjur does: those of the path with them. */
async function auditedListing<T>(
  services: MembershipServices,
  request: ActorRequest,
  type: 'members' | 'membership',
  role: RoleId,
  given: Readonly<Record<string, string | undefined>>,
  act: () => Promise<T>,
): Promise<T> {
  const { account, kind } = partsOf(role);
  const { count, ...others } = given;
  const named =
    type === 'members'
      ? { account, count, kind, ...others, role }
      : { account, count, search: given['search'], kind, filter: given['filter'], role };
  const parameters = Object.entries<string | undefined>(named).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return audited(
    services.audit,
    (failure) => ({ type, ...occurrence(services, request, failure), role: request.actor.role, parameters }),
    act,
  );
}
