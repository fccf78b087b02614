import type { Command } from 'commander';
import { z } from 'zod';
import { sendAkeyless, type Parameters } from './akeyless-call.ts';
import { signedCallerIdentity } from './aws-caller-identity.ts';
import { addCommand, outputOf } from './command.ts';
import { CommandError } from './exit-codes.ts';
import { withSession, type Session } from './session.ts';
import { variableOf } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { printJson, printLine, readInputLine } from './terminal.ts';

interface AuthOptions {
  readonly accessType: string;
  readonly accessId?: string;
  readonly accessKey?: string;
  readonly adminEmail?: string;
  readonly adminPassword?: string;
  readonly username?: string;
  readonly password?: string;
  readonly jwt?: string;
  readonly cloudId?: string;
  readonly login?: string;
  readonly secretStdin?: true;
}

const tokenForm = z.looseObject({ token: z.string() });

export function addAkeylessAuth(program: Command, terminal: Terminal): void {
  addCommand(program, 'auth', 'Authenticate by an authentication method, and print a token for OIDC apps.')
    .option(
      '--access-type <type>',
      'access_key, password, jwt, oidc, ldap, aws_iam, azure_ad, gcp or k8s',
      'access_key',
    )
    .option('--access-id <id>', 'the access id of the method, or of the role itself')
    .option('--access-key <key>', 'the API key; by default that of who is logged in')
    .option('--admin-email <login>', 'with password: the login')
    .option('--admin-password <password>', 'with password: the password')
    .option('--username <name>', 'with ldap: the name')
    .option('--password <password>', 'with ldap: the password')
    .option('--jwt <token>', 'with jwt, oidc and k8s: the token')
    .option(
      '--cloud-id <id>',
      'with aws_iam, azure_ad and gcp: what the cloud identifies this machine by, in base64',
    )
    .option('--login <login>', 'the role, where the method does not say it; LATCHKEY_AUTHN_LOGIN by default')
    .option('--secret-stdin', 'read the key, password or token from standard input')
    .action((options: AuthOptions, command: Command) =>
      withSession(terminal, (session) => authenticate(session, options, command)),
    );
}

async function authenticate(session: Session, options: AuthOptions, command: Command): Promise<void> {
  const given = options.secretStdin === true ? await withSecret(session.terminal, options) : options;
  const parameters = definedOf({
    'access-type': given.accessType,
    'access-id': given.accessId,
    ...(await proofOf(session, given)),
  });
  const { token } = await sendAkeyless(session, 'authenticate', 'auth', parameters, tokenForm);
  if (outputOf(command) === 'json') {
    printJson(session.terminal, { token });
  } else {
    printLine(session.terminal, 'Authentication succeeded.');
    printLine(session.terminal, `Token: ${token}`);
  }
}

/** The option that a secret of standard input stands for. */
const secretOfType: ReadonlyMap<string, keyof AuthOptions> = new Map([
  ['access_key', 'accessKey'],
  ['api_key', 'accessKey'],
  ['password', 'adminPassword'],
  ['ldap', 'password'],
  ['jwt', 'jwt'],
  ['oauth2', 'jwt'],
  ['oidc', 'jwt'],
  ['k8s', 'jwt'],
  ['aws_iam', 'cloudId'],
  ['azure_ad', 'cloudId'],
  ['gcp', 'cloudId'],
]);

async function withSecret(terminal: Terminal, options: AuthOptions): Promise<AuthOptions> {
  const name = secretOfType.get(options.accessType);
  if (name === undefined) return options;
  if (options[name] !== undefined) throw new CommandError('usage', 'the secret is given twice');
  return { ...options, [name]: await readInputLine(terminal) };
}

async function proofOf(session: Session, options: AuthOptions): Promise<Parameters> {
  switch (options.accessType) {
    case 'access_key':
    case 'api_key':
      return proofByKey(session, options);
    case 'password':
      return { 'admin-email': options.adminEmail, 'admin-password': options.adminPassword };
    case 'ldap':
      return { ldap_username: options.username, ldap_password: options.password };
    case 'aws_iam':
      return { login: loginOf(session, options), 'cloud-id': options.cloudId ?? awsId(session.terminal) };
    case 'k8s':
      return { login: loginOf(session, options), 'k8s-service-account-token': options.jwt };
    case 'azure_ad':
    case 'gcp':
      return { login: loginOf(session, options), 'cloud-id': options.cloudId };
    default:
      return { login: options.login, jwt: options.jwt };
  }
}

/** Without a key, that of who is logged in; it says the login as well. */
async function proofByKey(
  session: Session,
  { accessId, accessKey, login }: AuthOptions,
): Promise<Parameters> {
  if (accessKey !== undefined) {
    if (accessId === undefined && login === undefined) {
      throw new CommandError('usage', 'an access key needs --access-id, or --login');
    }
    return { login, 'access-key': accessKey };
  }
  const identity = await session.identity();
  if (identity.kind !== 'api-key') {
    throw new CommandError('not-logged-in', 'an API key is needed, with --access-key or by: latchkey login');
  }
  return { login: login ?? identity.login, 'access-key': identity.apiKey };
}

function loginOf({ terminal }: Session, { login }: AuthOptions): string | undefined {
  return login ?? variableOf(terminal, 'login');
}

/** @throws CommandError `usage`: the environment has no credentials of AWS */
function awsId({ env }: Terminal): string {
  const headers = signedCallerIdentity(env, new Date());
  if (headers !== undefined) return Buffer.from(JSON.stringify(headers)).toString('base64');
  throw new CommandError(
    'usage',
    'with aws_iam, --cloud-id is needed, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN',
  );
}

function definedOf(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}
