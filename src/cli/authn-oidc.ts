import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { z } from 'zod';
import { plain, readAnswer, refusal } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import type { Answer } from './connection.ts';
import { writeCredentials } from './credentials.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import { listenForCallback } from './loopback-callback.ts';
import { tokenOf, withSession } from './session.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, remark } from './terminal.ts';

interface LoginOptions {
  readonly serviceId: string;
  readonly idTokenFile?: string;
  readonly browser: boolean;
}

/** What the server says of a service that takes authorization codes. */
const providerForm = z.looseObject({
  service_id: z.string(),
  nonce: z.string(),
  code_verifier: z.string().optional(),
  /** Where the user's browser goes: the issuer's authorization endpoint, with its parameters. */
  redirect_uri: z.string(),
});
type OidcProvider = z.output<typeof providerForm>;

const loginTimeoutMs = 5 * 60_000;

export function addAuthnOidc(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'authn-oidc', 'Authenticate with OpenID Connect.');
  addCommand(group, 'login', 'Log in at the issuer, or with an ID token, and keep the access token.')
    .requiredOption('-i, --service-id <id>', 'the service: okta for the authenticator authn-oidc/okta')
    .option(
      '-f, --id-token-file <file>',
      'exchange the ID token in this file, without a browser; - for standard input',
    )
    .option('--no-browser', 'only print the address to log in at')
    .action((options: LoginOptions, command: Command) =>
      withSession(terminal, (session) => login(session, options, command)),
    );
}

/** What was kept before stays when the exchange fails. */
async function login(session: Session, options: LoginOptions, command: Command): Promise<void> {
  const action = `log in by authn-oidc/${options.serviceId}`;
  const answer =
    options.idTokenFile === undefined
      ? await exchangeCode(session, options, action)
      : await exchangeIdToken(session, options.serviceId, options.idTokenFile);
  if (answer.status !== 200) {
    throw refusal(action, answer, {
      400: 'The issuer did not accept the code, or the user is not defined. The audit log of the server says which',
      401:
        'The ID token is not accepted (expired, for another audience, or for a user that is not defined), or the ' +
        "authenticator is not enabled. The server's audit log says which",
      403: 'The user of the ID token may not use this authenticator',
    });
  }
  const token = tokenOf(action, answer);
  // By this machine's clock, which need not agree with the server's.
  const expiresAt = Math.floor(Date.now() / 1_000) + token.lifetimeSeconds;
  await writeCredentials(session.terminal, session.settings, {
    kind: 'access-token',
    login: token.login,
    token: token.base64,
    expires_at: expiresAt,
  });
  const expires = new Date(expiresAt * 1_000).toISOString();
  if (outputOf(command) === 'json') {
    printJson(session.terminal, { account: session.account, login: token.login, expires_at: expires });
  } else {
    printLine(
      session.terminal,
      `Logged in to account ${session.account} as ${plain(token.login)} until ${expires}`,
    );
  }
}

async function exchangeIdToken(session: Session, serviceId: string, file: string): Promise<Answer> {
  const idToken = (await readNamedFile(session.terminal, file)).toString('utf8').trim();
  if (idToken === '') throw new CommandError('usage', 'the ID token is empty');
  return session.send({
    method: 'POST',
    path: ['authn-oidc', serviceId, session.account, 'authenticate'],
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-encoding': 'base64' },
    body: new URLSearchParams({ id_token: idToken }).toString(),
  });
}

/** The authorization code flow (RFC 6749 section 4.1, with PKCE, RFC 7636), by the user's browser. */
async function exchangeCode(session: Session, options: LoginOptions, action: string): Promise<Answer> {
  const provider = await providerOf(session, options.serviceId, action);
  const state = randomBytes(32).toString('base64url');
  const address = new URL(provider.redirect_uri);
  const callback = await listenForCallback(
    address.searchParams.get('redirect_uri') ?? '',
    state,
    loginTimeoutMs,
  );
  try {
    address.searchParams.set('state', state);
    remark(session.terminal, `Log in at this address:\n${address.href}`);
    if (options.browser) await openBrowser(session.terminal, address.href);
    const code = await callback.code;
    const { nonce, code_verifier: verifier } = provider;
    return await session.send({
      method: 'GET',
      path: ['authn-oidc', options.serviceId, session.account, 'authenticate'],
      query: { code, nonce, ...(verifier === undefined ? {} : { code_verifier: verifier }) },
      headers: { 'accept-encoding': 'base64' },
    });
  } finally {
    await callback.close();
  }
}

async function providerOf(session: Session, serviceId: string, action: string): Promise<OidcProvider> {
  const answer = await session.send({ method: 'GET', path: ['authn-oidc', session.account, 'providers'] });
  if (answer.status !== 200) throw refusal(action, answer);
  const providers = readAnswer(action, answer, z.array(providerForm));
  const provider = providers.find((each) => each.service_id === serviceId);
  if (provider === undefined || !isWebAddress(provider.redirect_uri)) {
    throw new CommandError(
      'refused',
      `cannot ${action}: the server offers no such service for logging in with a browser. ` +
        'It needs the variables client-id, client-secret, redirect-uri and claim-mapping. ' +
        'With an ID token at hand use --id-token-file',
    );
  }
  return provider;
}

/** What is handed to the browser must be an address, not a program or a file. */
function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The address is printed already: whoever has no browser here takes it to one elsewhere. */
async function openBrowser(terminal: Terminal, url: string): Promise<void> {
  try {
    await terminal.openBrowser?.(url);
  } catch {
    remark(terminal, 'No browser could be started here.');
  }
}
