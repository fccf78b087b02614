/** A running service with people, and an application at each kind of issuer, asked with openid-client. */
import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { done, type Body } from './akeyless.ts';
import { load, signIn, type Loaded, type Session } from './client.ts';
import type { TestService } from './service.ts';
import { vaultApi, vaultTokenOf, type VaultApi } from './vault-flow-world.ts';
import { assertAway, Visitor, type Stop } from './visitor.ts';

export const callback = 'https://app.example/callback';
export const afterLogout = 'https://app.example/signed-out';

export type Parameters = Readonly<Record<string, string | undefined>>;
export type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

/** openid-client marks what permits plain HTTP as deprecated so that nobody uses it elsewhere. */
export const overLoopback: (configuration: oidc.Configuration) => void = Reflect.get(
  oidc,
  'allowInsecureRequests',
);

const policy = `
- !user
  id: ada
  annotations:
    name: Ada Lovelace
    email: ada@example.com
    phone: "+44 20 7946 0000"
    street: 12 St James's Square
- !user bea
- !host robot
- !group staff
- !grant { role: !group staff, member: !user ada }
`;

const templates: Readonly<Record<string, string>> = {
  profile: '{ "name": {{identity.entity.metadata.name}}, "preferred_username": {{identity.entity.name}} }',
  email: '{ "email": {{identity.entity.metadata.email}} }',
  phone: '{ "phone_number": {{identity.entity.metadata.phone}} }',
  address: '{ "address": { "street_address": {{identity.entity.metadata.street}} } }',
};

/** An authorization request that was made, and what its answer has to match. */
export interface Begun {
  readonly url: URL;
  readonly checks: oidc.AuthorizationCodeGrantChecks;
}

/** An application at an issuer. */
export class Application {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  readonly configuration: oidc.Configuration;
  readonly #world: OpenIdWorld;

  constructor(world: OpenIdWorld, configuration: oidc.Configuration, secret: string) {
    this.#world = world;
    this.configuration = configuration;
    this.secret = secret;
    this.issuer = configuration.serverMetadata().issuer;
    this.clientId = configuration.clientMetadata().client_id;
  }

  get metadata(): oidc.ServerMetadata {
    return this.configuration.serverMetadata();
  }

  /** A request for a code; undefined leaves a parameter out. */
  begin(parameters: Parameters = {}): Begun {
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const asked: Parameters = { redirect_uri: callback, scope: 'openid', state, nonce, ...parameters };
    const url = oidc.buildAuthorizationUrl(this.configuration, given(asked));
    for (const [name, value] of Object.entries(asked)) if (value === undefined) url.searchParams.delete(name);
    return {
      url,
      checks: {
        ...(asked['state'] === undefined ? {} : { expectedState: asked['state'] }),
        ...(asked['nonce'] === undefined ? {} : { expectedNonce: asked['nonce'] }),
      },
    };
  }

  /** What the browser brought, for tokens; all checks are openid-client's, the signature included. */
  async redeem(
    { checks }: Begun,
    returned: URL,
    more: oidc.AuthorizationCodeGrantChecks = {},
  ): Promise<Tokens> {
    return oidc.authorizationCodeGrant(this.configuration, returned, { ...checks, ...more });
  }

  /** A whole sign-in of ada, unless another is named. */
  async signIn(visitor: Visitor, parameters: Parameters = {}, login = 'ada'): Promise<Tokens> {
    const begun = this.begin(parameters);
    return this.redeem(begun, assertAway(await this.enter(visitor, await visitor.open(begun.url), login)));
  }

  /** Passes the pages of a sign-in. */
  async enter(visitor: Visitor, first: Stop, login = 'ada'): Promise<Stop> {
    return visitor.passThrough(first, login, this.#world.apiKeyOf(login));
  }

  async userinfo(tokens: Tokens): Promise<oidc.UserInfoResponse> {
    return oidc.fetchUserInfo(this.configuration, tokens.access_token, String(tokens.claims()?.sub));
  }
}

export class OpenIdWorld {
  readonly service: TestService;
  readonly admin: Session;
  readonly vault: VaultApi;
  readonly #loaded: Loaded;

  private constructor(service: TestService, admin: Session, loaded: Loaded) {
    this.service = service;
    this.admin = admin;
    this.vault = vaultApi(service, vaultTokenOf(admin));
    this.#loaded = loaded;
  }

  static async of(service: TestService): Promise<OpenIdWorld> {
    const admin = await signIn(service);
    const world = new OpenIdWorld(service, admin, await load(admin, policy));
    for (const [scope, template] of Object.entries(templates)) {
      await world.vault.write(`identity/oidc/scope/${scope}`, { template });
    }
    await world.vault.write('identity/oidc/provider/default', {
      allowed_client_ids: ['*'],
      scopes_supported: Object.keys(templates),
    });
    return world;
  }

  visitor(): Visitor {
    return new Visitor(this.service.url);
  }

  apiKeyOf(login: string): string {
    const id = login.startsWith('host/') ? login.replace('/', ':') : `user:${login}`;
    return this.#loaded.created_roles[`${this.service.account}:${id}`]?.api_key ?? assert.fail(login);
  }

  /** A client of Vault's dialect, with every option on, at the provider `default`. */
  async vaultClient(
    name: string,
    changes: Readonly<Record<string, unknown>> = {},
    authentication = oidc.ClientSecretBasic,
  ): Promise<Application> {
    const path = `identity/oidc/client/${name}`;
    await this.vault.write(path, {
      redirect_uris: [callback],
      assignments: ['allow_all'],
      refresh_token: true,
      post_logout_redirect_uris: [afterLogout],
      ...changes,
    });
    const { client_id: id, client_secret: secret = '' } = await this.vault.data(path);
    const issuer = `${this.service.url}/v1/identity/oidc/provider/default`;
    return this.#discovered(issuer, String(id), String(secret), authentication);
  }

  /** An app of Akeyless' dialect, whose people are asked whether they agree. */
  async akeylessApp(name: string, settings: Readonly<Record<string, unknown>> = {}): Promise<Application> {
    const { service } = this;
    const { token } = await done(service, 'auth', { login: 'admin', 'access-key': service.adminKey });
    const { auth_methods: methods } = await done(service, 'list-auth-methods', { token, filter: 'authn' });
    const method = (methods as readonly Body[]).find(({ auth_method_name: named }) => named === 'authn');
    const assignment = [{ access_id: method?.['auth_method_access_id'], sub_claims: {} }];
    const app = await done(service, 'create-oidc-app', {
      token,
      name,
      'permission-assignment': JSON.stringify(assignment),
      'redirect-uris': callback,
      scopes: 'openid,offline_access,login',
      ...settings,
    });
    const item = await done(service, 'describe-item', { token, name });
    const { oidc_client_info: info } = item['item_general_info'] as { readonly oidc_client_info: Body };
    const [id, secret] = [String(app['client_id']), String(app['client_secret'])];
    return this.#discovered(String(info['issuer_url']), id, secret, oidc.ClientSecretPost);
  }

  async #discovered(
    issuer: string,
    clientId: string,
    secret: string,
    authentication: (secret: string) => oidc.ClientAuth,
  ): Promise<Application> {
    const execute = [overLoopback, oidc.enableNonRepudiationChecks];
    const by = secret === '' ? oidc.None() : authentication(secret);
    const configuration = await oidc.discovery(new URL(issuer), clientId, {}, by, { execute });
    return new Application(this, configuration, secret);
  }
}

export function given(parameters: Parameters): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The error that openid-client threw, by its OAuth name. */
export async function oauthErrorOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => assert.fail('it was not refused'),
    (failure: unknown) => failure,
  );
  return String((error as { readonly error?: unknown }).error);
}
