/**
 * The rows of Akamai's dialect. Its configuration is managed by clients, with tokens that name the methods and
 * collections they are for; nobody's privileges count.
 */
import { randomUUID } from 'node:crypto';
import type { Attempt, Case, Row, Rows, Stage } from './row.ts';

type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

const collections = ['clients', 'loginPolicies', 'tokenPolicies'] as const;
type Collection = (typeof collections)[number];

/** Scopes that permit everything but a method on a collection: other methods of it, and all of the others. */
function lesserScopes(method: Method, collection: Collection | undefined): readonly string[] {
  const others = collections.filter((each) => each !== collection).map((each) => `*:config/${each}/**`);
  if (collection === undefined) return others;
  const own = { GET: ['+'], POST: ['.'], PATCH: ['.'], PUT: ['.', '+'], DELETE: ['.', '+'] }[method];
  return [...others, ...own.map((behaviour) => `${behaviour}:config/${collection}/**`)];
}

/** The least scope that permits a method on a collection. */
function rightScope(method: Method, collection: Collection | undefined): string {
  if (collection === undefined) return '.:config';
  const behaviour = { GET: '.', POST: '+', PATCH: '+', PUT: '*', DELETE: '*' }[method];
  return `${behaviour}:config/${collection}/**`;
}

async function attempts(
  { akamai, admin, foreign }: Stage,
  method: Method,
  collection: Collection | undefined,
): Promise<Partial<Record<Case, Attempt>>> {
  const bearer = (token: string): Attempt => ({ headers: { authorization: `Bearer ${token}` } });
  const owner = await akamai.token();
  const made = await akamai.configurationClient(owner, `made for a row ${randomUUID()}`, [
    ...lesserScopes(method, collection),
    rightScope(method, collection),
  ]);
  const lesser = await akamai.token(made, lesserScopes(method, collection).join(' '));
  const right = await akamai.token(made, rightScope(method, collection));
  return {
    none: {},
    garbage: bearer('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
    foreign: bearer(Buffer.from(foreign.token).toString('base64')),
    signature: bearer(flipped(right)),
    nobody: bearer(Buffer.from(admin.token).toString('base64')),
    lesser: bearer(lesser),
    right: bearer(right),
  };
}

/** With one bit of its last character but one changed. */
function flipped(token: string): string {
  const at = token.length - 2;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

type Prepared = Readonly<Record<'id' | 'secretId', string>>;

const application = (name: string, policies: Readonly<Record<string, string>>) => ({
  name,
  type: 'confidential',
  redirectURIs: ['https://app.example/cb'],
  ...policies,
});

/** A client, or a policy, for a row alone. */
async function made(stage: Stage, collection: Collection, name: string): Promise<Prepared> {
  const { akamai } = stage;
  const token = await akamai.token();
  if (collection !== 'clients') {
    const id = await akamai.done<string>(token, 201, 'POST', `/${collection}`, { title: name });
    return { id, secretId: '' };
  }
  const body = application(name, await policies(stage));
  const { id } = await akamai.done<{ id: string }>(token, 201, 'POST', '/clients', body);
  const secret = await akamai.done<{ id: string }>(token, 201, 'POST', `/clients/${id}/secrets`);
  return { id, secretId: secret.id };
}

async function policies({ akamai }: Stage): Promise<Readonly<Record<string, string>>> {
  const token = await akamai.token();
  return {
    loginPolicy: await akamai.done<string>(token, 201, 'POST', '/loginPolicies', { title: 'People' }),
    tokenPolicy: await akamai.policy(token, ['openid']),
  };
}

/** A row about something that is there. */
function one(collection: Collection, method: Method, name: string, body?: Row['body']): Row {
  return {
    prepare: (stage) => made(stage, collection, name),
    attempts: (stage) => attempts(stage, method, collection),
    ...(body === undefined ? {} : { body }),
  };
}

/** A row about a collection. */
function all(collection: Collection | undefined, method: Method, body?: Row['body']): Row {
  return {
    attempts: (stage) => attempts(stage, method, collection),
    ...(body === undefined ? {} : { body }),
  };
}

const client = {
  name: '{name}',
  type: 'confidential',
  redirectURIs: ['https://app.example/cb'],
  loginPolicy: '{loginPolicy}',
  tokenPolicy: '{tokenPolicy}',
};

/** What a client is written with: policies of its own. */
function written(row: Row, name: string): Row {
  return {
    ...row,
    body: client,
    prepare: async (stage) => ({
      ...(await row.prepare?.(stage)),
      ...(await policies(stage)),
      name,
    }),
  };
}

const asClients = (name: string): string => `- !webservice conjur/oidc/${name}`;

export const akamaiRows: Rows = {
  getAkamaiCustomer: {},
  createFirstConfigurationClient: {
    policy: `${asClients('clients')}\n${asClients('policies')}`,
    body: { another: true },
  },
  getConfiguration: all(undefined, 'GET'),
  listAkamaiClients: all('clients', 'GET'),
  createAkamaiClient: written(all('clients', 'POST'), 'Made'),
  getAkamaiClient: one('clients', 'GET', 'Shown'),
  replaceAkamaiClient: written(one('clients', 'PUT', 'Before'), 'Replaced'),
  changeAkamaiClient: one('clients', 'PATCH', 'Changed', { name: 'After' }),
  deleteAkamaiClient: one('clients', 'DELETE', 'Deleted'),
  listAkamaiClientSecrets: one('clients', 'GET', 'Secrets'),
  addAkamaiClientSecret: one('clients', 'POST', 'Adding', {}),
  resetAkamaiClientSecret: one('clients', 'POST', 'Reset', {}),
  changeAkamaiClientSecret: one('clients', 'PATCH', 'Changing', { expiresIn: 3_600 }),
  deleteAkamaiClientSecret: one('clients', 'DELETE', 'Deleting'),
  ...policyRows('loginPolicies', 'LoginPolicy', 'LoginPolicies'),
  ...policyRows('tokenPolicies', 'TokenPolicy', 'TokenPolicies'),
};

function policyRows(collection: Collection, single: string, plural: string): Rows {
  return {
    [`listAkamai${plural}`]: all(collection, 'GET'),
    [`createAkamai${single}`]: all(collection, 'POST', { title: 'Made' }),
    [`getAkamai${single}`]: one(collection, 'GET', 'Shown'),
    [`replaceAkamai${single}`]: one(collection, 'PUT', 'Replaced', { title: 'Replaced' }),
    [`changeAkamai${single}`]: one(collection, 'PATCH', 'Changed', { title: 'Changed' }),
    [`deleteAkamai${single}`]: one(collection, 'DELETE', 'Deleted'),
  };
}
