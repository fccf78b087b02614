/** Signing in by name and password, agreeing, and giving up. */
import { signInByCredential } from '../../domain/provider/sign-in/by-credential.ts';
import { isFailure } from '../../domain/errors.ts';
import { loginOf } from '../../domain/ids.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import type { Engine } from '../engine/engine-types.ts';
import { consentForm } from '../pages/forms.ts';
import { answerPage, formTargetOf } from '../pages/page.ts';
import { showSignIn, type FailedAttempt } from './form.ts';
import { denied, roleRow } from './outcome.ts';
import type { PageRoute } from './page-route.ts';
import { pendingForm, pendingOf, signInPath, type PendingView } from './pending.ts';
import { inWords } from './scopes.ts';

export function signInRoutes(services: Services, engine: Engine): readonly PageRoute[] {
  return [
    ['get', signInPath, getPage(services, engine)],
    ['post', signInPath, postCredential(services, engine)],
    ['post', `${signInPath}/consent`, postConsent(services, engine)],
    ['post', `${signInPath}/cancel`, postCancel(services, engine)],
  ];
}

/** The form that is due: to sign in, or to agree. */
function getPage(services: Services, engine: Engine): PageRoute[2] {
  return async (ctx, params) => {
    const shown = await pendingOf(services, engine, ctx, params);
    if (shown.pending.prompt === 'login') await showSignIn(services, ctx, shown);
    else showConsent(ctx, shown);
  };
}

function showConsent(ctx: RequestContextOf, { pending, path }: PendingView): void {
  const content = consentForm({
    action: `${path}/consent`,
    clientName: pending.client.name,
    login: pending.role === undefined ? '' : loginOf(pending.role.role),
    requests: inWords(pending.scopes),
    destination: destinationOf(pending.redirectUri),
  });
  answerPage(ctx, { title: 'Allow access?', content, formTargets: formTargetOf(pending.redirectUri) });
}

/** Where the browser goes, as people tell places apart: the host, or an application's own scheme. */
function destinationOf(redirectUri: string): string {
  if (!URL.canParse(redirectUri)) return redirectUri;
  const { host, protocol } = new URL(redirectUri);
  return host === '' ? protocol : host;
}

/** Name and password, or API key, of the form. */
function postCredential(services: Services, engine: Engine): PageRoute[2] {
  return pendingForm(services, engine, async (ctx, shown, form) => {
    if (shown.pending.prompt !== 'login') {
      showConsent(ctx, shown);
      return;
    }
    const login = (form.get('login') ?? '').trim();
    const presented = { login, secret: Buffer.from(form.get('secret') ?? '') };
    const { request } = ctx.state;
    try {
      const { role, view } = await signInByCredential(
        services,
        request,
        services.settings.account,
        presented,
      );
      await engine.finishInteraction(ctx, shown.pending, {
        kind: 'signed-in',
        role: await roleRow(services, role),
        credentialRevision: view.credentialRevision,
        attributes: { authenticator: 'authn' },
        methods: ['pwd'],
      });
    } catch (error) {
      const failed = failureOf(error, login);
      if (failed === undefined) throw error;
      await showSignIn(services, ctx, shown, failed);
    }
  });
}

/** Every wrong attempt looks the same; undefined for what is no fault of whoever signs in. */
function failureOf(error: unknown, login: string): FailedAttempt | undefined {
  if (!isFailure(error)) return undefined;
  if (error.code === 'ATTEMPTS_EXCEEDED') {
    const text = 'Too many attempts. Wait a few minutes, then try again.';
    return { status: 429, text, login, retryAfterSeconds: error.retryAfterSeconds ?? 1 };
  }
  if (error.kind !== 'unauthenticated') return undefined;
  return { status: 403, text: 'User name and password do not match.', login, credential: true };
}

function postConsent(services: Services, engine: Engine): PageRoute[2] {
  return pendingForm(services, engine, async (ctx, { pending }, form) => {
    const allowed = pending.prompt === 'consent' && form.get('decision') === 'allow';
    const result = allowed ? { kind: 'consented' as const } : denied('the user did not agree');
    await engine.finishInteraction(ctx, pending, result);
  });
}

function postCancel(services: Services, engine: Engine): PageRoute[2] {
  return pendingForm(services, engine, async (ctx, { pending }) => {
    await engine.finishInteraction(ctx, pending, denied('the user gave up signing in'));
  });
}
