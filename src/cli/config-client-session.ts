/** Calls of the configuration API: as which configuration client, for which customer, with a token fetched on the way. */
import type { Command } from 'commander';
import { z } from 'zod';
import { clientVariables } from '../config/client-variables.ts';
import { jsonOf, plain, readAnswer, refusal } from './answers.ts';
import type { Answer, Call } from './connection.ts';
import { CommandError } from './exit-codes.ts';
import { basicAuthorization, withSession, type Session } from './session.ts';
import { variableOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

export interface ConfigOptions {
  readonly customerId?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly scope: string;
}

const tokenForm = z.looseObject({ access_token: z.string(), expires_in: z.number(), scope: z.string() });
const customerForm = z.object({ customer_id: z.string(), initialized: z.boolean() });
const errorsForm = z.object({ errors: z.string() });
const oauthForm = z.object({ error: z.string(), error_description: z.string() });

export type Token = z.output<typeof tokenForm>;
export type Customer = z.output<typeof customerForm>;

const ownerScope = '*:config/**';

/** Adds what all commands that act as a configuration client have in common. */
export function addConfigOptions(command: Command): Command {
  return command
    .option('--customer-id <id>', 'the customer; LATCHKEY_CUSTOMER_ID, or what the server says, by default')
    .option('--client-id <id>', 'the configuration client; LATCHKEY_CONFIG_CLIENT_ID by default')
    .option(
      '--client-secret <text>',
      'its secret; LATCHKEY_CONFIG_CLIENT_SECRET by default; other users may see it in the list of processes',
    )
    .option('-s, --scope <scopes>', 'the API scopes to ask for, separated by blanks', ownerScope);
}

/** Calls to the configuration of one customer. */
export class ConfigSession {
  readonly terminal: Terminal;
  readonly #session: Session;
  readonly #customerId: string;
  readonly #token: string;

  constructor(session: Session, customerId: string, token: string) {
    this.terminal = session.terminal;
    this.#session = session;
    this.#customerId = customerId;
    this.#token = token;
  }

  /**
   * Calls the API and insists on an answer.
   * @param action completes "cannot …"
   * @throws CommandError `refused`
   */
  async call(
    action: string,
    method: Call['method'],
    path: readonly string[],
    { body, force = false }: { readonly body?: unknown; readonly force?: boolean } = {},
  ): Promise<Answer> {
    const answer = await this.#session.send({
      method,
      path: [this.#customerId, 'config', ...path],
      query: force ? { force: 'true' } : {},
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status < 200 || answer.status > 299) throw refused(action, answer);
    return answer;
  }
}

/** Gets a token, and lets a command call the API with it. */
export async function withConfigSession<Result>(
  terminal: Terminal,
  options: ConfigOptions,
  act: (session: ConfigSession) => Promise<Result>,
): Promise<Result> {
  return withSession(terminal, async (session) => {
    const customerId = await customerOf(session, options);
    const { access_token: token } = await fetchToken(session, customerId, options);
    return act(new ConfigSession(session, customerId, token));
  });
}

/** @throws CommandError `usage`, `not-logged-in`, `refused` */
export async function fetchToken(
  session: Session,
  customerId: string,
  { clientId, clientSecret, scope }: ConfigOptions,
): Promise<Token> {
  const id = clientId ?? variableOf(session.terminal, 'configClientId');
  const secret = clientSecret ?? variableOf(session.terminal, 'configClientSecret');
  if (id === undefined || secret === undefined) {
    const [idName, secretName] = [clientVariables.configClientId[0], clientVariables.configClientSecret[0]];
    throw new CommandError('usage', `no configuration client is known. Set ${idName} and ${secretName}`);
  }
  const action = `get a token as configuration client ${plain(id)}`;
  const answer = await session.send({
    method: 'POST',
    path: [customerId, 'login', 'token'],
    headers: {
      authorization: basicAuthorization(id, secret),
      'content-type': 'application/x-www-form-urlencoded',
    },
    // A form writes the + of a scope as %2B.
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
  });
  if (answer.status !== 200) throw refused(action, answer);
  return readAnswer(action, answer, tokenForm);
}

/** The customer that is named, or else the one that the server tells its users. */
export async function customerOf(
  session: Session,
  { customerId }: Pick<ConfigOptions, 'customerId'>,
): Promise<string> {
  const named = customerId ?? variableOf(session.terminal, 'customerId');
  return named ?? (await readCustomer(session)).customer_id;
}

export async function readCustomer(session: Session): Promise<Customer> {
  const action = 'look up the customer';
  const answer = await session.sendAsUser({ method: 'GET', path: ['akamai', 'customer'] });
  if (answer.status !== 200) throw refused(action, answer);
  return readAnswer(action, answer, customerForm);
}

const hints = {
  401: 'The client id or secret is not, or no longer, right',
  403: "The scopes that were asked for, or the client's token policy, do not permit it",
  404: 'It does not exist',
  409: '',
};

/** A refusal in either of the forms that the API has. */
export function refused(action: string, answer: Answer): CommandError {
  const json = jsonOf(answer);
  const [errors, oauth] = [errorsForm.safeParse(json), oauthForm.safeParse(json)];
  const message = errors.success
    ? errors.data.errors
    : oauth.success
      ? oauth.data.error_description
      : undefined;
  const body = message === undefined ? answer.body : Buffer.from(JSON.stringify({ error: { message } }));
  return refusal(action, { ...answer, body }, hints);
}
