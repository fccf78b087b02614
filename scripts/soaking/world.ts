/** What a soak plays with: roles, variables, an issuer's ID tokens and clients of the OpenID Provider. */
import { startIssuer } from '../../test/support/issuer.ts';
import type { History } from '../../test/support/history/history.ts';
import type { SecretReads } from '../../test/support/history/audit.ts';
import { tokenHeader, type Answer, type Caller } from './call.ts';
import { account } from './fleet.ts';
import type { Random } from './random.ts';

/** How many there are of each; few, so that clients meet at the same ones. */
export const size = 6;
export const indexes: readonly number[] = Array.from({ length: size }, (_, index) => index);

export interface ProviderClient {
  readonly id: string;
  readonly secret: string;
}

/** What every operation is given. */
export interface World {
  readonly history: History;
  readonly reads: SecretReads;
  readonly call: Caller;
  readonly adminToken: string;
  /** Access tokens by login. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Keys that were told, by login, newest last; some of them no longer good. */
  readonly keys: Map<string, string[]>;
  readonly idToken: string;
  readonly clients: readonly ProviderClient[];
  /** A number that is used once. */
  next(): number;
}

/** One operation's view: a seeded choice, and the process that each request goes to. */
export interface Turn extends World {
  readonly random: Random;
  /** The address of any process. */
  url(): string;
}

export const provider = '/v1/identity/oidc/provider/soak';
export const redirectUri = 'https://application.example.org/callback';

const issuerTokenTtlSeconds = 5 * 60 * 60;

function policy(): string {
  const each = (text: (index: string) => string): string =>
    indexes.map((index) => text(String(index))).join('');
  const open = (role: string, variable: string): string =>
    `- !permit { role: ${role}, privileges: [ read, execute ], resource: !variable ${variable} }\n`;
  return [
    '- !user reader\n- !user alice\n',
    each((i) => `- !variable secret-${i}\n${open('!user reader', `secret-${i}`)}`),
    each(
      (i) =>
        `- !user member-${i}\n- !group group-${i}\n- !variable grouped-${i}\n${open(`!group group-${i}`, `grouped-${i}`)}`,
    ),
    each((i) => `- !user permitted-${i}\n- !variable single-${i}\n`),
    each((i) => `- !user pair-${i}\n- !variable left-${i}\n- !variable right-${i}\n`),
    each((i) => `- !user rotated-${i}\n- !user signer-${i}\n`),
    '- !policy\n  id: made\n  body:\n  - !layer hosts\n  - !host-factory { id: factory, layers: [ !layer hosts ] }\n',
    `- !policy
  id: conjur/authn-oidc/soak
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !permit { role: !user /alice, privilege: [ read, authenticate ], resource: !webservice }
`,
  ].join('');
}

export type Foundation = Pick<World, 'history' | 'reads' | 'call'>;

/** Makes everything through the first process. */
export async function makeWorld(
  { history, reads, call }: Foundation,
  url: string,
  adminKey: string,
): Promise<World & { stop(): Promise<void> }> {
  const issuer = await startIssuer({ algorithms: ['ES256'], idTokenTtlSeconds: issuerTokenTtlSeconds });
  const must = async (answer: Promise<Answer>): Promise<Answer> => {
    const { status, text } = await answer;
    if (status < 300) return answer;
    throw new Error(`the world could not be made: ${String(status)} ${text}`);
  };
  const authenticate = async (login: string, key: string): Promise<string> =>
    (
      await must(
        call(`${url}/authn/${account}/${encodeURIComponent(login)}/authenticate`, {
          method: 'POST',
          body: key,
        }),
      )
    ).text;
  const adminToken = await authenticate('admin', adminKey);
  const admin = tokenHeader(adminToken);
  const loaded = await must(
    call(`${url}/policies/${account}/policy/root`, {
      method: 'POST',
      headers: admin,
      body: policy(),
    }),
  );
  const created = createdKeys(loaded);
  const tokens = new Map<string, string>();
  for (const [login, key] of created) tokens.set(login, await authenticate(login, key));
  const set = (variable: string, body: string): Promise<Answer> =>
    must(call(url + secretPath(variable), { method: 'POST', headers: admin, body }));
  await set('conjur/authn-oidc/soak/provider-uri', issuer.url);
  await set('conjur/authn-oidc/soak/id-token-user-property', 'preferred_username');
  for (const index of indexes) {
    const i = String(index);
    for (const name of ['grouped', 'single', 'left', 'right'])
      await set(`${name}-${i}`, `value of ${name}-${i}`);
    history.initially(`member-${i}`, false);
    history.initially(`permitted-${i}`, false);
    history.initially(`pair-${i}`, '');
    history.initially(`client-${i}`, true);
    for (const login of [`rotated-${i}`, `signer-${i}`])
      history.initially(`key:${login}`, created.get(login));
  }
  history.initially('authn-oidc', false);
  let used = 0;
  return {
    history,
    reads,
    call,
    adminToken,
    tokens,
    keys: new Map([...created].map(([login, key]) => [login, [key]])),
    idToken: await issuer.idToken('alice'),
    clients: await makeClients((path, body) =>
      must(
        call(`${url}/v1/identity/${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: vaultHeader(adminToken),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    ),
    next: () => (used += 1),
    stop: () => issuer.stop(),
  };
}

async function makeClients(
  vault: (path: string, body?: object) => Promise<Answer>,
): Promise<readonly ProviderClient[]> {
  const clients: ProviderClient[] = [];
  await vault('oidc/key/soak', { algorithm: 'ES256', allowed_client_ids: ['*'] });
  for (const index of indexes) {
    await vault(`oidc/client/client-${String(index)}`, clientBody(false));
    const { data } = JSON.parse((await vault(`oidc/client/client-${String(index)}`)).text) as {
      readonly data: { readonly client_id: string; readonly client_secret: string };
    };
    clients.push({ id: data.client_id, secret: data.client_secret });
  }
  await vault('oidc/provider/soak', { allowed_client_ids: ['*'] });
  return clients;
}

export function clientBody(disabled: boolean): object {
  return {
    key: 'soak',
    redirect_uris: [redirectUri],
    assignments: ['allow_all'],
    client_credentials: true,
    refresh_token: true,
    disabled,
  };
}

export function vaultHeader(token: string): Readonly<Record<string, string>> {
  return { 'x-vault-token': Buffer.from(token).toString('base64') };
}

export function secretPath(variable: string): string {
  return `/secrets/${account}/variable/${encodeURIComponent(variable)}`;
}

/** The API keys that a load answers, by login. */
export function createdKeys(answer: Answer): ReadonlyMap<string, string> {
  const { created_roles: created = {} } = JSON.parse(answer.text) as {
    readonly created_roles?: Readonly<Record<string, { readonly api_key: string }>>;
  };
  return new Map(
    Object.entries(created).map(([id, { api_key: key }]) => {
      const [, kind = '', name = ''] = id.split(/:(.*?):/s);
      return [kind === 'user' ? name : `${kind}/${name}`, key];
    }),
  );
}
