/** Where a browser may be sent with what was decided. */
import { redirectUriRegistered } from '../../domain/provider/engine/redirect-uri.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import type { IssuerSpec } from './types.ts';

/** What is no URL leads nowhere, though it be registered: dialects differ in what they let a client register. */
export function mayRedirect({ redirectAllowed }: IssuerSpec, client: ClientRecord, uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  return redirectAllowed?.(client, uri) ?? redirectUriRegistered(uri, client.redirectUris);
}
