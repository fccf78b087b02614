/** The paths of named objects, which are alike for every kind. */
import {
  listObjects,
  removeObject,
  showObject,
  type ObjectKind,
  type ObjectServices,
} from '../../domain/provider/vault/objects.ts';
import type { ActorRequest } from '../../domain/request.ts';
import { listReply } from './envelope.ts';
import type { Fields, Values } from './fields.ts';
import { tokenRoute, type Route } from './routing.ts';

/** How the objects of a kind are written and told of. */
interface ObjectPaths<R, F extends Fields> {
  /** Of the list; each object is below it by its name. */
  readonly path: string;
  /** What a write may give. */
  readonly fields: F;
  readonly shown: (record: R) => Readonly<Record<string, unknown>>;
  readonly write: (request: ActorRequest, name: string, values: Values<F>) => Promise<void>;
}

/** The list of a kind's names, and reading, writing and deleting one by its name. */
export function objectRoutes<R extends { readonly name: string }, const F extends Fields>(
  services: ObjectServices,
  kind: ObjectKind<R>,
  { path, fields, shown, write }: ObjectPaths<R, F>,
): readonly Route[] {
  return [
    tokenRoute(
      { path, fields: {} },
      {
        list: async ({ request }) => {
          const objects = await listObjects(services, request, kind);
          return listReply(objects.map(({ name }) => name));
        },
      },
    ),
    tokenRoute(
      { path: `${path}/:name`, fields },
      {
        read: async ({ request, captured: { name = '' } }) => ({
          data: shown(await showObject(services, request, kind, name)),
        }),
        write: async ({ request, captured: { name = '' }, values }) => {
          await write(request, name, values);
          return undefined;
        },
        delete: async ({ request, captured: { name = '' } }) => {
          await removeObject(services, request, kind, name);
          return undefined;
        },
      },
    ),
  ];
}
