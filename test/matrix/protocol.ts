/** The rows of what applications and browsers ask of issuers, and of what anybody may ask. */
import * as oidc from 'openid-client';
import { basicHeader, type Session } from '../support/client.ts';
import { Application, callback, OpenIdWorld, overLoopback } from '../support/openid-world.ts';
import { assertAway } from '../support/visitor.ts';
import type { Attempt, Row, Rows, Stage, Texts } from './row.ts';

/** Refused for the lack of what the protocol has in its parameters, whoever asks. */
const unasked: Row = { neverServed: 'nothing is asked for: the parameters of the protocol are missing' };

/** Anybody may ask. */
const open: Row = {};

type Dialect = 'vault' | 'akeyless' | 'akamai';

interface Signed {
  readonly world: OpenIdWorld;
  readonly application: Application;
  readonly accessToken: string;
}

const worlds = new WeakMap<Session, Promise<OpenIdWorld>>();
const signedIn = new Map<string, Promise<Signed>>();

/** An application at an issuer, and an access token of somebody who signed in to it. */
async function signed(stage: Stage, dialect: Dialect): Promise<Signed> {
  const found = worlds.get(stage.admin) ?? OpenIdWorld.of(stage.service);
  worlds.set(stage.admin, found);
  const world = await found;
  const name = `${dialect} at ${stage.service.url}`;
  const known = signedIn.get(name) ?? signInAt(stage, world, dialect);
  signedIn.set(name, known);
  return known;
}

async function signInAt(stage: Stage, world: OpenIdWorld, dialect: Dialect): Promise<Signed> {
  const application = await applicationAt(stage, world, dialect);
  const tokens = await application.signIn(world.visitor());
  return { world, application, accessToken: tokens.access_token };
}

async function applicationAt(stage: Stage, world: OpenIdWorld, dialect: Dialect): Promise<Application> {
  if (dialect === 'vault') return world.vaultClient('matrix-application');
  if (dialect === 'akeyless') return world.akeylessApp('matrix-application');
  const { akamai, service } = stage;
  const token = await akamai.token();
  const loginPolicy = await akamai.done<string>(token, 201, 'POST', '/loginPolicies', { title: 'People' });
  const tokenPolicy = await akamai.policy(token, ['openid']);
  const body = { name: 'Matrix', type: 'confidential', redirectURIs: [callback], loginPolicy, tokenPolicy };
  const made = await akamai.done<{ id: string; secret: string }>(token, 201, 'POST', '/clients', body);
  const issuer = new URL(`${service.url}/${akamai.customerId}/login`);
  const by = oidc.ClientSecretBasic(made.secret);
  const options = { execute: [overLoopback] };
  return new Application(world, await oidc.discovery(issuer, made.id, {}, by, options), made.secret);
}

/** What a token that the issuer gave to an application opens, and no other. */
function userinfo(dialect: Dialect): Row {
  return {
    attempts: async (stage) => {
      const { accessToken } = await signed(stage, dialect);
      const bearer = (token: string): Attempt => ({ headers: { authorization: `Bearer ${token}` } });
      const other = await signed(stage, dialect === 'vault' ? 'akeyless' : 'vault');
      return {
        none: {},
        garbage: bearer('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
        foreign: bearer(other.accessToken),
        signature: bearer(flipped(accessToken)),
        nobody: bearer(Buffer.from(stage.admin.token).toString('base64')),
        right: bearer(accessToken),
      };
    },
  };
}

/** What a client does with its credentials. */
function byClient(dialect: Dialect): Row {
  return {
    body: new URLSearchParams({ token: 'a-token-that-is-none' }),
    attempts: async (stage) => {
      const { application } = await signed(stage, dialect);
      const { clientId, secret } = application;
      const other = (await signed(stage, dialect === 'vault' ? 'akeyless' : 'vault')).application;
      const by = (id: string, key: string): Attempt => ({ headers: basicHeader(id, key) });
      return {
        none: {},
        garbage: by(clientId, `${secret}x`),
        foreign: by(other.clientId, other.secret),
        nobody: by(clientId, other.secret),
        right: by(clientId, secret),
      };
    },
  };
}

/** What a browser asks at the beginning of a sign-in; of Vault's provider, whoever signs in. */
function authorization(dialect: Dialect, method: 'GET' | 'POST'): Row {
  return {
    attempts: async (stage) => {
      const { application } = await signed(stage, dialect);
      const other = (await signed(stage, dialect === 'vault' ? 'akeyless' : 'vault')).application;
      const asked = Object.fromEntries(application.begin().url.searchParams);
      const by = (token: string | undefined, changes: Texts = {}): Attempt => ({
        ...(method === 'GET'
          ? { query: { ...asked, ...changes } }
          : { body: new URLSearchParams({ ...asked, ...changes }) }),
        ...(token === undefined || dialect !== 'vault' ? {} : { headers: { 'x-vault-token': token } }),
      });
      const token = Buffer.from(stage.admin.token).toString('base64');
      return {
        none: dialect === 'vault' ? by(undefined) : {},
        garbage: dialect === 'vault' ? by('bm8gdG9rZW4=') : by(token, { client_id: 'no-client' }),
        foreign: by(token, { client_id: other.clientId }),
        right: by(token),
      };
    },
  };
}

/** A code for tokens. */
function redemption(dialect: Dialect): Row {
  return {
    attempts: async (stage) => {
      const { application, world } = await signed(stage, dialect);
      const other = (await signed(stage, dialect === 'vault' ? 'akeyless' : 'vault')).application;
      const code = async (): Promise<string> => {
        const visitor = world.visitor();
        const away = assertAway(
          await application.enter(visitor, await visitor.open(application.begin().url)),
        );
        return away.searchParams.get('code') ?? '';
      };
      const redeem = (value: string, headers: Texts = {}): Attempt => ({
        headers,
        body: new URLSearchParams({ grant_type: 'authorization_code', code: value, redirect_uri: callback }),
      });
      const { clientId, secret } = application;
      const spare = await code();
      return {
        none: redeem(spare),
        garbage: redeem(spare, basicHeader(clientId, `${secret}x`)),
        foreign: redeem(spare, basicHeader(other.clientId, other.secret)),
        nobody: redeem('no-code', basicHeader(clientId, secret)),
        right: { late: async () => redeem(await code(), basicHeader(clientId, secret)) },
      };
    },
  };
}

/** With another character in the middle of its last part. */
function flipped(token: string): string {
  const at = token.length - 10;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

export const protocolRows: Rows = {
  getLiveness: open,
  getReadiness: open,
  getMetrics: open,
  getOpenApi: open,
  getVaultAuthorization: authorization('vault', 'GET'),
  postVaultAuthorization: authorization('vault', 'POST'),
  postVaultToken: redemption('vault'),
  getVaultUserinfo: userinfo('vault'),
  postVaultUserinfo: userinfo('vault'),
  postVaultIntrospection: byClient('vault'),
  postVaultRevocation: byClient('vault'),
  getAkeylessDiscovery: open,
  getAkeylessKeys: open,
  akeylessToken: redemption('akeyless'),
  akeylessAuthorize: authorization('akeyless', 'GET'),
  akeylessAuthorizeByPost: authorization('akeyless', 'POST'),
  akeylessResume: unasked,
  akeylessRevoke: byClient('akeyless'),
  akeylessIntrospect: byClient('akeyless'),
  akeylessLogout: unasked,
  akeylessLogoutByPost: unasked,
  akeylessLogoutConfirm: unasked,
  akeylessLoggedOut: unasked,
  akeylessUserinfo: userinfo('akeyless'),
  akeylessUserinfoByPost: userinfo('akeyless'),
  getAkamaiDiscovery: open,
  getAkamaiKeys: open,
  getAkamaiKeysByOtherName: open,
  'akamaiToken code': redemption('akamai'),
  akamaiToken: {
    attempts: async ({ akamai }) => {
      const { clientId, clientSecret } = akamai.owner;
      const asking = {
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: '*:config/**' }),
      };
      return {
        none: asking,
        garbage: { ...asking, headers: basicHeader(clientId, `${clientSecret}x`) },
        right: { ...asking, headers: basicHeader(clientId, clientSecret) },
      };
    },
  },
  akamaiAuthorize: authorization('akamai', 'GET'),
  akamaiAuthorizeByPost: authorization('akamai', 'POST'),
  akamaiResume: unasked,
  akamaiIntrospect: byClient('akamai'),
  akamaiRevoke: byClient('akamai'),
  akamaiLogout: unasked,
  akamaiLogoutByPost: unasked,
  akamaiLogoutConfirm: unasked,
  akamaiLoggedOut: unasked,
  akamaiUserinfo: userinfo('akamai'),
  akamaiUserinfoByPost: userinfo('akamai'),
  akamaiProfile: userinfo('akamai'),
  akamaiProfileByPost: userinfo('akamai'),
};
