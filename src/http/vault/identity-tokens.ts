/** The paths of identity tokens: their issuer, their roles, the tokens, and what verifies them. */
import { showIssuer, writeIssuer } from '../../domain/provider/vault/config.ts';
import {
  identityTokenDiscovery,
  identityTokenKeys,
  issueIdentityToken,
} from '../../domain/provider/vault/identity-tokens.ts';
import { introspect } from '../../domain/provider/vault/introspect.ts';
import { identityTokenRoles, writeRole } from '../../domain/provider/vault/roles.ts';
import type { Services } from '../../domain/services.ts';
import { objectRoutes } from './objects.ts';
import { openRoute, tokenRoute, type Route } from './routing.ts';

const maxIntrospectBodyBytes = 128 * 1024;
/** Keys rotate once a minute at the fastest, and the next one is published ahead. */
const jwksMaxAgeSeconds = 60;
const discoveryMaxAgeSeconds = 60 * 60;

/** `identity/oidc/{config,role,token,introspect,.well-known}`. */
export function identityTokenRoutes(services: Services): readonly Route[] {
  return [
    configRoute(services),
    ...roleRoutes(services),
    ...tokenRoutes(services),
    ...publicRoutes(services),
  ];
}

function configRoute(services: Services): Route {
  return tokenRoute(
    { path: 'identity/oidc/config', fields: { issuer: 'string' } },
    {
      read: async ({ request }) => {
        const issuer = await showIssuer(services, request);
        const warnings = ['No issuer is set: tokens name the address of this service'];
        return { data: { issuer }, ...(issuer === '' ? { warnings } : {}) };
      },
      write: async ({ request, values }) => {
        const issuer = await writeIssuer(services, request, values.issuer);
        if (issuer === '') return undefined;
        return { warnings: ['Tokens name the issuer set here; whoever validates them must reach it there'] };
      },
    },
  );
}

function roleRoutes(services: Services): readonly Route[] {
  return objectRoutes(services, identityTokenRoles, {
    path: 'identity/oidc/role',
    fields: { key: 'string', template: 'string', ttl: 'seconds', client_id: 'string' },
    shown: ({ key, template, ttlSeconds, clientId }) => ({
      key,
      template,
      ttl: ttlSeconds,
      client_id: clientId,
    }),
    write: (request, name, { key, template, ttl: ttlSeconds, client_id: clientId }) =>
      writeRole(services, request, name, { key, template, ttlSeconds, clientId }),
  });
}

function tokenRoutes(services: Services): readonly Route[] {
  return [
    tokenRoute(
      { path: 'identity/oidc/token/:name', fields: {} },
      {
        read: async ({ request, captured: { name = '' } }) => {
          const { token, clientId, ttlSeconds } = await issueIdentityToken(services, request, name);
          return { data: { token, client_id: clientId, ttl: ttlSeconds } };
        },
      },
    ),
    tokenRoute(
      {
        path: 'identity/oidc/introspect',
        fields: { token: 'string', client_id: 'string' },
        maxBodyBytes: maxIntrospectBodyBytes,
      },
      {
        write: async ({ request, values: { token = '', client_id: clientId = '' } }) => ({
          raw: { ...(await introspect(services, request, { token, clientId })) },
        }),
      },
    ),
  ];
}

function publicRoutes(services: Services): readonly Route[] {
  return [
    openRoute(
      {
        path: 'identity/oidc/.well-known/openid-configuration',
        access: 'public',
        fields: {},
        anyOrigin: true,
      },
      {
        read: async () => ({
          raw: await identityTokenDiscovery(services),
          headers: { 'Cache-Control': `max-age=${String(discoveryMaxAgeSeconds)}` },
        }),
      },
    ),
    openRoute(
      { path: 'identity/oidc/.well-known/keys', access: 'public', fields: {}, anyOrigin: true },
      {
        read: async () => ({
          raw: { keys: await identityTokenKeys(services) },
          headers: { 'Cache-Control': `max-age=${String(jwksMaxAgeSeconds)}` },
        }),
      },
    ),
  ];
}
