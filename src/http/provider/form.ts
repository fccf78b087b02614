/** The sign-in form, as it is shown at first and after an attempt that failed. */
import { signInServices } from '../../domain/provider/sign-in/by-code-service.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { signInForm } from '../pages/forms.ts';
import { answerPage, formTargetOf } from '../pages/page.ts';
import { callbackPath, type PendingView } from './pending.ts';

/** What went wrong with an attempt, as the form says it. */
export interface FailedAttempt {
  readonly status: number;
  readonly text: string;
  /** What was typed. */
  readonly login?: string;
  /** Whether what was typed is to blame. */
  readonly credential?: boolean;
  readonly retryAfterSeconds?: number;
}

export async function showSignIn(
  services: Services,
  ctx: RequestContextOf,
  { view, pending, path }: PendingView,
  failed?: FailedAttempt,
): Promise<void> {
  const callback = `${pending.issuer.spec.origin}${callbackPath}`;
  const found = await signInServices(services, ctx.state.request, view.state, callback);
  const content = signInForm({
    action: path,
    cancelAction: `${path}/cancel`,
    clientName: pending.client.name,
    login: failed?.login ?? pending.loginHint ?? '',
    ...(failed === undefined
      ? {}
      : { failure: { text: failed.text, credential: failed.credential === true } }),
    links: found.map(({ serviceId, name }) => ({
      name,
      href: `${path}/with/${encodeURIComponent(serviceId)}`,
    })),
  });
  if (failed?.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(failed.retryAfterSeconds));
  answerPage(ctx, {
    title: 'Sign in',
    content,
    formTargets: formTargetOf(pending.redirectUri),
    failed: failed !== undefined,
    ...(failed === undefined ? {} : { status: failed.status }),
  });
}
