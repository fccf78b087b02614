/** The library's storage, over the artifacts of one issuer. Clients come from the registry, on every request. */
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Artifact, NewArtifact } from '../../domain/provider/engine/artifacts.ts';
import { countBegun } from '../../domain/provider/sign-in/begun.ts';
import { clientMetadata } from './client-metadata.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import { isOfClient } from './authorization.ts';
import { clientIn, currentExchange, type Issuer } from './exchange.ts';
import { aliasedId } from './token-alias.ts';
import type { Attributes } from './types.ts';

/** What codes, grants and sessions keep of a sign-in beside what the library knows. */
const ofSignIn: readonly string[] = ['AuthorizationCode', 'Grant', 'Session'];
/** What is for one client, and for none that has its id later. */
const ofClient: readonly string[] = ['AuthorizationCode', 'Grant'];
const defaultTtlSeconds = 3_600;

/** The adapter of one of the library's models. */
export function adapterOf(issuer: Issuer, kind: string): Adapter {
  return kind === 'Client' ? clientAdapter(issuer) : artifactAdapter(issuer, kind);
}

function clientAdapter(issuer: Issuer): Adapter {
  return {
    ...unsupported,
    find: async (clientId) => {
      const client = await clientOf(issuer, clientId);
      return client === undefined ? undefined : clientMetadata(client);
    },
  };
}

/** As of the request that is served; the sign-in pages have none. */
async function clientOf(issuer: Issuer, clientId: string): Promise<ClientRecord | undefined> {
  const { services, account } = issuer;
  const view = currentExchange()?.view ?? (await services.authority.read(account, []));
  return clientIn(issuer, view, clientId);
}

async function isOfFormerClient(issuer: Issuer, found: Artifact): Promise<boolean> {
  const client = found.clientId === undefined ? undefined : await clientOf(issuer, found.clientId);
  return client !== undefined && !isOfClient(found, client);
}

function artifactAdapter(issuer: Issuer, kind: string): Adapter {
  const { artifacts } = issuer;
  return {
    ...unsupported,
    upsert: async (id, payload, expiresIn) => {
      if (isOfAnybody(kind, payload)) await countOnce(issuer);
      const ttlSeconds = expiresIn ?? defaultTtlSeconds;
      await artifacts.put(await artifactsOf(issuer, kind, id, payload, ttlSeconds));
    },
    find: async (id) => {
      const [found] = await artifacts.find([kind, aliasedId(id)]);
      if (found === undefined || (await isOfFormerClient(issuer, found))) return undefined;
      rememberSignIn(kind, found);
      return { ...found, jti: id };
    },
    findByUid: async (uid) => {
      const [index] = await artifacts.find([`${kind}Uid`, uid]);
      const id = index?.['id'];
      if (typeof id !== 'string') return undefined;
      const [found] = await artifacts.find([kind, id]);
      return found?.['uid'] === uid ? { ...found, jti: id } : undefined;
    },
    consume: async (id) => {
      // Whoever is second was told nothing yet: the library read the artifact before either used it.
      if ((await artifacts.use(kind, aliasedId(id))) !== 'first')
        throw new errors.InvalidGrant('used already');
    },
    destroy: async (id) => {
      await artifacts.remove(kind, aliasedId(id));
    },
    revokeByGrantId: async (grantId) => {
      await artifacts.revoke(grantId);
    },
  };
}

/** What is kept without anybody having proved who he is. */
function isOfAnybody(kind: string, { accountId }: AdapterPayload): boolean {
  return kind === 'Interaction' || (kind === 'Session' && accountId === undefined);
}

/** Counts once what a request begins; what is over the limit is not kept. Outside of one, nothing begins. */
async function countOnce({ services, account }: Issuer): Promise<void> {
  const exchange = currentExchange();
  if (exchange === undefined) return;
  exchange.counted ??= countBegun(services, account, exchange.request.clientIp);
  await exchange.counted;
}

/** The id of an artifact is a bearer value, so it is kept nowhere; an index by `uid` where the library asks for one. */
async function artifactsOf(
  issuer: Issuer,
  kind: string,
  id: string,
  payload: AdapterPayload,
  ttlSeconds: number,
): Promise<readonly NewArtifact[]> {
  const { attributes, credentialRevision } = (ofSignIn.includes(kind) && currentExchange()) || {};
  const client = ofClient.includes(kind) ? await clientOf(issuer, payload.clientId ?? '') : undefined;
  const kept = Object.entries(payload).filter(([member]) => member !== 'jti');
  const content: Artifact = {
    ...Object.fromEntries(kept),
    ...(attributes === undefined ? {} : { attributes }),
    ...(credentialRevision === undefined ? {} : { credentialRevision }),
    ...(client === undefined ? {} : { clientCreatedAt: client.createdAt }),
  };
  const artifact = { kind, id, content, ttlSeconds };
  if (kind !== 'Session' || typeof payload.uid !== 'string') return [artifact];
  return [artifact, { kind: 'SessionUid', id: payload.uid, content: { id }, ttlSeconds }];
}

/** What the newest sign-in gave counts: a sign-in page's that just ended before the session's. */
function rememberSignIn(kind: string, found: Artifact): void {
  const exchange = currentExchange();
  if (exchange === undefined) return;
  const result = kind === 'Interaction' ? (found['result'] as InteractionResult | undefined) : undefined;
  if (kind === 'Session' && found['attributes'] !== undefined)
    exchange.attributes = found['attributes'] as Attributes;
  if (kind === 'Session' && found.credentialRevision !== undefined)
    exchange.credentialRevision = found.credentialRevision;
  if (result?.login !== undefined) {
    const { attributes = {}, credentialRevision } = result;
    Object.assign(exchange, { attributes, credentialRevision });
  }
  if (result?.error !== undefined) exchange.recorded = true;
}

interface InteractionResult {
  readonly login?: unknown;
  readonly error?: unknown;
  readonly attributes?: Attributes;
  readonly credentialRevision?: number;
}

/** What no flow that is enabled calls. */
const unsupported: Adapter = {
  upsert: refuse,
  find: refuse,
  findByUid: refuse,
  findByUserCode: refuse,
  consume: refuse,
  destroy: refuse,
  revokeByGrantId: refuse,
};

async function refuse(): Promise<undefined> {
  throw new Error('the library asks its storage for what no enabled flow needs');
}
