/** The paths of entities and groups, which are alike: policy makes both, so that here they are only read. */
import type { ActorRequest } from '../../domain/request.ts';
import { listReply, type Wrapped } from './envelope.ts';
import type { Values } from './fields.ts';
import { refuse } from './policy-managed.ts';
import { tokenRoute, type Route } from './routing.ts';

/** There is one namespace. */
export const rootNamespace = 'root';

const lookupFields = {
  id: 'string',
  name: 'string',
  alias_id: 'string',
  alias_name: 'string',
  alias_mount_accessor: 'string',
} as const;

/** What a lookup looks for. */
export type LookupValues = Values<typeof lookupFields>;

/** How the identities of a kind are read. */
interface IdentityReads<T> {
  readonly list: (request: ActorRequest) => Promise<readonly T[]>;
  /** What the list tells of each. */
  readonly listed: (identity: T) => Readonly<Record<string, unknown>>;
  readonly show: (request: ActorRequest, by: 'id' | 'name', value: string) => Promise<Wrapped | undefined>;
  readonly lookup: (request: ActorRequest, values: LookupValues) => Promise<Wrapped | undefined>;
}

export function identityRoutes<T extends { readonly id: string; readonly name: string }>(
  kind: 'entity' | 'group',
  { list, listed, show, lookup }: IdentityReads<T>,
): readonly Route[] {
  return [
    tokenRoute(
      { path: `identity/${kind}/id`, fields: {} },
      {
        list: async ({ request }) => {
          const identities = await list(request);
          const info = identities.map((identity) => [identity.id, listed(identity)] as const);
          return listReply(identities.map(({ id }) => id).sort(), Object.fromEntries(info));
        },
      },
    ),
    tokenRoute(
      { path: `identity/${kind}/name`, fields: {} },
      { list: async ({ request }) => listReply((await list(request)).map(({ name }) => name).sort()) },
    ),
    tokenRoute(
      { path: `identity/${kind}/id/:id`, fields: {} },
      {
        read: ({ request, captured: { id = '' } }) => show(request, 'id', id),
        write: refuse,
        delete: refuse,
      },
    ),
    tokenRoute(
      { path: `identity/${kind}/name/*name`, fields: {} },
      {
        read: ({ request, captured: { name = '' } }) => show(request, 'name', name),
        write: refuse,
        delete: refuse,
      },
    ),
    tokenRoute(
      { path: `identity/lookup/${kind}`, fields: lookupFields },
      { write: ({ request, values }) => lookup(request, values) },
    ),
  ];
}
