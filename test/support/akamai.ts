/** A customer of Akamai's dialect: its first configuration client, tokens, and calls with them. */
import assert from 'node:assert/strict';
import { basicHeader, send, signIn, type Answer } from './client.ts';
import type { TestService } from './service.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly token_type: string;
  readonly scope: string;
}

/** A new client, as the API answers it. */
export interface MadeClient {
  readonly id: string;
  readonly secret: string;
}

/** A customer, seen from one process. */
export class AkamaiCustomer {
  readonly service: Pick<TestService, 'url'>;
  readonly customerId: string;
  readonly owner: Credentials;
  readonly ownerPolicy: string;

  constructor(
    service: Pick<TestService, 'url'>,
    customerId: string,
    owner: Credentials,
    ownerPolicy: string,
  ) {
    this.service = service;
    this.customerId = customerId;
    this.owner = owner;
    this.ownerPolicy = ownerPolicy;
  }

  /** The same customer at another process. */
  at(service: Pick<TestService, 'url'>): AkamaiCustomer {
    return new AkamaiCustomer(service, this.customerId, this.owner, this.ownerPolicy);
  }

  url(path: string): string {
    return `${this.service.url}/${this.customerId}${path}`;
  }

  /** Asks for a token; the parameters go urlencoded, or as they are where they are a text. */
  async requestToken(
    { clientId, clientSecret }: Credentials,
    scope: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope, ...parameters });
    return send(this.url('/login/token'), 'POST', { headers: basicHeader(clientId, clientSecret), body });
  }

  /** A token; insists that it is given. */
  async token(credentials: Credentials = this.owner, scope = '*:config/**'): Promise<string> {
    const answer = await this.requestToken(credentials, scope);
    assert.equal(answer.status, 200, answer.text);
    return (answer.json() as TokenAnswer).access_token;
  }

  /** A call of the configuration API. */
  async call(token: string | undefined, method: string, path: string, body?: unknown): Promise<Answer> {
    return send(this.url(`/config${path}`), method, {
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** A call that must be answered with a status; its JSON. */
  async done<T = unknown>(
    token: string,
    status: number,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const answer = await this.call(token, method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${String(answer.status)} ${answer.text}`);
    return (answer.text === '' ? undefined : answer.json()) as T;
  }

  /** Makes a token policy; answers its id. */
  async policy(token: string, allowedScopes: readonly string[], more: object = {}): Promise<string> {
    return this.done<string>(token, 201, 'POST', '/tokenPolicies', {
      title: 'A policy',
      allowedScopes,
      ...more,
    });
  }

  /** Makes a configuration client with a policy of its own. */
  async configurationClient(
    token: string,
    name: string,
    allowedScopes: readonly string[],
    more: object = {},
  ): Promise<Credentials & { readonly policy: string }> {
    const policy = await this.policy(token, allowedScopes, more);
    const body = { name, type: 'configuration', tokenPolicy: policy };
    const { id, secret } = await this.done<MadeClient>(token, 201, 'POST', '/clients', body);
    return { clientId: id, clientSecret: secret, policy };
  }
}

/** Makes another first configuration client of a service, so that tests share none. */
export async function bootstrapCustomer(service: TestService): Promise<AkamaiCustomer> {
  const admin = await signIn(service);
  const answer = await admin.send('POST', '/akamai/configuration-client', JSON.stringify({ another: true }));
  assert.equal(answer.status, 201, answer.text);
  const made = answer.json() as Readonly<
    Record<'customer_id' | 'client_id' | 'client_secret' | 'token_policy', string>
  >;
  const owner = { clientId: made.client_id, clientSecret: made.client_secret };
  return new AkamaiCustomer(service, made.customer_id, owner, made.token_policy);
}

/** What the body of a refusal says. */
export function errorsOf(answer: Answer): string {
  return (answer.json() as { readonly errors: string }).errors;
}

/** An object as it is without some of its members. */
export function without<T extends object, K extends keyof T>(object: T, ...names: readonly K[]): Omit<T, K> {
  const kept = Object.entries(object).filter(([name]) => !names.some((each) => each === name));
  return Object.fromEntries(kept) as Omit<T, K>;
}
