import type { AccountView } from '../accounts/authority.ts';
import { untilCommitted } from '../accounts/until-committed.ts';
import { audited } from '../audited.ts';
import { newApiKey } from '../authn/api-key.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, type ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { Change } from '../../ports/store.ts';
import { decide } from '../rbac/check.ts';
import { visibleView } from '../rbac/visible-view.ts';
import { encodeHostFactoryToken, hashOfToken } from '../records/host-factory-tokens.ts';
import { hostFactoryTokenKey } from '../records/keys.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { readTerms, type TokenOrder } from './token-terms.ts';

/** A token as it is told to who asked for it: this once, as only its hash is kept. */
export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly cidr: readonly string[];
}

/** Every process keeps the tokens in memory. */
const maxTokensPerFactory = 10_000;
/** So many expired tokens of the account are removed along with each request. */
const maxPruned = 1_000;

/**
 * Makes tokens with which hosts can be made. Each is 256 random bits; any number of hosts can be made
 * with it until it expires or is revoked. The attempt is audited, whatever the outcome.
 *
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the factory is missing, or invisible to the role
 * @throws LatchkeyError `PARAMETER_INVALID`: it is no host factory, has too many tokens, or the order is not valid
 * @throws LatchkeyError `PRIVILEGE_MISSING`: visible, but the role lacks `execute`
 * @throws LatchkeyError `PARAMETER_MISSING`, `CIDR_INVALID`
 * @throws LatchkeyError `STORE_BUSY`: the account kept changing
 * @see Conjur: POST /host_factory_tokens
 */
export async function createHostFactoryTokens(
  services: Pick<Services, 'authority' | 'clock' | 'audit'>,
  request: ActorRequest,
  hostFactory: ResourceId,
  order: TokenOrder,
): Promise<readonly IssuedToken[]> {
  const { role } = request.actor;
  return audited(
    services.audit,
    (failure) => ({
      type: 'host-factory',
      operation: 'create-token',
      ...occurrence(services, request, failure),
      role,
      hostFactory,
    }),
    () => untilCommitted(() => tryToCreate(services, request, hostFactory, order)),
  );
}

/** @returns undefined when the account changed in between */
async function tryToCreate(
  services: Pick<Services, 'authority' | 'clock'>,
  request: ActorRequest,
  hostFactory: ResourceId,
  order: TokenOrder,
): Promise<readonly IssuedToken[] | undefined> {
  const view = await visibleView(services, request.actor, hostFactory);
  const { epoch } = view;
  const { graph, account } = view.state;
  requireExecute(view, request, hostFactory);
  const now = services.clock.now();
  const { count, expiresAt, cidr } = readTerms(order, now);
  const alive = graph.hostFactoryTokens.of(hostFactory).filter((token) => token.expiresAt > now);
  if (alive.length + count > maxTokensPerFactory) {
    throw new LatchkeyError('PARAMETER_INVALID', {
      detail: `The host factory would have more than ${maxTokensPerFactory} tokens`,
    });
  }
  const issued = Array.from({ length: count }, () => ({ token: newApiKey(), expiresAt, cidr }));
  const changes: Change[] = graph.hostFactoryTokens
    .expired(now, maxPruned)
    .map(({ hash }) => ({ key: hostFactoryTokenKey(hash), value: undefined }));
  for (const { token } of issued) {
    const hash = hashOfToken(token);
    const value = encodeHostFactoryToken({ hash, hostFactory, cidr, expiresAt });
    changes.push({ key: hostFactoryTokenKey(hash), value });
  }
  const result = await services.authority.commit(account, { changes, authority: true, expectEpoch: epoch });
  return result.committed ? issued : undefined;
}

/** In Conjur's order: it is a host factory, the privilege is there. */
function requireExecute({ state }: AccountView, { actor }: ActorRequest, hostFactory: ResourceId): void {
  const { kind } = partsOf(hostFactory);
  if (kind !== 'host_factory') {
    throw new LatchkeyError('PARAMETER_INVALID', { detail: `Invalid resource kind: ${kind}` });
  }
  if (!decide(state.graph, actor.role, 'execute', hostFactory).allowed) {
    throw new LatchkeyError('PRIVILEGE_MISSING', { subject: hostFactory });
  }
}
