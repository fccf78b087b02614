/** Which face serves a request: the first segment of its path says so. Conjur's has all the rest. */
import type { Middleware } from 'koa';
import type { Services } from '../domain/services.ts';
import type { Log } from '../log.ts';
import { akamaiFace, isCustomerPath } from './akamai/face.ts';
import { akeylessCallFaces, akeylessIssuerFace } from './akeyless/face.ts';
import type { RequestState } from './context.ts';
import { openEngine } from './engine/engine.ts';
import { signInFace } from './provider/face.ts';
import { vaultFace } from './vault/face.ts';
import { providerPages } from './vault/flow/page.ts';

type Face = Middleware<RequestState>;

/** The faces of the OpenID Provider; a path that is none of theirs goes on to the next middleware. */
export function providerFaces(services: Services, log: Log): Face {
  const engine = openEngine(services, log);
  const akamai = akamaiFace(services, engine);
  const bySegment = new Map<string, Face>([
    ...akeylessCallFaces(services),
    ['oidc', akeylessIssuerFace(services, engine)],
    ['v1', vaultFace(services, engine)],
    ['ui', providerPages({ services, engine })],
    ['akamai', akamai],
    ['sign-in', signInFace(services, engine)],
  ]);
  // Not async: every request of Conjur's API passes here, and a promise more is felt there.
  return (ctx, next): Promise<unknown> => {
    const { path } = ctx;
    const face = bySegment.get(firstSegment(path)) ?? (isCustomerPath(path) ? akamai : undefined);
    return (face === undefined ? next() : face(ctx, next)) as Promise<unknown>;
  };
}

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return end === -1 ? path.slice(1) : path.slice(1, end);
}
