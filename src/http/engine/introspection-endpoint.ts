/** Asking about tokens (RFC 7662) and revoking them (RFC 7009). */
import { subjectOf } from './authorization.ts';
import { throughLibrary } from './bridge.ts';
import { libraryRoutes } from './library.ts';
import { formParameters } from './parameters.ts';
import type { Serving } from './serving.ts';
import { aliasOf } from './token-alias.ts';
import { noteClient } from './token-endpoint.ts';

export async function serveIntrospection(serving: Serving): Promise<void> {
  await aboutToken(serving, libraryRoutes.introspection);
  const { ctx, issuer, exchange } = serving;
  const { introspected, view } = exchange;
  const body = ctx.body as { active?: unknown; sub?: string; jti?: unknown } | undefined;
  if (body?.active !== true || introspected === undefined) return;
  // What the library calls by its name is the token itself.
  const members = Object.entries(body).filter(([member]) => member !== 'jti');
  ctx.body = { ...Object.fromEntries(members), sub: subjectOf(issuer.spec, view, introspected) };
}

/** Answers 200 whether or not there was such a token. */
export async function serveRevocation(serving: Serving): Promise<void> {
  const { ctx, provider, issuer } = serving;
  if (ctx.method === 'OPTIONS') {
    const preflight = { method: 'OPTIONS', path: libraryRoutes.revocation } as const;
    await throughLibrary(provider, ctx, preflight, issuer.spec.origin);
    return;
  }
  await aboutToken(serving, libraryRoutes.revocation);
}

async function aboutToken({ ctx, provider, issuer, exchange }: Serving, path: string): Promise<void> {
  const parameters = await formParameters(ctx);
  noteClient(ctx, exchange, parameters);
  for (const token of parameters.getAll('token').slice(0, 1)) parameters.set('token', aliasOf(token));
  await throughLibrary(
    provider,
    ctx,
    { method: 'POST', path, form: parameters.toString() },
    issuer.spec.origin,
  );
}
