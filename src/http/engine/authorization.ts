/** Who an artifact speaks for, as of now. */
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { Artifact } from '../../domain/provider/engine/artifacts.ts';
import { credentialRevisionOf } from '../../domain/provider/identity/credential-revision.ts';
import { identifierOf, roleOfSubjectKey } from '../../domain/provider/identity/subject.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import { clientIn, type Issuer } from './exchange.ts';
import type { Attributes, Authorization, IssuerSpec } from './types.ts';

/**
 * Whether an artifact was made for a client, and not for one of the same id that was there before: ids can be
 * chosen, so they can come again.
 */
export function isOfClient(
  { clientCreatedAt }: Artifact,
  { createdAt }: Pick<ClientRecord, 'createdAt'>,
): boolean {
  return clientCreatedAt === createdAt;
}

/** The authorization that a code, grant or token stands for; undefined once its role or client is gone. */
export function authorizationOf(
  issuer: Issuer,
  view: AccountView,
  artifact: Artifact,
): Authorization | undefined {
  const client = clientIn(issuer, view, artifact.clientId ?? '');
  const { accountId } = artifact;
  const role = accountId === undefined ? undefined : roleOfSubjectKey(view.state, accountId);
  if (
    client === undefined ||
    !isOfClient(artifact, client) ||
    (accountId !== undefined && role === undefined)
  )
    return undefined;
  const { authTime, nonce, aud, credentialRevision } = artifact as StoredMembers;
  return {
    client,
    scopes: scopesOf(artifact),
    audiences: typeof aud === 'string' ? [aud] : (aud ?? []),
    attributes: (artifact['attributes'] as Attributes | undefined) ?? {},
    ...(role === undefined ? {} : { role }),
    ...(authTime === undefined ? {} : { authTimeSeconds: authTime }),
    ...(credentialRevision === undefined ? {} : { credentialRevision }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** With the revision of the role's credential, which is the present one unless it says another. */
export async function withCredential(
  { services, account }: Issuer,
  authorization: Authorization,
): Promise<Authorization> {
  const { role } = authorization;
  if (role === undefined || authorization.credentialRevision !== undefined) return authorization;
  return { ...authorization, credentialRevision: await credentialRevisionOf(services, account, role) };
}

interface StoredMembers {
  readonly authTime?: number;
  readonly credentialRevision?: number;
  readonly nonce?: string;
  readonly aud?: string | readonly string[];
}

export function scopesOf({ scope }: Pick<Artifact, 'scope'>): readonly string[] {
  return scope === undefined || scope === '' ? [] : scope.split(' ');
}

/** `sub`: the role's identifier, or the client's id where it acts by itself. */
export function subjectOf(spec: IssuerSpec, view: AccountView, authorization: Authorization): string {
  const { role, client } = authorization;
  return spec.subject?.(view, authorization) ?? (role === undefined ? client.clientId : identifierOf(role));
}

/** The name of a session at a client, as it is told to the client, is the library's; of none, undefined. */
export function sessionIdOf(artifact: Artifact): string | undefined {
  const sid = artifact['sid'];
  return typeof sid === 'string' ? sid : undefined;
}
