/** The protocol endpoints of the providers of Vault's dialect. */
import type { Route } from '../routing.ts';
import { authorizeRoutes } from './authorize.ts';
import { discoveryRoutes } from './discovery.ts';
import { issuerSpec, providerOfIssuer } from './issuer-spec.ts';
import type { FlowServices } from './issuer.ts';
import { tokenRoutes } from './token.ts';
import { tokenStatusRoutes } from './token-status.ts';
import { userinfoRoutes } from './userinfo.ts';

/** Makes the providers known to the engine, for sign-in pages, and declares their endpoints. */
export function flowRoutes(flow: FlowServices): readonly Route[] {
  const { services, engine } = flow;
  engine.register('vault', (view, id) => {
    const provider = providerOfIssuer(view, id);
    return provider && issuerSpec(services, provider);
  });
  return [
    ...discoveryRoutes(services),
    ...authorizeRoutes(flow),
    ...tokenRoutes(flow),
    ...userinfoRoutes(flow),
    ...tokenStatusRoutes(flow),
  ];
}
