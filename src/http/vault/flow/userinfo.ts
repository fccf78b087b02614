/** The UserInfo endpoint (OpenID Connect Core section 5.3). */
import { roleOfSubjectKey, identifierOf } from '../../../domain/provider/identity/subject.ts';
import { auditedDecision } from '../../../domain/provider/vault/flow/audited-decision.ts';
import { clientIn, mayUse } from '../../../domain/provider/vault/flow/lookup.ts';
import { isRefusal, type FlowError, type Refusal } from '../../../domain/provider/vault/flow/refusal.ts';
import { claimsConflict, claimsOfRole } from '../../../domain/provider/vault/flow/scope-claims.ts';
import { refuseUserinfo, type PresentedToken } from '../../../domain/provider/vault/flow/userinfo-checks.ts';
import { LatchkeyError } from '../../../domain/errors.ts';
import type { RequestContextOf } from '../../context.ts';
import type { FoundAccessToken } from '../../engine/types.ts';
import type { Raw } from '../envelope.ts';
import type { Fields } from '../fields.ts';
import { openRoute, type Call, type Route } from '../routing.ts';
import { presentedToken } from '../token.ts';
import { issuerNamed, type FlowServices, type Issuer } from './issuer.ts';
import { maxFlowBodyBytes } from './reply.ts';

/** What userinfo tells: the claims. */
interface Told {
  readonly claims: Readonly<Record<string, unknown>>;
}

export function userinfoRoutes(flow: FlowServices): readonly Route[] {
  const path = 'identity/oidc/provider/:name/userinfo';
  const handle = ({ ctx, captured }: Pick<Call<Fields>, 'ctx' | 'captured'>): Promise<Raw> =>
    answer(flow, ctx, captured['name'] ?? '');
  return [
    openRoute(
      { path, access: 'bearer', anyOrigin: true, maxBodyBytes: maxFlowBodyBytes, fields: {} },
      { read: handle, write: handle },
    ),
  ];
}

const statuses: Partial<Record<FlowError, number>> = {
  invalid_token: 401,
  access_denied: 403,
  server_error: 500,
};

async function answer(flow: FlowServices, ctx: RequestContextOf, name: string): Promise<Raw> {
  const issuer = await issuerNamed(flow, name);
  const presented = presentedToken(ctx.req.headers);
  const found =
    presented === undefined || issuer === undefined
      ? undefined
      : await issuer.engine.findAccessToken(issuer.view, presented.token);
  const role = issuer && found && roleOf(issuer, found);
  const decision = await auditedDecision<Told>(
    flow.services,
    ctx.state.request,
    () => ({
      operation: 'userinfo',
      role: role?.role ?? 'unknown',
      client: found?.clientId ?? '',
      issuer: issuer?.issuer ?? '',
      ...(found === undefined ? {} : { scope: found.scopes.join(' ') }),
    }),
    async () => decide(flow, issuer, found, presented),
  );
  return isRefusal(decision) ? refused(decision) : { raw: decision.claims };
}

function roleOf({ view }: Issuer, { subjectKey }: FoundAccessToken): ReturnType<typeof roleOfSubjectKey> {
  return subjectKey === undefined ? undefined : roleOfSubjectKey(view.state, subjectKey);
}

function decide(
  { services }: FlowServices,
  issuer: Issuer | undefined,
  found: FoundAccessToken | undefined,
  presented: ReturnType<typeof presentedToken>,
): Told | Refusal {
  const token = kindOf(issuer, found, presented);
  const role = issuer && found && roleOf(issuer, found);
  const client = issuer && clientIn(issuer.view, found?.clientId);
  const scopes = found?.scopes ?? [];
  const refusal = refuseUserinfo({
    token,
    entity: token === 'issued' && issuer !== undefined && role === undefined ? 'gone' : 'there',
    provider: issuer?.provider,
    client,
    assigned:
      issuer !== undefined && role !== undefined && client !== undefined && mayUse(issuer.view, role, client),
    conflict: issuer !== undefined && claimsConflict(issuer.view, issuer.provider, scopes),
  });
  if (refusal !== undefined) return refusal;
  if (issuer === undefined || role === undefined) {
    throw new LatchkeyError('INTERNAL', { detail: 'a token that no check refused tells of nobody' });
  }
  const nowSeconds = Math.floor(services.clock.now() / 1_000);
  const claims = claimsOfRole(issuer.view, issuer.provider, scopes, { role, nowSeconds });
  return { claims: { ...claims, sub: identifierOf(role) } };
}

/** A provider that is gone took what it knew of its tokens with it: one of the right form is taken for one of those. */
function kindOf(
  issuer: Issuer | undefined,
  found: FoundAccessToken | undefined,
  presented: ReturnType<typeof presentedToken>,
): PresentedToken['token'] {
  if (presented === undefined) return 'absent';
  if (issuer === undefined) return presented.token.startsWith('b.') ? 'issued' : 'absent';
  if (found === undefined) return 'absent';
  if (presented.byVaultHeader) return 'header';
  return found.subjectKey === undefined ? 'other' : 'issued';
}

/** RFC 6750 section 3.1, as far as Vault has it: no challenge where the token is good and something else is not. */
function refused({ refused: error, description }: Refusal): Raw {
  const challenged = error === 'invalid_token' || error === 'invalid_request';
  const challenge = `Bearer error="${error}",error_description="${description}"`;
  return {
    raw: { error, error_description: description },
    status: statuses[error] ?? 400,
    headers: challenged ? { 'WWW-Authenticate': challenge } : {},
  };
}
