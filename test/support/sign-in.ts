/** Signs in at an OpenID Provider over HTTP, as an application and its user's browser do. */
import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';

/** What the application asks for. */
export const scope = 'openid profile email';

/** Where the provider sends the browser with the code; nothing listens there. */
export const redirectUri = 'https://app.example/callback';

/**
 * Plays the browser and the application, for an application that the issuer already knows: the
 * authorization code flow with PKCE over HTTP.
 * @returns the ID token
 */
export async function signIn(
  issuer: string,
  caCert: string | undefined,
  clientId: string,
  account: string,
): Promise<string> {
  const agent = new Agent({ connect: caCert === undefined ? {} : { ca: caCert } });
  try {
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const authorization = new URL('/auth', issuer);
    authorization.search = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      scope,
      redirect_uri: redirectUri,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      login_hint: account,
    }).toString();
    const code = await browse(authorization, agent);
    const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, client_id: clientId };
    const response = await request(new URL('/token', issuer), {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...grant, code_verifier: verifier }).toString(),
    });
    const answer = (await response.body.json()) as { readonly id_token?: string };
    if (answer.id_token === undefined)
      throw new Error(`no ID token for ${account}: ${JSON.stringify(answer)}`);
    return answer.id_token;
  } finally {
    await agent.close();
  }
}

/**
 * Plays the browser alone: signs an account in at an authorization URL.
 * @returns the authorization code that the application gets
 */
export async function authorize(
  authorizationUrl: string,
  caCert: string | undefined,
  account: string,
): Promise<string> {
  const agent = new Agent({ connect: caCert === undefined ? {} : { ca: caCert } });
  try {
    const url = new URL(authorizationUrl);
    url.searchParams.set('login_hint', account);
    return await browse(url, agent);
  } finally {
    await agent.close();
  }
}

/**
 * Plays a browser that was sent to an authorization URL and goes wherever it is sent, up to the
 * application's own page.
 * @returns the text of that page
 */
export async function visit(authorizationUrl: string, account: string): Promise<string> {
  const agent = new Agent();
  try {
    const url = new URL(authorizationUrl);
    url.searchParams.set('login_hint', account);
    const application = url.searchParams.get('redirect_uri') ?? '';
    const page = await follow(url, agent, (at) => at.href.startsWith(application));
    const { body } = await request(page, { dispatcher: agent });
    return await body.text();
  } finally {
    await agent.close();
  }
}

/** Plays a browser that was sent to an authorization URL. @returns where the issuer sends it back to, with the code */
export async function comeBack(authorizationUrl: string | URL, account?: string): Promise<URL> {
  const agent = new Agent();
  try {
    const url = new URL(authorizationUrl);
    if (account !== undefined) url.searchParams.set('login_hint', account);
    const application = url.searchParams.get('redirect_uri') ?? '';
    return await follow(url, agent, (at) => at.href.startsWith(application));
  } finally {
    await agent.close();
  }
}

/** Goes on until the application gets its code. */
async function browse(start: URL, agent: Agent): Promise<string> {
  const page = await follow(start, agent, (at) => at.href.startsWith(redirectUri));
  const code = page.searchParams.get('code');
  if (code === null) throw new Error(`sign-in was refused: ${page.search}`);
  return code;
}

/** Follows redirects as a browser does, cookies included. */
async function follow(start: URL, agent: Agent, there: (at: URL) => boolean): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = start;
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { headers, body, statusCode } = await request(at, { dispatcher: agent, headers: { cookie } });
    const text = await body.text();
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    if (typeof headers['location'] !== 'string')
      throw new Error(`sign-in stopped with status ${statusCode}: ${text}`);
    at = new URL(headers['location'], at);
    if (there(at)) return at;
  }
  throw new Error('sign-in went round in circles');
}
