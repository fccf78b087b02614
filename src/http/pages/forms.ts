/** The pages on which somebody signs in, consents or signs out. */
import { html, type Html } from './html.ts';

/** Somewhere else to sign in. */
export interface SignInLink {
  readonly name: string;
  readonly href: string;
}

export interface SignInForm {
  /** Where the form goes. */
  readonly action: string;
  readonly cancelAction: string;
  /** Who asks for the sign-in. */
  readonly clientName: string;
  /** What was typed before, or was hinted at. */
  readonly login: string;
  /** Why the last attempt failed, and whether what was typed is to blame. */
  readonly failure?: { readonly text: string; readonly credential: boolean };
  readonly links: readonly SignInLink[];
}

/** Name and password, or an API key in its place, and where else one can sign in. */
export function signInForm({ action, cancelAction, clientName, login, failure, links }: SignInForm): Html {
  const focus = html`autofocus`;
  const invalid = failure && describedBy(failure.credential);
  const [loginFocus, secretFocus] = login === '' ? [focus, undefined] : [undefined, focus];
  const alert = (text: string): Html => html`<p class="failure" id="failure" role="alert">${text}</p>`;
  return html`<p>to continue to <strong>${clientName}</strong></p>
    ${failure && alert(failure.text)}
    <form method="post" action="${action}">
      <label for="login">User name</label>
      <input
        id="login"
        name="login"
        type="text"
        value="${login}"
        maxlength="500"
        required
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        ${loginFocus}
        ${invalid}
      />
      <label for="secret">Password or API key</label>
      <input
        id="secret"
        name="secret"
        type="password"
        maxlength="1024"
        required
        autocomplete="current-password"
        ${secretFocus}
        ${invalid}
      />
      <button type="submit" class="main">Sign in</button>
    </form>
    ${links.length === 0 ? undefined : linkList(links)}
    <form method="post" action="${cancelAction}" class="cancel">
      <button type="submit">Cancel</button>
    </form>`;
}

/** Ties a field to the failure, so that it is read out with the field that gets the focus. */
function describedBy(invalid: boolean): Html {
  return invalid ? html`aria-invalid="true" aria-describedby="failure"` : html`aria-describedby="failure"`;
}

function linkList(links: readonly SignInLink[]): Html {
  const item = ({ name, href }: SignInLink): Html =>
    html`<li><a class="button" href="${href}" rel="nofollow">Sign in with ${name}</a></li>`;
  return html`<h2>or</h2>
    <ul class="links">
      ${links.map(item)}
    </ul>`;
}

export interface ConsentForm {
  readonly action: string;
  readonly clientName: string;
  /** Who is signed in. */
  readonly login: string;
  /** What the client asks for, in words. */
  readonly requests: readonly string[];
  /** The host that the browser goes to afterwards. */
  readonly destination: string;
}

/** Whether the client may have what it asks for. */
export function consentForm({ action, clientName, login, requests, destination }: ConsentForm): Html {
  return html`<p>You are signed in as <strong>${login}</strong>. <strong>${clientName}</strong> asks for:</p>
    <ul class="requests">
      ${requests.map((request) => html`<li>${request}</li>`)}
    </ul>
    <p>You go on to <strong>${destination}</strong>.</p>
    <form method="post" action="${action}">
      <button type="submit" name="decision" value="allow" class="main">Allow</button>
      <button type="submit" name="decision" value="deny">Deny</button>
    </form>`;
}

/** Whether to sign out. @param fields what the form sends beside the answer */
export function signOutForm(action: string, fields: Readonly<Record<string, string>>): Html {
  const hidden = ([name, value]: readonly [string, string]): Html =>
    html`<input type="hidden" name="${name}" value="${value}" />`;
  return html`<p>Do you want to sign out?</p>
    <form method="post" action="${action}">
      ${Object.entries(fields).map(hidden)}
      <button type="submit" name="logout" value="yes" class="main">Sign out</button>
      <button type="submit">Stay signed in</button>
    </form>`;
}

/** Where the browser is about to go by itself. */
export function wayOn(href: string): Html {
  return html`<p>If nothing happens:</p>
    <p><a class="button" href="${href}">Continue</a></p>`;
}

/** Something to read and nothing to do. */
export function message(...paragraphs: readonly string[]): Html {
  return html`${paragraphs.map((text) => html`<p>${text}</p>`)}`;
}
