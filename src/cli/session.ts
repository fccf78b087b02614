/**
 * One command's dealings with the server: which server, as whom, with which access token.
 *
 * Who the user is comes from the first of: LATCHKEY_AUTHN_TOKEN_FILE, LATCHKEY_AUTHN_TOKEN,
 * LATCHKEY_AUTHN_LOGIN with LATCHKEY_AUTHN_API_KEY, the credentials file. An access token that an
 * API key gave is kept in memory only.
 */
import { clientVariables } from '../config/client-variables.ts';
import type { AccessToken } from './access-token.ts';
import { authorizationOf, readAccessToken } from './access-token.ts';
import { refusal } from './answers.ts';
import type { Answer, Call } from './connection.ts';
import { Connection } from './connection.ts';
import { readCredentials } from './credentials.ts';
import { CommandError } from './exit-codes.ts';
import { readNamedFile } from './files.ts';
import type { ClientSettings } from './settings.ts';
import { readSettings, variableOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** Who the user is. */
export type Identity =
  | {
      readonly kind: 'api-key';
      readonly login: string;
      readonly apiKey: string;
      readonly source: 'environment' | 'file';
    }
  | { readonly kind: 'access-token'; readonly login: string; readonly base64: string };

export class Session {
  readonly terminal: Terminal;
  readonly settings: ClientSettings;
  readonly #connection: Connection;
  #identity: Identity | undefined;
  #token: Pick<AccessToken, 'base64'> | undefined;

  constructor(terminal: Terminal, settings: ClientSettings) {
    this.terminal = terminal;
    this.settings = settings;
    this.#connection = new Connection(settings);
  }

  get account(): string {
    return this.settings.account;
  }

  /** @throws CommandError `not-logged-in`, `usage`, `files` */
  async identity(): Promise<Identity> {
    this.#identity ??= await findIdentity(this.terminal, this.settings);
    return this.#identity;
  }

  /**
   * The access token of the user, fetched when there is none yet.
   * @throws CommandError `not-logged-in`: no credentials, not accepted, or expired
   */
  async accessToken(): Promise<Pick<AccessToken, 'base64'>> {
    this.#token ??= await this.#obtainToken();
    return this.#token;
  }

  async #obtainToken(): Promise<Pick<AccessToken, 'base64'>> {
    const identity = await this.identity();
    if (identity.kind === 'access-token') return identity;
    const answer = await this.send({
      method: 'POST',
      path: ['authn', this.account, identity.login, 'authenticate'],
      headers: { 'content-type': 'text/plain', 'accept-encoding': 'base64' },
      body: identity.apiKey,
    });
    const action = `authenticate as ${identity.login}`;
    if (answer.status === 200) return tokenOf(action, answer);
    throw refusal(action, answer, {
      401:
        'The API key may have been rotated, the role be gone, or your address not be allowed. ' +
        'Run: latchkey login',
    });
  }

  /** Sends a request as the user. */
  async sendAsUser(call: Call): Promise<Answer> {
    const authorization = authorizationOf(await this.accessToken());
    return this.send({ ...call, headers: { ...call.headers, authorization } });
  }

  /**
   * Sends a request that proves the user's identity anew, which the server asks for where
   * credentials are changed.
   * @throws CommandError `not-logged-in`: only an access token is known
   */
  async sendWithApiKey(call: Call): Promise<Answer> {
    const identity = await this.identity();
    if (identity.kind !== 'api-key') {
      throw new CommandError(
        'not-logged-in',
        'an access token is not enough to change credentials, an API key is needed. Run: latchkey login',
      );
    }
    const authorization = basicAuthorization(identity.login, identity.apiKey);
    return this.send({ ...call, headers: { ...call.headers, authorization } });
  }

  /** Sends a request as nobody. */
  async send(call: Call): Promise<Answer> {
    return this.#connection.send(call);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** Opens a session, lets the command use it, and closes it however that ends. */
export async function withSession<Result>(
  terminal: Terminal,
  act: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = new Session(terminal, await readSettings(terminal));
  try {
    return await act(session);
  } finally {
    await session.close();
  }
}

/** @throws CommandError `usage`: the login name has a colon, which Basic authentication cannot carry */
export function basicAuthorization(login: string, password: string): string {
  if (login.includes(':')) throw new CommandError('usage', 'a login name has no colon');
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
}

async function findIdentity(terminal: Terminal, settings: ClientSettings): Promise<Identity> {
  const tokenFile = variableOf(terminal, 'tokenFile');
  if (tokenFile !== undefined) {
    const text = (await readNamedFile(terminal, tokenFile)).toString('utf8');
    return tokenIdentity(text, tokenFile);
  }
  const token = variableOf(terminal, 'token');
  if (token !== undefined) {
    return tokenIdentity(token, clientVariables.token[0]);
  }
  const [login, apiKey] = [variableOf(terminal, 'login'), variableOf(terminal, 'apiKey')];
  if (apiKey !== undefined) {
    if (login !== undefined) return { kind: 'api-key', login, apiKey, source: 'environment' };
    throw new CommandError('usage', 'LATCHKEY_AUTHN_API_KEY is set without LATCHKEY_AUTHN_LOGIN');
  }
  return identityFromFile(terminal, settings, login);
}

async function identityFromFile(
  terminal: Terminal,
  settings: ClientSettings,
  login: string | undefined,
): Promise<Identity> {
  const kept = await readCredentials(terminal, settings);
  if (kept === undefined) {
    const place = `account ${settings.account} at ${settings.url.origin}`;
    throw new CommandError('not-logged-in', `not logged in to ${place}. Run: latchkey login -i LOGIN`);
  }
  if (login !== undefined && login !== kept.login) {
    throw new CommandError(
      'not-logged-in',
      `LATCHKEY_AUTHN_LOGIN names another role than the one that is logged in. Run: latchkey login`,
    );
  }
  if (kept.kind === 'api-key') {
    return { kind: 'api-key', login: kept.login, apiKey: kept.api_key, source: 'file' };
  }
  if (kept.expires_at * 1_000 > Date.now()) {
    return { kind: 'access-token', login: kept.login, base64: kept.token };
  }
  throw new CommandError(
    'not-logged-in',
    `the access token of ${kept.login} has expired. Run: latchkey authn-oidc login, or latchkey login`,
  );
}

/** Whether a token that was handed to us is still valid is left to the server, whose clock counts. */
function tokenIdentity(text: string, origin: string): Identity {
  const token = readAccessToken(text);
  if (token === undefined) throw new CommandError('usage', `${origin} holds no access token`);
  return { kind: 'access-token', login: token.login, base64: token.base64 };
}

/**
 * Reads the access token that the server issued.
 * @throws CommandError `refused`: the answer is none
 */
export function tokenOf(action: string, answer: Answer): AccessToken {
  const token = readAccessToken(answer.body.toString('utf8'));
  if (token !== undefined) return token;
  throw new CommandError('refused', `cannot ${action}: the server's answer is no access token`);
}
