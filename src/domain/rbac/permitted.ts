import type { IntSet } from './int-set.ts';
import type { Links } from './links.ts';
import { entryCells } from './lists.ts';
import { noName } from './names.ts';

/** A resource with this many permissions more than the role holds roles is asked about from the roles' side. */
const walkLimit = 64;

/**
 * One of the held roles that has the privilege on the resource.
 * @param permissions from the resource to the role, labelled with the privilege
 * @param privilege its number; {@link noName}: any
 * @returns the role's number, or {@link noName}
 */
export function permittedHolder(
  permissions: Links,
  held: IntSet,
  resource: number,
  privilege: number,
): number {
  const { leaving, reaching } = permissions;
  if (leaving.length(resource) > walkLimit + held.size) {
    return holderPermittedOn(permissions, held, resource, privilege);
  }
  const end = leaving.end(resource);
  for (let at = leaving.start(resource); at < end; at += entryCells) {
    const role = leaving.neighbour(at);
    if (!held.has(role)) continue;
    if (privilege === noName || reaching.extra(reaching.at(role, leaving.twin(at))) === privilege)
      return role;
  }
  return noName;
}

function holderPermittedOn({ reaching }: Links, held: IntSet, resource: number, privilege: number): number {
  for (const role of held) {
    const end = reaching.end(role);
    for (let at = reaching.start(role); at < end; at += entryCells) {
      if (reaching.neighbour(at) !== resource) continue;
      if (privilege === noName || reaching.extra(at) === privilege) return role;
    }
  }
  return noName;
}
