/** What keeps the configuration from being locked, and its limits from being stepped over. */
import { LatchkeyError } from '../../errors.ts';
import type { Registry } from '../registry/registry.ts';
import { covers, ownerScope } from './api-scopes.ts';
import {
  apiScopesOf,
  hasLastingOwner,
  hasLastingSecret,
  holdingsAfter,
  holdingsOf,
  scopesHeld,
  type Holdings,
  type Mutation,
} from './holders.ts';

/** Who makes a change. */
export interface Changer {
  readonly clientId: string;
  /** What the change is made by. */
  readonly scopes: readonly string[];
  /** Whether the caller asked for the change in spite of what it takes away. */
  readonly forced: boolean;
}

/**
 * Refuses a change after which no client owns the configuration for good, unless an owner forces it: whoever may
 * write some clients or token policies could otherwise take the configuration from everybody. Refuses one by which
 * a client takes a scope from itself, unless it is forced. Never let through is a client that gives more than it
 * has: otherwise whoever may write clients or token policies owned everything.
 *
 * @throws LatchkeyError `CONFIGURATION_LOCKED_OUT`, `CONFIGURATION_SELF_DEMOTION`
 * @throws LatchkeyError `CONFIGURATION_SCOPE_EXCEEDED`
 */
export function guardChange(registry: Registry, changer: Changer, mutation: Mutation): void {
  const before = holdingsOf(registry);
  const after = holdingsAfter(before, mutation);
  if (!covers(changer.scopes, given(before, after, mutation))) {
    throw new LatchkeyError('CONFIGURATION_SCOPE_EXCEEDED');
  }
  const forcedByOwner = changer.forced && covers(changer.scopes, [ownerScope]);
  if (!forcedByOwner && hasLastingOwner(before) && !hasLastingOwner(after)) {
    throw new LatchkeyError('CONFIGURATION_LOCKED_OUT');
  }
  if (changer.forced) return;
  const lasting = hasLastingSecret(before, changer.clientId);
  const kept = scopesHeld(after, changer.clientId, lasting);
  if (scopesHeld(before, changer.clientId, lasting).some((scope) => !kept.includes(scope))) {
    throw new LatchkeyError('CONFIGURATION_SELF_DEMOTION');
  }
}

/** The API scopes that somebody could use after a change and could not before. */
function given(before: Holdings, after: Holdings, mutation: Mutation): readonly string[] {
  if (mutation.kind === 'oidc-token-policy') {
    const had = before.policies.get(mutation.id)?.allowedScopes ?? [];
    return (mutation.record?.allowedScopes ?? []).filter((scope) => !had.includes(scope));
  }
  const client = after.clients.get(mutation.id);
  if (client === undefined) return [];
  const earlier = before.clients.get(mutation.id);
  const secretsBefore = new Set(earlier?.secrets.map(({ id }) => id));
  // Whoever asks for a secret can sign in with it.
  const opened = client.secrets.some(({ id }) => !secretsBefore.has(id));
  const had = opened || earlier === undefined ? [] : apiScopesOf(before, earlier);
  return apiScopesOf(after, client).filter((scope) => !had.includes(scope));
}
