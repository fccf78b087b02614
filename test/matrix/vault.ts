/** The rows of Vault's dialect: what manages its objects, its tokens, and what is not served. */
import assert from 'node:assert/strict';
import { vaultTokenOf } from '../support/vault-flow-world.ts';
import { vault, dataOf } from '../support/vault-identity.ts';
import type { Attempt, Row, Rows, Stage } from './row.ts';

const tokenOf = ({ admin }: Stage): string => vaultTokenOf(admin);

/** Writes below `identity/oidc/` as the administrator. */
async function write(stage: Stage, path: string, body: object = {}): Promise<void> {
  const answer = await vault(stage.service, 'POST', `identity/oidc/${path}`, { token: tokenOf(stage), body });
  assert.ok(answer.status < 300, `${path}: ${answer.text}`);
}

/** The webservice at which the privileges for an object, or for all of a kind, are. */
function webservice(path: string): string {
  return `- !webservice conjur/oidc/${path}`;
}

/** What each kind of object needs to be written. */
const kinds = {
  Provider: { path: 'provider', all: 'providers', body: {} },
  Scope: { path: 'scope', all: 'scopes', body: {} },
  Client: { path: 'client', all: 'clients', body: {} },
  Assignment: { path: 'assignment', all: 'assignments', body: {} },
  Key: { path: 'key', all: 'keys', body: {} },
  Role: { path: 'role', all: 'roles', body: { key: 'default' } },
} as const;

function objectRows(): Rows {
  const rows: Record<string, Row> = {};
  for (const [kind, { path, all, body }] of Object.entries(kinds)) {
    const existing = (name: string): Row => ({
      with: { [path]: name },
      policy: webservice(`${all}/${name}`),
      prepare: async (stage) => {
        await write(stage, `${path}/${name}`, body);
        return undefined;
      },
    });
    rows[`getVault${kind}`] = existing('shown');
    // Writing what is there takes `update`, what is not there `create`: the row is of the latter.
    rows[`writeVault${kind}`] = {
      with: { [path]: 'written' },
      policy: webservice(`${all}/written`),
      when: 'there is none of that name',
      body,
    };
    rows[`writeVault${kind} over one`] = { ...existing('overwritten'), when: 'there is one', body };
    rows[`writeVault${kind} by PUT`] = {
      with: { [path]: 'put' },
      policy: webservice(`${all}/put`),
      when: 'there is none of that name',
      method: 'PUT',
      body,
    };
    rows[`deleteVault${kind}`] = existing('deleted');
    rows[`listVault${kind}s`] = { policy: webservice(all), query: { list: 'true' } };
    rows[`listVault${kind}s by LIST`] = { method: 'LIST' };
    if (kind === 'Client') rows['rotateVaultClientSecret'] = { ...existing('rotated'), body: {} };
    if (kind === 'Key') rows['rotateVaultKey'] = { ...existing('rotated'), body: {} };
  }
  return rows;
}

const identities = webservice('identities');
const byId = async (stage: Stage, kind: string): Promise<{ id: string }> => {
  const answer = await vault(stage.service, 'GET', `identity/${kind}`, { token: tokenOf(stage) });
  return { id: String(dataOf(answer)['id']) };
};

const identityRows: Rows = {
  getVaultEntityById: { policy: identities, prepare: (stage) => byId(stage, 'entity/name/vault-user') },
  getVaultEntityByName: { with: { name: 'vault-user' } },
  listVaultEntities: { query: { list: 'true' } },
  listVaultEntityNames: { query: { list: 'true' } },
  lookUpVaultEntity: { body: { name: 'vault-user' } },
  getVaultGroupById: {
    policy: '- !user vault-user\n- !group vault-group',
    prepare: (stage) => byId(stage, 'group/name/vault-group'),
  },
  getVaultGroupByName: { with: { name: 'vault-group' } },
  listVaultGroups: { query: { list: 'true' } },
  listVaultGroupNames: { query: { list: 'true' } },
  lookUpVaultGroup: { body: { name: 'vault-group' } },
};

/** A session of somebody, so that ending it ends nothing else. */
async function session(stage: Stage): Promise<string> {
  const password = stage.apiKey('user:vault-user');
  const answer = await vault(stage.service, 'POST', 'auth/userpass/login/vault-user', { body: { password } });
  assert.equal(answer.status, 200, answer.text);
  return (answer.json() as { readonly auth: { readonly client_token: string } }).auth.client_token;
}

async function sessionAttempts(stage: Stage): Promise<Readonly<Record<string, Attempt>>> {
  const header = (token: string): Attempt => ({ headers: { 'x-vault-token': token } });
  const revoked = await session(stage);
  await vault(stage.service, 'POST', 'auth/token/revoke-self', { token: revoked });
  return {
    none: {},
    garbage: header('s.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
    expired: header(revoked),
    right: header(await session(stage)),
  };
}

/** Whoever has a session's token may look after it: it is named in the body, and who asks is another. */
async function namedSession(stage: Stage): Promise<Readonly<Record<string, Attempt>>> {
  const bearer = (token: string) => ({ headers: { 'x-vault-token': token } });
  const own = vaultTokenOf(stage.nobody);
  return {
    none: { body: { token: await session(stage) } },
    garbage: { ...bearer(own), body: { token: 's.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' } },
    foreign: { ...bearer(vaultTokenOf(stage.foreign)), body: { token: await session(stage) } },
    right: { ...bearer(own), body: { token: await session(stage) } },
  };
}

async function logins(stage: Stage): Promise<Readonly<Record<string, Attempt>>> {
  return {
    none: { body: {} },
    garbage: { body: { password: 'not the key' } },
    foreign: { body: { password: stage.adminKeyOfOther } },
    right: { body: { password: stage.service.adminKey } },
  };
}

const serverRows: Rows = {
  logInToVault: { with: { login: 'admin' }, attempts: logins },
  lookUpOwnVaultToken: { attempts: sessionAttempts },
  postOwnVaultTokenLookup: { attempts: sessionAttempts, body: {} },
  renewOwnVaultToken: { attempts: sessionAttempts, body: {} },
  revokeOwnVaultToken: { attempts: sessionAttempts },
  lookUpVaultToken: { attempts: namedSession },
  renewVaultToken: { attempts: namedSession },
  revokeVaultToken: { attempts: namedSession },
  createVaultToken: { body: {} },
  getVaultMountForPages: { with: { rest: 'auth/token' } },
  listVaultMountsForPages: {},
  listVaultAuthMethods: {},
  getOwnVaultCapabilities: { body: { paths: ['identity/oidc/client/x'] } },
  getVaultSealStatus: {},
  getVaultInitialization: {},
  getVaultLeader: {},
  getVaultHealth: {},
  getVaultIdentityConfiguration: {},
  getVaultIdentityKeys: {},
  getVaultProviderConfiguration: {},
  getVaultProviderKeys: {},
  getVaultIdentityConfig: { policy: webservice('config') },
  writeVaultIdentityConfig: { body: { issuer: '' } },
  getVaultIdentityToken: {
    with: { role: 'issuing' },
    policy: webservice('tokens/issuing'),
    prepare: async (stage) => {
      await write(stage, 'key/issuing');
      await write(stage, 'role/issuing', { key: 'issuing' });
      const { client_id: id } = dataOf(
        await vault(stage.service, 'GET', 'identity/oidc/role/issuing', { token: tokenOf(stage) }),
      );
      await write(stage, 'key/issuing', { allowed_client_ids: [id] });
      return undefined;
    },
  },
  introspectVaultIdentityToken: { policy: webservice('introspection'), body: { token: 'x.y.z' } },
};

export const vaultRows: Rows = { ...objectRows(), ...identityRows, ...serverRows };
