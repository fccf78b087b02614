/** The token endpoint of Akeyless' dialect, as a client of an app sees it. */
import assert from 'node:assert/strict';
import { decodeJwt, type JWTPayload } from 'jose';
import type { AkeylessWorld, AppCredentials, Body } from './akeyless.ts';
import { observedFetch } from './planted/planted.ts';

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Parameters; a list is a parameter that comes several times, undefined is none. */
export type Form = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface TokenAnswer {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

/** An app with every scope and two audiences, and who asks for its tokens. */
export class TokenClient {
  readonly world: AkeylessWorld;
  readonly issuer: string;
  readonly app: AppCredentials;

  private constructor(world: AkeylessWorld, issuer: string, app: AppCredentials) {
    this.world = world;
    this.issuer = issuer;
    this.app = app;
  }

  static async of(world: AkeylessWorld): Promise<TokenClient> {
    const scopes = ['openid', 'email', 'department', 'login', 'groups', 'ClientUniqueId', 'offline_access'];
    const app = await world.app('app', {
      scopes: [...scopes, 'developers', 'machines', 'unheard', 'sub'].join(','),
      audience: 'api://one,api://two',
    });
    const { issuer_url: issuer } = await world.clientInfo('app');
    return new TokenClient(world, String(issuer), app);
  }

  async token(form: Form, headers: Record<string, string> = {}): Promise<TokenAnswer> {
    const body = new URLSearchParams();
    for (const [name, values] of Object.entries(form)) {
      for (const value of typeof values === 'string' ? [values] : (values ?? [])) body.append(name, value);
    }
    const response = await observedFetch(`${this.issuer}/oauth2/token`, { method: 'POST', body, headers });
    return { status: response.status, body: (await response.json()) as Body, headers: response.headers };
  }

  /** Exchanges a session's token for tokens of an app. */
  async exchange(form: Form = {}, login = 'alice', client = this.app): Promise<TokenAnswer> {
    return this.token({
      client_id: client.clientId,
      client_secret: client.clientSecret,
      grant_type: exchangeGrant,
      assertion: await this.world.tokenOf(login),
      ...form,
    });
  }

  /** As {@link exchange}, and insists that there are tokens. */
  async exchanged(form: Form = {}, login = 'alice', client = this.app): Promise<Record<string, string>> {
    const { status, body } = await this.exchange(form, login, client);
    assert.equal(status, 200, JSON.stringify(body));
    return body as Record<string, string>;
  }

  async refresh(refreshToken: string | undefined, client = this.app): Promise<TokenAnswer> {
    return this.token({
      client_id: client.clientId,
      client_secret: client.clientSecret,
      grant_type: 'refresh_token',
      refresh_token: refreshToken ?? '',
    });
  }

  /** Makes a user, and signs it in. */
  async newcomer(login: string): Promise<string> {
    const { service } = this.world;
    const answer = await this.patchPolicy(`- !user ${login}`);
    const { created_roles: created } = answer as {
      readonly created_roles: Readonly<Record<string, { readonly api_key: string }>>;
    };
    const key = created[`${service.account}:user:${login}`]?.api_key;
    const body = JSON.stringify({ login, 'access-key': key });
    const response = await observedFetch(`${service.url}/auth`, { method: 'POST', body });
    return ((await response.json()) as { readonly token: string }).token;
  }

  async patchPolicy(text: string): Promise<unknown> {
    const { admin, service } = this.world;
    const answer = await admin.send('PATCH', `/policies/${service.account}/policy/root`, text);
    assert.equal(answer.status, 201, answer.text);
    return answer.json();
  }
}

/** Insists on a refusal in the words of OAuth. */
export async function isRefused(answer: Promise<TokenAnswer>, status: number, error: string): Promise<void> {
  const { status: got, body } = await answer;
  assert.deepEqual([got, body['error']], [status, error], JSON.stringify(body));
}

/** The claims of a token that are the same in every token of its kind. */
export function lastingClaims(token: string | undefined): JWTPayload {
  const passing = ['iat', 'nbf', 'exp', 'jti'];
  const claims = Object.entries(decodeJwt(token ?? '')).filter(([name]) => !passing.includes(name));
  return Object.fromEntries(claims);
}
