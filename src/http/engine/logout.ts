/** What a logout ends besides the session itself, and who is told. */
import { randomUUID } from 'node:crypto';
import { audited } from '../../domain/audited.ts';
import { occurrence } from '../../domain/occurrence.ts';
import { sign, signingPairIn } from '../../domain/provider/engine/sign.ts';
import { roleOfSubjectKey } from '../../domain/provider/identity/subject.ts';
import type { ClientRecord } from '../../domain/provider/registry/records.ts';
import type { RoleRow } from '../../domain/records/rows.ts';
import { scopesOf, subjectOf } from './authorization.ts';
import { currentExchange, type Exchange, type Issuer } from './exchange.ts';

const logoutTokenTtlSeconds = 120;
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Tells a client that a session has ended, by a logout token signed with the client's key. That it could not be
 * told is audited; the logout itself has a record of its own.
 * @throws LatchkeyError `LOGOUT_UNDELIVERED`, `AUDIT_UNAVAILABLE`
 * @see OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.5
 */
export async function tellOfLogout(
  issuer: Issuer,
  client: ClientRecord,
  subjectKey: string,
  sid: string,
): Promise<void> {
  const { spec, services } = issuer;
  const { backchannelLogoutUri } = client;
  const exchange = currentExchange();
  if (backchannelLogoutUri === undefined || exchange === undefined) return;
  const role = roleOfSubjectKey(exchange.view.state, subjectKey);
  await audited(
    services.audit,
    (failure) =>
      failure === undefined
        ? undefined
        : {
            type: 'oidc-provider',
            ...occurrence(services, exchange.request, failure),
            operation: 'logout',
            role: role?.role ?? 'unknown',
            client: client.clientId,
            issuer: spec.issuer,
          },
    async () => {
      const token = await logoutToken(issuer, exchange, client, role, sid);
      await services.logouts.deliver(backchannelLogoutUri, token);
    },
  );
}

async function logoutToken(
  { spec, services }: Issuer,
  exchange: Exchange,
  client: ClientRecord,
  role: RoleRow | undefined,
  sid: string,
): Promise<string> {
  const { view } = exchange;
  const authorization = { client, scopes: [], audiences: [], attributes: exchange.attributes ?? {} };
  const sub = role === undefined ? {} : { sub: subjectOf(spec, view, { ...authorization, role }) };
  const iat = Math.floor(services.clock.now() / 1_000);
  return sign(await signingPairIn(services, view, client.key), {
    header: { typ: 'logout+jwt' },
    claims: {
      iss: spec.issuer,
      aud: client.clientId,
      iat,
      exp: iat + logoutTokenTtlSeconds,
      jti: randomUUID(),
      sid,
      ...sub,
      events: { [logoutEvent]: {} },
    },
  });
}

/**
 * Revokes what a session's authorizations came to, but for what was to outlive it.
 * @see OpenID Connect Core section 11: `offline_access`
 */
export async function revokeOnline(
  { artifacts }: Issuer,
  authorizations: readonly { readonly grantId?: string | undefined }[],
): Promise<void> {
  const grantIds = authorizations.flatMap(({ grantId }) => (grantId === undefined ? [] : [grantId]));
  const grants = await artifacts.find(...grantIds.map((grantId) => ['Grant', grantId] as const));
  const online = grantIds.filter((_, index) => {
    const granted = grants[index]?.['openid'] as { readonly scope?: string } | undefined;
    return !scopesOf(granted ?? {}).includes('offline_access');
  });
  await Promise.all(online.map((grantId) => artifacts.revoke(grantId)));
}
