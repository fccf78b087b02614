/**
 * A small OpenID Provider for trying things out, always at the same address. `token` does over
 * HTTP what an application and its user's browser do: the authorization code flow with PKCE.
 */
import { signIn } from '../test/support/sign-in.ts';

const port = Number(process.env['ISSUER_PORT'] ?? '8090');
const url = `http://127.0.0.1:${String(port)}`;

/** The application that the tokens are for: their `aud`. */
const clientId = 'the-application';

const accounts = Object.fromEntries(
  ['alice', 'bob'].map((name) => [name, { preferred_username: name, email: `${name}@example.com` }]),
);

const usage = `usage:
  scripts/issuer              starts the OpenID Provider
  scripts/issuer token NAME   prints an ID token of a user: ${Object.keys(accounts).join(' or ')}`;

async function serve(): Promise<void> {
  // Only here: `token` needs no provider of its own.
  const { startIssuer } = await import('../test/support/issuer.ts');
  const issuer = await startIssuer({ port, accounts, algorithms: ['RS256'], idTokenTtlSeconds: 3_600 });
  // Makes the application known, and shows that signing in works.
  await issuer.idToken('alice', { clientId });
  process.stdout.write(
    `A local OpenID Provider is running at ${issuer.url}, for the application ${clientId}.\n` +
      'An ID token of its user alice (or bob): scripts/issuer token alice\n',
  );
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
  await issuer.stop();
}

async function printToken(user: string): Promise<void> {
  process.stdout.write(`${await signIn(url, undefined, clientId, user)}\n`);
}

/** What a user can do something about, by the code of Node.js. */
function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `port ${String(port)} is in use; choose another with ISSUER_PORT`;
  if (code === 'ECONNREFUSED') return `nothing runs at ${url}; start it in another terminal: scripts/issuer`;
  return error instanceof Error ? error.message : String(error);
}

async function main([command, user, ...rest]: readonly string[]): Promise<void> {
  const isToken =
    command === 'token' && user !== undefined && Object.hasOwn(accounts, user) && rest.length === 0;
  if (!isToken && command !== undefined) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
    return;
  }
  try {
    await (isToken ? printToken(user) : serve());
  } catch (error) {
    process.stderr.write(`scripts/issuer: ${explain(error)}\n`);
    process.exitCode = 1;
  }
}

await main(process.argv.slice(2));
