/** An application that signs its users in, with openid-client: what a browser meets on the other side. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';

export interface RelyingParty {
  readonly url: string;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  /** Learns of the issuer; `secret` undefined of a public client. */
  discover(issuer: string, clientId: string, secret: string | undefined): Promise<client.Configuration>;
  /** What every sign-in asks for beside scope and PKCE, until it is set anew. */
  extra: Readonly<Record<string, string>>;
  scope: string;
  /** Of the last sign-in that succeeded. */
  tokens: (client.TokenEndpointResponse & client.TokenEndpointResponseHelpers) | undefined;
  close(): Promise<void>;
}

/** openid-client marks what permits plain HTTP as deprecated so that nobody uses it elsewhere. */
const overLoopback: (configuration: client.Configuration) => void = Reflect.get(
  client,
  'allowInsecureRequests',
);

interface Begun {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/**
 * Starts it. `/` begins a sign-in; `/callback` ends it and shows the claims of the ID token, or the
 * error; `/bye` is where a logout ends.
 */
export async function startRelyingParty(): Promise<RelyingParty> {
  let configuration: client.Configuration | undefined;
  let begun: Begun | undefined;
  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => {
      const { error: code } = error as { readonly error?: string };
      show(response, 'failed', code ?? String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const party: RelyingParty = {
    url,
    redirectUri: `${url}/callback`,
    postLogoutRedirectUri: `${url}/bye`,
    extra: {},
    scope: 'openid',
    tokens: undefined,
    discover: async (issuer, clientId, secret) => {
      const authentication = secret === undefined ? client.None() : client.ClientSecretBasic(secret);
      configuration = await client.discovery(new URL(issuer), clientId, {}, authentication, {
        execute: [overLoopback, client.enableNonRepudiationChecks],
      });
      return configuration;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const here = new URL(request.url ?? '/', url);
    if (configuration === undefined) throw new Error('no issuer was discovered');
    if (here.pathname === '/') {
      begun = {
        verifier: client.randomPKCECodeVerifier(),
        state: client.randomState(),
        nonce: client.randomNonce(),
      };
      const parameters = {
        redirect_uri: party.redirectUri,
        scope: party.scope,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
        ...party.extra,
      };
      response
        .writeHead(302, { location: client.buildAuthorizationUrl(configuration, parameters).href })
        .end();
    } else if (here.pathname === '/callback' && begun !== undefined) {
      const { verifier, state, nonce } = begun;
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
      party.tokens = await client.authorizationCodeGrant(configuration, here, checks);
      show(response, 'signed in', JSON.stringify(party.tokens.claims()));
    } else {
      show(response, here.pathname, here.search);
    }
  }
  return party;
}

function show(response: ServerResponse, title: string, text: string): void {
  const escaped = text.replace(/[<&]/g, (character) => `&#${String(character.charCodeAt(0))};`);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><title>${title}</title><pre id="shown">${escaped}</pre></html>`,
  );
}
