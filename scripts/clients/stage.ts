/** A service with somebody to sign in, and what the clients of its OpenID Provider take. */
import assert from 'node:assert/strict';
import { startTestService, type TestService } from '../../test/support/service.ts';
import {
  alicePassword,
  dataOf,
  identityWorld,
  vault,
  type IdentityWorld,
} from '../../test/support/vault-identity.ts';

/** A client of a provider of its own. */
export interface RelyingParty {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Stage {
  readonly service: TestService;
  readonly world: IdentityWorld;
  /** What programs need to know, as they find it in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Registers a client for alice. */
  register(name: string, redirectUri: string, type?: 'confidential' | 'public'): Promise<RelyingParty>;
}

export async function openStage(): Promise<Stage> {
  const service = await startTestService();
  const world = await identityWorld(service);
  const write = async (path: string, body: unknown): Promise<void> => {
    const answer = await vault(service, 'POST', `identity/oidc/${path}`, { token: world.admin, body });
    assert.ok(answer.status < 300, `${path}: ${answer.text}`);
  };
  await write('key/clients', { allowed_client_ids: '*', algorithm: 'RS256' });
  await write('scope/user', {
    template: '{ "username": {{identity.entity.name}}, "groups": {{identity.entity.groups.names}} }',
  });
  const alice = dataOf(await vault(service, 'GET', 'identity/entity/name/alice', { token: world.admin }))[
    'id'
  ];
  await write('assignment/alice', { entity_ids: [alice] });
  return {
    service,
    world,
    environment: {
      URL: service.url,
      ADMIN_KEY: service.adminKey,
      HOST_KEY: world.keys['apps/app1'] ?? '',
      LOGIN: 'alice',
      PASSWORD: alicePassword,
    },
    register: async (name, redirectUri, type = 'confidential') => {
      await write(`client/${name}`, {
        key: 'clients',
        redirect_uris: [redirectUri],
        assignments: ['alice'],
        client_type: type,
      });
      const path = `identity/oidc/client/${name}`;
      const { client_id: clientId, client_secret: clientSecret = '' } = dataOf(
        await vault(service, 'GET', path, { token: world.admin }),
      ) as { readonly client_id: string; readonly client_secret?: string };
      await write(`provider/${name}`, { allowed_client_ids: [clientId], scopes_supported: ['user'] });
      const issuer = `${service.url}/v1/identity/oidc/provider/${name}`;
      return { issuer, clientId, clientSecret };
    },
  };
}
