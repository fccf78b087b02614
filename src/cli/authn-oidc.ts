import type { Command } from 'commander';
import { plain, refusal } from './answers.ts';
import { addCommand, addGroup, outputOf } from './command.ts';
import { writeCredentials } from './credentials.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import { tokenOf, withSession } from './session.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine } from './terminal.ts';

interface LoginOptions {
  readonly serviceId: string;
  readonly idTokenFile: string;
}

export function addAuthnOidc(program: Command, terminal: Terminal): void {
  const group = addGroup(program, 'authn-oidc', 'Authenticate with OpenID Connect.');
  addCommand(group, 'login', 'Exchange an ID token for an access token, and keep that until it expires.')
    .requiredOption('-i, --service-id <id>', 'the service: okta for the authenticator authn-oidc/okta')
    .requiredOption('-f, --id-token-file <file>', 'a file with the ID token; - for standard input')
    .action((options: LoginOptions, command: Command) => login(terminal, options, command));
}

/** What was kept before stays when the exchange fails. */
async function login(terminal: Terminal, options: LoginOptions, command: Command): Promise<void> {
  const idToken = (await readNamedFile(terminal, options.idTokenFile)).toString('utf8').trim();
  if (idToken === '') throw new CommandError('usage', 'the ID token is empty');
  const action = `log in by authn-oidc/${options.serviceId}`;
  await withSession(terminal, async (session) => {
    const answer = await session.send({
      method: 'POST',
      path: ['authn-oidc', options.serviceId, session.account, 'authenticate'],
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-encoding': 'base64' },
      body: new URLSearchParams({ id_token: idToken }).toString(),
    });
    if (answer.status !== 200) {
      throw refusal(action, answer, {
        401:
          'The ID token is not accepted (expired, for another audience, or for a user that is not defined), or the ' +
          "authenticator is not enabled. The server's audit log says which",
        403: 'The user of the ID token may not use this authenticator',
      });
    }
    const token = tokenOf(action, answer);
    // By this machine's clock, which need not agree with the server's.
    const expiresAt = Math.floor(Date.now() / 1_000) + token.lifetimeSeconds;
    await writeCredentials(terminal, session.settings, {
      kind: 'access-token',
      login: token.login,
      token: token.base64,
      expires_at: expiresAt,
    });
    const expires = new Date(expiresAt * 1_000).toISOString();
    if (outputOf(command) === 'json') {
      printJson(terminal, { account: session.account, login: token.login, expires_at: expires });
    } else {
      printLine(
        terminal,
        `Logged in to account ${session.account} as ${plain(token.login)} until ${expires}`,
      );
    }
  });
}
