/** Clients, secrets and policies as Akamai's API shows them. */
import type { ClientRecord, ClientSecret } from '../../domain/provider/registry/records.ts';
import { clientBody } from '../../domain/provider/akamai/clients.ts';
import type { Body } from '../../domain/provider/akamai/fields.ts';

/** The address of something below a customer. */
export function hrefOf(customerId: string, ...parts: readonly string[]): string {
  return `/${[customerId, 'config', ...parts].join('/')}`;
}

export function clientJson(customerId: string, client: ClientRecord): Body {
  return {
    id: client.clientId,
    ...clientBody(client),
    _links: links(hrefOf(customerId, 'clients', client.clientId)),
  };
}

/** A list has the ids and names alone: each record is to be had by its address. */
export function listJson(
  customerId: string,
  collection: string,
  items: readonly (Body & { readonly id: string })[],
): Body {
  const embedded = items.map((item) => ({ ...item, _links: links(hrefOf(customerId, collection, item.id)) }));
  return {
    total: items.length,
    _embedded: { [collection]: embedded },
    _links: links(hrefOf(customerId, collection)),
  };
}

export function policyJson(customerId: string, collection: string, id: string, body: Body): Body {
  return { ...body, id, _links: links(hrefOf(customerId, collection, id)) };
}

export function secretJson({ id, createdAt, expiresAt }: ClientSecret): Body {
  return {
    id,
    createdAt: new Date(createdAt).toISOString(),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
}

export function links(self: string): Body {
  return { self: { href: self } };
}
