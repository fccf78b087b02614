/** Clients of Akeyless' dialect for tests: its calls, a policy with people, machines and groups, and its issuer. */
import assert from 'node:assert/strict';
import { load, send, signIn, type Answer, type Loaded, type Session } from './client.ts';
import type { TestService } from './service.ts';

export type Body = Readonly<Record<string, unknown>>;

/** Makes a call of the management API. */
export async function call(service: Pick<TestService, 'url'>, path: string, body: unknown): Promise<Answer> {
  return send(`${service.url}/${path}`, 'POST', {
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Makes a call and insists that it was done. */
export async function done(service: TestService, path: string, body: unknown): Promise<Body> {
  const answer = await call(service, path, body);
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  return answer.json() as Body;
}

/** Makes a call and insists that it was refused, in the dialect's words. */
export async function refused(
  service: TestService,
  path: string,
  body: unknown,
  status: number,
  text: RegExp,
): Promise<void> {
  const answer = await call(service, path, body);
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
  const { error, ...rest } = answer.json() as { readonly error: string };
  assert.deepEqual(rest, {});
  assert.match(error, text);
}

/** Alice is in developers by way of backend, and has an email; bob is in nothing; host/ci is in the layer machines. */
export const akeylessPolicy = `
- !user
  id: alice
  annotations:
    email: alice@example.com
    department: Payments
    authn-oidc/okta: not-a-claim
    sub: not-a-subject
- !user bob
- !host ci
- !group developers
- !group backend
- !group empty
- !layer machines
- !grant { role: !group developers, member: !group backend }
- !grant { role: !group backend, member: !user alice }
- !grant { role: !layer machines, member: !host ci }
- !user manager
- !policy
  id: conjur/oidc
  body:
  - !webservice
  - !permit { role: !user /manager, privileges: [create, read, update, delete], resource: !webservice }
- !policy
  id: conjur/authn-oidc/okta
  body: [!webservice ]
- !policy
  id: conjur/authn-jwt/gitlab
  body: [!webservice ]
`;

/** A running service with {@link akeylessPolicy} loaded. */
export class AkeylessWorld {
  readonly service: TestService;
  readonly admin: Session;
  readonly #loaded: Loaded;
  readonly #tokens = new Map<string, string>();

  private constructor(service: TestService, admin: Session, loaded: Loaded) {
    this.service = service;
    this.admin = admin;
    this.#loaded = loaded;
  }

  static async of(service: TestService): Promise<AkeylessWorld> {
    const admin = await signIn(service);
    return new AkeylessWorld(service, admin, await load(admin, akeylessPolicy));
  }

  apiKeyOf(login: string): string {
    if (login === 'admin') return this.service.adminKey;
    const id = login.startsWith('host/') ? login.replace('/', ':') : `user:${login}`;
    const key = this.#loaded.created_roles[`${this.service.account}:${id}`]?.api_key;
    assert.ok(key !== undefined, login);
    return key;
  }

  /** A session's token; it is kept for the next time. */
  async tokenOf(login: string): Promise<string> {
    const known = this.#tokens.get(login);
    if (known !== undefined) return known;
    const { token } = await done(this.service, 'auth', { login, 'access-key': this.apiKeyOf(login) });
    assert.ok(typeof token === 'string');
    this.#tokens.set(login, token);
    return token;
  }

  /** An access token of Conjur's API, in base64. */
  async accessTokenOf(login: string): Promise<string> {
    const { token } = await signIn(this.service, login, this.apiKeyOf(login));
    return Buffer.from(token).toString('base64');
  }

  /** Makes a call as the administrator, or another, and insists that it was done. */
  async done(path: string, body: Body = {}, login = 'admin'): Promise<Body> {
    return done(this.service, path, { ...body, token: await this.tokenOf(login) });
  }

  async refused(path: string, body: Body, status: number, text: RegExp, login = 'admin'): Promise<void> {
    await refused(this.service, path, { ...body, token: await this.tokenOf(login) }, status, text);
  }

  /** The access id of a method by its name: `authn`, `authn/alice`, `authn-oidc/okta`. */
  async accessIdOf(name: string): Promise<string> {
    const { auth_methods: methods } = await this.done('list-auth-methods', { filter: name });
    const found = (methods as readonly Record<string, string>[]).find(
      (each) => each['auth_method_name'] === name,
    );
    assert.ok(found?.['auth_method_access_id'] !== undefined, name);
    return found['auth_method_access_id'];
  }

  async groupIdOf(name: string): Promise<string> {
    const { groups } = await this.done('list-groups', { filter: name });
    const found = (groups as readonly Record<string, string>[]).find((each) => each['group_name'] === name);
    assert.ok(found?.['group_id'] !== undefined, name);
    return found['group_id'];
  }

  /** Makes an app that whoever has an API key may use. */
  async app(name: string, settings: Body = {}): Promise<AppCredentials> {
    const assignment = JSON.stringify([{ access_id: await this.accessIdOf('authn'), sub_claims: {} }]);
    const app = await this.done('create-oidc-app', {
      name,
      'permission-assignment': assignment,
      ...settings,
    });
    return { name, clientId: String(app['client_id']), clientSecret: String(app['client_secret']) };
  }

  /** What describe-item says of an app beyond the item. */
  async clientInfo(name: string): Promise<Body> {
    const item = await this.done('describe-item', { name });
    return (item['item_general_info'] as { readonly oidc_client_info: Body }).oidc_client_info;
  }
}

export interface AppCredentials {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
}
