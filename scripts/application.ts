/**
 * A sample web application that signs its users in by OpenID Connect: the authorization code flow with
 * PKCE, by openid-client, and the logout. All that it knows of Latchkey is the issuer's address.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as client from 'openid-client';

interface Settings {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined of a public client. */
  readonly clientSecret: string | undefined;
  readonly scope: string;
  readonly url: string;
  readonly port: number;
}

/** What a browser is remembered by while it signs in, and afterwards. */
interface Visit {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  claims?: client.IDToken;
  idToken?: string;
}

const cookieName = 'visit';
const usage = 'usage: ISSUER=… CLIENT_ID=… [CLIENT_SECRET=…] [SCOPE="openid …"] scripts/application';

function readSettings(env: NodeJS.ProcessEnv): Settings | undefined {
  const { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = env;
  const port = Number(env['APPLICATION_PORT'] ?? '8100');
  if (issuer === undefined || clientId === undefined) return undefined;
  const scope = env['SCOPE'] ?? 'openid';
  return { issuer, clientId, clientSecret, scope, port, url: `http://127.0.0.1:${String(port)}` };
}

/** openid-client marks this as deprecated so that nobody uses it but on their own machine. */
const overLoopback: (configuration: client.Configuration) => void = Reflect.get(
  client,
  'allowInsecureRequests',
);

async function discover({ issuer, clientId, clientSecret }: Settings): Promise<client.Configuration> {
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
  const { hostname } = new URL(issuer);
  const local = hostname === '127.0.0.1' || hostname === 'localhost';
  const execute = [client.enableNonRepudiationChecks, ...(local ? [overLoopback] : [])];
  return client.discovery(new URL(issuer), clientId, {}, authentication, { execute });
}

function application(
  settings: Settings,
  configuration: client.Configuration,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const visits = new Map<string, Visit>();
  const pages: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>
  > = {
    '/': async (request, response) => {
      const claims = visitOf(request)?.claims;
      if (claims === undefined) {
        show(response, 'Not signed in', '<p><a href="/sign-in">Sign in</a></p>');
      } else {
        const text = escaped(JSON.stringify(claims, undefined, 2));
        show(response, 'Signed in', `<pre>${text}</pre><p><a href="/sign-out">Sign out</a></p>`);
      }
    },
    '/sign-in': async (_request, response) => {
      const id = randomUUID();
      const visit: Visit = {
        verifier: client.randomPKCECodeVerifier(),
        state: client.randomState(),
        nonce: client.randomNonce(),
      };
      visits.set(id, visit);
      const location = client.buildAuthorizationUrl(configuration, {
        redirect_uri: `${settings.url}/callback`,
        scope: settings.scope,
        state: visit.state,
        nonce: visit.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(visit.verifier),
        code_challenge_method: 'S256',
      });
      response.setHeader('set-cookie', `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax`);
      redirect(response, location.href);
    },
    '/callback': async (request, response) => {
      const visit = visitOf(request);
      if (visit === undefined) throw new Error('this browser did not begin to sign in here');
      const { verifier: pkceCodeVerifier, state: expectedState, nonce: expectedNonce } = visit;
      const answer = new URL(request.url ?? '/', settings.url);
      const checks = { pkceCodeVerifier, expectedState, expectedNonce };
      const tokens = await client.authorizationCodeGrant(configuration, answer, checks);
      const claims = tokens.claims();
      if (claims !== undefined) visit.claims = claims;
      if (tokens.id_token !== undefined) visit.idToken = tokens.id_token;
      redirect(response, '/');
    },
    '/sign-out': async (request, response) => {
      const idToken = visitOf(request)?.idToken;
      visits.delete(visitId(request) ?? '');
      const elsewhere = configuration.serverMetadata().end_session_endpoint !== undefined;
      if (idToken === undefined || !elsewhere) {
        redirect(response, '/');
        return;
      }
      const parameters = { id_token_hint: idToken, post_logout_redirect_uri: `${settings.url}/` };
      redirect(response, client.buildEndSessionUrl(configuration, parameters).href);
    },
  };

  function visitOf(request: IncomingMessage): Visit | undefined {
    return visits.get(visitId(request) ?? '');
  }

  return async (request, response) => {
    const page = pages[new URL(request.url ?? '/', settings.url).pathname];
    if (page === undefined) {
      response.writeHead(404).end();
      return;
    }
    await page(request, response);
  };
}

function visitId(request: IncomingMessage): string | undefined {
  return new RegExp(`(?:^|; )${cookieName}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}

function show(response: ServerResponse, title: string, markup: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${markup}</html>`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

function explain(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError) return `The sign-in was refused: ${error.error}`;
  return error instanceof Error ? error.message : String(error);
}

const settings = readSettings(process.env);
if (settings === undefined) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  const { port, url, issuer } = settings;
  const handle = application(settings, await discover(settings));
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      show(response, 'That failed', `<p>${escaped(explain(error))}</p>`);
    });
  });
  server.listen(port, '127.0.0.1', () => {
    process.stdout.write(`A sample application is running at ${url}, which signs in at ${issuer}\n`);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.closeAllConnections();
      server.close();
    });
  }
}
