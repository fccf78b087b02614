/** Sign-ins that wait for a person, as the sign-in pages handle them. */
import type Provider from 'oidc-provider';
import { LatchkeyError } from '../../domain/errors.ts';
import type { AccountView } from '../../domain/accounts/authority.ts';
import { credentialRevisionOf } from '../../domain/provider/identity/credential-revision.ts';
import { roleOfSubjectKey, subjectKeyOf } from '../../domain/provider/identity/subject.ts';
import type { RequestContextOf } from '../context.ts';
import { clientIn, type Issuer } from './exchange.ts';
import { mayRedirect } from './redirect.ts';
import { interactionTtlSeconds } from './times.ts';
import type { PendingSignIn, SignInResult } from './engine-types.ts';
import type { IssuerEngine } from './types.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** @throws LatchkeyError `SIGN_IN_NOT_FOUND` */
export async function findSignIn(
  issuer: Issuer,
  engine: IssuerEngine,
  provider: Provider,
  ctx: RequestContextOf,
  view: AccountView,
  uid: string,
): Promise<PendingSignIn> {
  const interaction = await interactionOf(provider, ctx, uid);
  const { params, prompt, session } = interaction;
  const client = clientIn(issuer, view, textOf(params['client_id']) ?? '');
  if (client === undefined || interaction.result !== undefined)
    throw notFound('its client is gone, or it is done');
  const role = session?.accountId === undefined ? undefined : roleOfSubjectKey(view.state, session.accountId);
  const redirectUri = textOf(params['redirect_uri']) ?? '';
  if (!mayRedirect(issuer.spec, client, redirectUri))
    throw notFound('its redirect URI is not registered any more');
  const loginHint = textOf(params['login_hint']);
  const uiLocales = textOf(params['ui_locales']);
  return {
    uid,
    issuer: engine,
    client,
    prompt: prompt.name === 'consent' ? 'consent' : 'login',
    reasons: prompt.reasons,
    scopes: (textOf(params['scope']) ?? '').split(' ').filter((scope) => scope !== ''),
    redirectUri,
    ...(loginHint === undefined ? {} : { loginHint }),
    ...(uiLocales === undefined ? {} : { uiLocales }),
    ...(role === undefined ? {} : { role }),
  };
}

/**
 * Keeps how a sign-in page ended, and answers where the browser goes from there: the issuer's resumption.
 * @throws LatchkeyError `SIGN_IN_NOT_FOUND`
 */
export async function finishSignIn(
  issuer: Issuer,
  provider: Provider,
  ctx: RequestContextOf,
  pending: PendingSignIn,
  result: SignInResult,
): Promise<string> {
  const interaction = await interactionOf(provider, ctx, pending.uid);
  if (interaction.result !== undefined) throw notFound('it is done');
  const before = { ...interaction.lastSubmission };
  switch (result.kind) {
    case 'signed-in':
      await endOtherSession(issuer, interaction, subjectKeyOf(result.role));
      interaction.result = { ...before, ...(await signedIn(issuer, result)) };
      break;
    case 'consented':
      interaction.result = { ...before, consent: { grantId: await agreed(provider, interaction) } };
      break;
    case 'denied':
      interaction.result = { error: 'access_denied', error_description: 'access is denied' };
      break;
  }
  await interaction.save(interactionTtlSeconds);
  return interaction.returnTo;
}

async function signedIn(
  { services, account }: Issuer,
  { role, attributes, methods, credentialRevision }: SignInResult & { readonly kind: 'signed-in' },
) {
  return {
    credentialRevision: credentialRevision ?? (await credentialRevisionOf(services, account, role)),
    login: {
      accountId: subjectKeyOf(role),
      ts: Math.floor(services.clock.now() / 1_000),
      ...(methods === undefined ? {} : { amr: [...methods] }),
    },
    ...(attributes === undefined ? {} : { attributes }),
  };
}

/** Somebody else signs in: the session of whoever was there before ends, and a new one begins. */
async function endOtherSession(
  { artifacts }: Issuer,
  interaction: Interaction,
  subjectKey: string,
): Promise<void> {
  const { session } = interaction;
  if (session === undefined || session.accountId === subjectKey) return;
  await artifacts.remove('Session', session.cookie);
  delete interaction.session;
}

/** Agreement is to what was asked for, and adds to what was agreed to before. */
async function agreed(provider: Provider, interaction: Interaction): Promise<string> {
  const { grantId, params, session } = interaction;
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const clientId = textOf(params['client_id']) ?? '';
  const accountId = session?.accountId ?? '';
  const grant = known ?? new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(textOf(params['scope']) ?? '');
  return grant.save();
}

async function interactionOf(provider: Provider, ctx: RequestContextOf, uid: string): Promise<Interaction> {
  let interaction: Interaction;
  try {
    interaction = await provider.interactionDetails(ctx.req, ctx.res);
  } catch (error) {
    if (error instanceof LatchkeyError) throw error;
    throw notFound('this browser did not begin it, or it has expired', error);
  }
  if (interaction.uid !== uid) throw notFound('it is another sign-in of this browser');
  return interaction;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function notFound(detail: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('SIGN_IN_NOT_FOUND', { detail, cause });
}
