/** The library's storage, over the artifacts of one issuer. Clients come from the registry, on every request. */
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Artifact, NewArtifact } from '../../domain/provider/engine/artifacts.ts';
import { clientMetadata } from './client-metadata.ts';
import { clientIn, currentExchange, type Issuer } from './exchange.ts';
import { aliasedId } from './token-alias.ts';
import type { Attributes } from './types.ts';

/** What codes, grants and sessions keep of a sign-in beside what the library knows. */
const withAttributes: readonly string[] = ['AuthorizationCode', 'Grant', 'Session'];
const defaultTtlSeconds = 3_600;

/** The adapter of one of the library's models. */
export function adapterOf(issuer: Issuer, kind: string): Adapter {
  return kind === 'Client' ? clientAdapter(issuer) : artifactAdapter(issuer, kind);
}

function clientAdapter(issuer: Issuer): Adapter {
  const { services, account } = issuer;
  return {
    ...unsupported,
    find: async (clientId) => {
      const view = currentExchange()?.view ?? (await services.authority.read(account, []));
      const client = clientIn(issuer, view, clientId);
      return client === undefined ? undefined : clientMetadata(client);
    },
  };
}

function artifactAdapter(issuer: Issuer, kind: string): Adapter {
  const { artifacts } = issuer;
  return {
    ...unsupported,
    upsert: async (id, payload, expiresIn) => {
      await artifacts.put(artifactsOf(issuer, kind, id, payload, expiresIn ?? defaultTtlSeconds));
    },
    find: async (id) => {
      const [found] = await artifacts.find([kind, aliasedId(id)]);
      if (found === undefined) return undefined;
      rememberAttributes(kind, found);
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

/** The id of an artifact is a bearer value, so it is kept nowhere; an index by `uid` where the library asks for one. */
function artifactsOf(
  issuer: Issuer,
  kind: string,
  id: string,
  payload: AdapterPayload,
  ttlSeconds: number,
): readonly NewArtifact[] {
  const exchange = currentExchange();
  const attributes = withAttributes.includes(kind) ? exchange?.attributes : undefined;
  const client =
    kind === 'AuthorizationCode' && exchange !== undefined
      ? clientIn(issuer, exchange.view, payload.clientId ?? '')
      : undefined;
  const kept = Object.entries(payload).filter(([member]) => member !== 'jti');
  const content: Artifact = {
    ...Object.fromEntries(kept),
    ...(attributes === undefined ? {} : { attributes }),
    ...(client === undefined ? {} : { clientCreatedAt: client.createdAt }),
  };
  const artifact = { kind, id, content, ttlSeconds };
  if (kind !== 'Session' || typeof payload.uid !== 'string') return [artifact];
  return [artifact, { kind: 'SessionUid', id: payload.uid, content: { id }, ttlSeconds }];
}

/** What the newest sign-in gave counts: a sign-in page's that just ended before the session's. */
function rememberAttributes(kind: string, found: Artifact): void {
  const exchange = currentExchange();
  if (exchange === undefined) return;
  const result = kind === 'Interaction' ? (found['result'] as InteractionResult | undefined) : undefined;
  if (kind === 'Session' && found['attributes'] !== undefined)
    exchange.attributes = found['attributes'] as Attributes;
  if (result?.login !== undefined) exchange.attributes = result.attributes ?? {};
  if (result?.error !== undefined) exchange.recorded = true;
}

interface InteractionResult {
  readonly login?: unknown;
  readonly error?: unknown;
  readonly attributes?: Attributes;
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
