/** `auth/token`: what a token is, and how it is renewed, revoked and made. */
import { LatchkeyError } from '../../domain/errors.ts';
import { lookUpToken, renewToken, revokeToken, type TokenFacts } from '../../domain/provider/vault/tokens.ts';
import { createToken } from '../../domain/provider/vault/tokens-create.ts';
import type { Services } from '../../domain/services.ts';
import type { Wrapped } from './envelope.ts';
import type { Values } from './fields.ts';
import { tokenRoute, type Route } from './routing.ts';

/** What a token's policies are said to be: what it may do is its role's privileges. */
const policies = ['default'];

export function tokenRoutes(services: Services): readonly Route[] {
  return [...selfRoutes(services), ...otherRoutes(services), createRoute(services)];
}

/** About the token that the request is made with. */
function selfRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      { path: 'auth/token/lookup-self', fields: { token: 'string' } },
      {
        read: async ({ request, token }) => lookup(await lookUpToken(services, request, token.presented)),
        write: async ({ request, token }) => lookup(await lookUpToken(services, request, token.presented)),
      },
    ),
    tokenRoute(
      { path: 'auth/token/renew-self', fields: { token: 'string', increment: 'seconds' } },
      {
        write: async ({ request, token, values }) => ({
          auth: authJson(await renewToken(services, request, token.presented, values.increment)),
        }),
      },
    ),
    tokenRoute(
      { path: 'auth/token/revoke-self', fields: { token: 'string' } },
      {
        write: async ({ request, token }) => {
          await revokeToken(services, request, token.presented);
          return undefined;
        },
      },
    ),
  ];
}

/** About a token that the body names: whoever has it may know of it, and end it. */
function otherRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      { path: 'auth/token/lookup', fields: { token: 'string' } },
      {
        write: async ({ request, token, values }) =>
          lookup(await lookUpToken(services, request, given(values) ?? token.presented)),
      },
    ),
    tokenRoute(
      { path: 'auth/token/renew', fields: { token: 'string', increment: 'seconds' } },
      {
        write: async ({ request, values }) => ({
          auth: authJson(await renewToken(services, request, named(values), values.increment)),
        }),
      },
    ),
    tokenRoute(
      { path: 'auth/token/revoke', fields: { token: 'string' } },
      {
        write: async ({ request, values }) => {
          await revokeToken(services, request, named(values));
          return undefined;
        },
      },
    ),
  ];
}

const createFields = {
  ttl: 'seconds',
  lease: 'seconds',
  explicit_max_ttl: 'seconds',
  renewable: 'bool',
  display_name: 'string',
  policies: 'list',
  type: 'string',
  num_uses: 'int',
  no_parent: 'bool',
  no_default_policy: 'bool',
  period: 'seconds',
  id: 'string',
  entity_alias: 'string',
} as const;

function createRoute(services: Services): Route {
  return tokenRoute(
    { path: 'auth/token/create', fields: createFields },
    {
      write: async ({ request, token, values }) => {
        requireNoLimits(values);
        const created = await createToken(services, request, token.presented, {
          ttlSeconds: values.ttl ?? values.lease,
          explicitMaxTtlSeconds: values.explicit_max_ttl,
          renewable: values.renewable,
          displayName: values.display_name,
        });
        return { auth: authJson(created) };
      },
    },
  );
}

/**
 * Whoever asks for a token that may do less, or that outlives its parent, must not be given another.
 * @throws LatchkeyError `VAULT_TOKEN_OPTION_UNSUPPORTED`
 */
function requireNoLimits(values: Values<typeof createFields>): void {
  const { type = '', period = 0, id = '', num_uses: uses = 0 } = values;
  const limited =
    (values.policies ?? []).some((policy) => !policies.includes(policy)) ||
    values.no_default_policy === true ||
    values.no_parent === true ||
    uses !== 0 ||
    period !== 0 ||
    id !== '' ||
    (values.entity_alias ?? '') !== '' ||
    !['', 'default', 'service'].includes(type);
  if (limited) throw new LatchkeyError('VAULT_TOKEN_OPTION_UNSUPPORTED');
}

function named(values: { readonly token?: string }): string {
  const token = given(values);
  if (token === undefined) throw new LatchkeyError('PARAMETER_MISSING', { detail: 'missing token ID' });
  return token;
}

function given({ token = '' }: { readonly token?: string }): string | undefined {
  return token === '' ? undefined : token;
}

/** What a login, a renewal or a new token is answered with. */
export function authJson(facts: TokenFacts): Readonly<Record<string, unknown>> {
  return {
    client_token: facts.token,
    accessor: facts.accessor,
    policies,
    token_policies: policies,
    metadata: { username: facts.login },
    lease_duration: facts.ttlSeconds,
    renewable: facts.renewable,
    entity_id: facts.entityId,
    token_type: 'service',
    orphan: !facts.child,
    num_uses: 0,
    mfa_requirement: null,
  };
}

function lookup(facts: TokenFacts): Wrapped {
  return {
    data: {
      id: facts.token,
      accessor: facts.accessor,
      policies,
      path: facts.child ? 'auth/token/create' : `auth/userpass/login/${facts.login}`,
      meta: { username: facts.login },
      display_name: facts.displayName,
      num_uses: 0,
      orphan: !facts.child,
      // What `max_age` of a sign-in is held against.
      creation_time: Math.floor(facts.authenticatedAt / 1_000),
      creation_ttl: facts.creationTtlSeconds,
      expire_time: new Date(facts.expiresAt).toISOString(),
      ttl: facts.ttlSeconds,
      explicit_max_ttl: facts.explicitMaxTtlSeconds,
      entity_id: facts.entityId,
      type: 'service',
      renewable: facts.renewable,
      issue_time: new Date(facts.createdAt).toISOString(),
    },
  };
}
