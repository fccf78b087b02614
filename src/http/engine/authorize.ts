/** The authorization endpoint (OpenID Connect Core section 3.1.2), and the way back to it from a sign-in page. */
import { throughLibrary } from './bridge.ts';
import { hashedChallenge } from './codes.ts';
import { libraryRoutes } from './library.ts';
import { pageParameters } from './parameters.ts';
import type { Serving } from './serving.ts';
import type { PageProblem } from './engine-types.ts';

/** What pkce needs of a challenge (RFC 7636 section 4.2). */
const challengeForm = /^[\w.~-]{43,128}$/;

/** GET and POST are the same (section 3.1.2.1): the parameters of a POST go on as a query. */
export async function serveAuthorization(serving: Serving): Promise<void> {
  const { ctx, exchange } = serving;
  const parameters = await pageParameters(ctx);
  exchange.clientId = (parameters.get('client_id') ?? '').slice(0, 256);
  refuseFormPost(parameters);
  if (serving.issuer.spec.plainCodeChallenges === true) hashPlainChallenge(parameters);
  await answerPage(serving, libraryRoutes.authorization, parameters.toString());
}

/** `{authorization endpoint}/{uid}`, where a sign-in page sends the browser when it is done. */
export async function serveResume(serving: Serving): Promise<void> {
  const uid = serving.ctx.path.split('/').at(-1) ?? '';
  await answerPage(serving, `${libraryRoutes.authorization}/${encodeURIComponent(uid)}`, '');
}

/** The library answers by a page that sends itself, for which it needs a script: no page here may have one. */
function refuseFormPost(parameters: URLSearchParams): void {
  if (parameters.getAll('response_mode').includes('form_post'))
    parameters.set('response_mode', 'form_post-is-not-supported');
}

/** The library knows S256 alone; the hash of a plain challenge is met by the same verifier and by no other. */
function hashPlainChallenge(parameters: URLSearchParams): void {
  const challenge = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method') ?? '';
  if (challenge === null || (method !== 'plain' && method !== '')) return;
  if (!challengeForm.test(challenge) || parameters.getAll('code_challenge').length > 1) return;
  parameters.set('code_challenge', hashedChallenge(challenge));
  parameters.set('code_challenge_method', 'S256');
}

async function answerPage(serving: Serving, path: string, query: string): Promise<void> {
  const { ctx, provider, issuer, exchange } = serving;
  await throughLibrary(provider, ctx, { method: 'GET', path, query }, issuer.spec.origin);
  const { oidc } = ctx as unknown as { readonly oidc?: LibraryContext };
  exchange.clientId = oidc?.client?.clientId ?? exchange.clientId;
  // Somebody is asked to sign in: nothing is decided yet.
  if (exchange.failure === undefined && oidc?.entities?.['AuthorizationCode'] === undefined)
    exchange.undecided = true;
  if (ctx.status === 303 || ctx.status === 302) {
    ctx.status = 303;
    ctx.body = '';
    return;
  }
  await showProblem(serving);
}

interface LibraryContext {
  readonly client?: { readonly clientId: string };
  readonly entities?: Readonly<Record<string, unknown>>;
}

/** What the library would say is said by a page, with no more than its `error` and description. */
export async function showProblem({ ctx, issuer }: Serving, purpose?: PageProblem['purpose']): Promise<void> {
  const { error, error_description: description } = ctx.body as {
    error?: string;
    error_description?: string;
  };
  if (error === undefined) return;
  const { status } = ctx;
  const problem = { error, description: description ?? 'The request failed', status };
  await issuer.pages().problem(ctx, purpose === undefined ? problem : { ...problem, purpose });
  ctx.status = status;
}
