/** The pages that the engine asks for, where it cannot answer with a redirect. */
import type { Pages } from '../engine/engine-types.ts';
import { goOn } from './go-on.ts';
import { message, signOutForm } from '../pages/forms.ts';
import { answerPage, formTargetOf } from '../pages/page.ts';

export const pages: Pages = {
  problem: (ctx, { error, description, status, purpose }) => {
    const signOut = purpose === 'sign-out';
    answerPage(ctx, {
      title: signOut ? 'You cannot sign out' : 'You cannot sign in',
      content: message(
        `The application asked for a ${signOut ? 'sign-out' : 'sign-in'} that is not possible. Go back to it and try again, or tell those who run it:`,
        `${error}: ${description}`,
        `Request ${ctx.state.request.requestId}`,
      ),
      status,
    });
  },
  confirmLogout: (ctx, { action, fields, postLogoutRedirectUri }) => {
    answerPage(ctx, {
      title: 'Sign out',
      content: signOutForm(action, fields),
      formTargets: formTargetOf(postLogoutRedirectUri),
    });
  },
  goOn,
  loggedOut: (ctx, _client, stayed) => {
    const title = stayed ? 'You are still signed in' : 'You are signed out';
    answerPage(ctx, { title, content: message('You can close this page.') });
  },
};
