/** The sign-in that a page is about, and what every page of it checks. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { AccountView } from '../../domain/accounts/authority.ts';
import { recordingRefusals, type SignInFacts } from '../../domain/provider/sign-in/recorded.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import type { Engine, PendingSignIn } from '../engine/engine-types.ts';
import { goOn } from './go-on.ts';
import type { PageRoute } from './page-route.ts';

/** Below this are all pages of one sign-in; its cookie is sent nowhere else. */
export const signInPath = '/sign-in/:issuer/:uid';

/** Where the issuers of authn-oidc services send the browser back to. */
export const callbackPath = '/sign-in/callback';

const maxFormBytes = 16 * 1024;

export interface PendingView {
  readonly view: AccountView;
  readonly pending: PendingSignIn;
  /** The path of the sign-in's first page. */
  readonly path: string;
}

/**
 * The pending sign-in that a request is about, if the browser that sends it began it.
 * @throws LatchkeyError `SIGN_IN_NOT_FOUND`
 */
export async function pendingOf(
  services: Pick<Services, 'authority' | 'settings'>,
  engine: Engine,
  ctx: RequestContextOf,
  params: Readonly<Record<string, string>>,
): Promise<PendingView> {
  const { issuer = '', uid = '' } = params;
  const view = await services.authority.read(services.settings.account, []);
  const pending = await engine.interaction(ctx, view, issuer, uid);
  return { view, pending, path: `/sign-in/${encodeURIComponent(issuer)}/${encodeURIComponent(uid)}` };
}

/** What is recorded of a sign-in that is refused. */
export function factsOf({ client, issuer, role }: PendingSignIn): Partial<SignInFacts> {
  return {
    client: client.clientId,
    issuer: issuer.spec.issuer,
    ...(role === undefined ? {} : { role: role.role }),
  };
}

/**
 * A form of a pending sign-in: sent by the browser that began it, from its own page.
 * @throws LatchkeyError `SIGN_IN_NOT_FOUND`, `SIGN_IN_FOREIGN`, `BODY_TOO_LARGE`
 */
export function pendingForm(
  services: Services,
  engine: Engine,
  handle: (ctx: RequestContextOf, shown: PendingView, form: URLSearchParams) => Promise<void>,
): PageRoute[2] {
  return async (ctx, params) => {
    await recordingRefusals(services, ctx.state.request, async (about) => {
      const shown = await pendingOf(services, engine, ctx, params);
      about(factsOf(shown.pending));
      requireOwnForm(ctx, shown.pending.issuer.spec.origin);
      const form = new URLSearchParams((await readBody(ctx, maxFormBytes)).toString());
      await handle(ctx, shown, form);
      goOn(ctx);
    });
  };
}

/**
 * Refuses a form that another site had the browser send. The cookie of the sign-in, which browsers
 * send along with no request of another site but a link that is followed, guards against the same;
 * this holds even where it does not.
 * @throws LatchkeyError `SIGN_IN_FOREIGN`
 * @see Fetch Metadata Request Headers, section 2.3 (Sec-Fetch-Site)
 */
function requireOwnForm(ctx: RequestContextOf, origin: string): void {
  const site = ctx.get('Sec-Fetch-Site');
  const sender = ctx.get('Origin');
  const own = site === '' ? sender === '' || sender === origin : site === 'same-origin';
  if (!own) throw new LatchkeyError('SIGN_IN_FOREIGN');
}
