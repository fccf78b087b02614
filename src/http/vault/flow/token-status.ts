/** Introspection and revocation of tokens by the clients that have them (RFC 7662, RFC 7009). */
import { clientIn } from '../../../domain/provider/vault/flow/lookup.ts';
import type { Raw } from '../envelope.ts';
import { openRoute, type Call, type Route } from '../routing.ts';
import { servedByEngine } from './by-engine.ts';
import { issuerNamed, type FlowServices } from './issuer.ts';
import { presentedClient } from './presented-client.ts';
import { maxFlowBodyBytes, refusedToken } from './reply.ts';

const fields = {
  token: 'string',
  token_type_hint: 'string',
  client_id: 'string',
  client_secret: 'string',
} as const;

/** Not in Vault, whose tokens of this kind cannot be revoked. */
export function tokenStatusRoutes(flow: FlowServices): readonly Route[] {
  const route = (segment: string, endpoint: 'introspection' | 'revocation'): Route =>
    openRoute(
      {
        path: `identity/oidc/provider/:name/${segment}`,
        access: 'public',
        anyOrigin: endpoint === 'revocation',
        maxBodyBytes: maxFlowBodyBytes,
        fields,
      },
      { write: (call) => answer(flow, call, endpoint) },
    );
  return [route('introspect', 'introspection'), route('revoke', 'revocation')];
}

async function answer(
  flow: FlowServices,
  { ctx, captured, values }: Call<typeof fields>,
  endpoint: 'introspection' | 'revocation',
): Promise<Raw> {
  const issuer = await issuerNamed(flow, captured['name'] ?? '');
  if (issuer === undefined) {
    const reason = 'there is no such provider';
    return refusedToken({ refused: 'invalid_request', description: 'the provider is unknown', reason });
  }
  const presented = presentedClient(ctx.req.headers.authorization, values);
  const client = clientIn(issuer.view, presented?.clientId);
  return servedByEngine(issuer.engine, ctx, endpoint, { client, presented }, values);
}
