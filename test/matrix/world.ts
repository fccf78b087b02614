/** One service, with everything that the rows need, and roles that hold what each operation demands. */
import assert from 'node:assert/strict';
import { withAccounts } from '../../src/app.ts';
import { createAccountOffline, renewOperatorOffline } from '../../src/domain/accounts/offline.ts';
import { toAccount, toRoleId } from '../../src/domain/ids.ts';
import type { AccountState } from '../../src/domain/accounts/account-state.ts';
import { AccessTokens } from '../../src/domain/tokens/access-tokens.ts';
import { bootstrapCustomer } from '../support/akamai.ts';
import { done, type Body } from '../support/akeyless.ts';
import { load, sessionOf, signIn, type Session } from '../support/client.ts';
import type { Operation } from '../support/openapi.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { startProvers } from './provers.ts';
import { needsOf, roleFolder, rolesOf, type Need } from './privileges.ts';
import { operationIdOf, type Row, type Rows, type Stage, type Texts } from './row.ts';

/** An operation with its row, what it demands, and the parameters that its preparation answered. */
export interface Prepared {
  readonly name: string;
  readonly operation: Operation;
  readonly row: Row;
  readonly account: string;
  readonly needs: readonly Need[];
  readonly parameters: Texts;
  /** The access tokens of the row's roles, by the names of {@link rolesOf}, of `nobody`, and one that has `expired`. */
  readonly tokens: ReadonlyMap<string, string>;
}

export interface World {
  readonly stage: Stage;
  readonly prepared: readonly Prepared[];
  /** What issuers are called by. */
  readonly identifiers: Texts;
  /** What tells the state of every account from any other. */
  epochs(): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

const hourMs = 60 * 60 * 1_000;
const settings = {
  LATCHKEY_TELEMETRY_ENABLED: 'true',
  LATCHKEY_FEATURE_DYNAMIC_SECRETS_ENABLED: 'true',
  LATCHKEY_MAX_FAILURES: '0',
};

export async function openWorld(operations: readonly Operation[], rows: Rows): Promise<World> {
  const provers = await startProvers();
  const service = await startTestService({ ...settings, ...provers.settings });
  const ends: (() => Promise<void>)[] = [() => service.stop(), () => provers.stop()];
  const { config } = service;
  const otherKey = await withAccounts(config, async (tools) => {
    await createAccountOffline(tools, 'removed-by-matrix', undefined);
    return (await createAccountOffline(tools, 'other', undefined)).apiKey;
  });
  const operatorKey = await withAccounts(config, renewOperatorOffline);
  const admin = await signIn(service);
  const accounts = new Map<string, Accounted>([
    ['acct', { admin, keys: new Map() }],
    ['!', { admin: await signIn(inAccount(service, '!'), 'admin', operatorKey), keys: new Map() }],
  ]);
  const wanted = operations.flatMap((operation) => {
    const own = Object.keys(rows).filter((name) => operationIdOf(name) === operation.operationId);
    return (own.length === 0 ? [operation.operationId] : own).map((name) => {
      const row = rows[name] ?? {};
      const account = row.account ?? 'acct';
      return { name, operation, row, account, needs: needsOf(operation, row, account) };
    });
  });
  for (const { row } of wanted) await row.before?.(admin);
  for (const [account, { admin: loader, keys }] of accounts) {
    const own = wanted.filter((each) => each.account === account);
    const loaded = await load(loader, policyOf(own));
    for (const { id, api_key: key } of Object.values(loaded.created_roles)) keys.set(id, key);
  }
  const keyOf = (account: string, id: string): string =>
    accounts.get(account)?.keys.get(`${account}:${id}`) ?? assert.fail(`${account}:${id}`);
  const tokenOf = async (account: string, id: string): Promise<string> => {
    const login = id.replace(/^user:/, '').replace(/^host:/, 'host/');
    return (await signIn(inAccount(service, account), login, keyOf(account, id))).token;
  };
  const stage: Stage = {
    service,
    admin,
    nobody: sessionOf(service, await tokenOf('acct', 'host:nobody')),
    foreign: await signIn(inAccount(service, 'other'), 'admin', otherKey),
    adminKeyOfOther: otherKey,
    akamai: await bootstrapCustomer(service),
    provers,
    atEnd: (act) => {
      ends.unshift(act);
    },
    apiKey: (id) => keyOf('acct', id),
  };
  const expired = await withAccounts(config, async ({ authority }) => {
    const past = new AccessTokens(authority, { now: () => Date.now() - hourMs });
    const states = new Map<string, AccountState>();
    for (const account of accounts.keys()) {
      states.set(account, (await authority.read(toAccount(account), [])).state);
    }
    return (account: string, identifier: string): string => {
      const state = states.get(account) ?? assert.fail(account);
      return past.issue(state, toRoleId(account, 'host', identifier), 480);
    };
  });
  const prepared: Prepared[] = [];
  for (const { name, operation, row, account, needs } of wanted) {
    const tokens = new Map([['nobody', await tokenOf(account, 'host:nobody')]]);
    const own = rolesOf(name, needs);
    const right = own.length === 0 ? 'nobody' : `${roleFolder(name)}/right`;
    tokens.set('expired', expired(account, right));
    for (const { role } of own) {
      tokens.set(role, await tokenOf(account, `host:${roleFolder(name)}/${role}`));
    }
    const made = (await row.prepare?.(stage)) ?? {};
    prepared.push({ name, operation, row, account, needs, parameters: { ...row.with, ...made }, tokens });
  }
  return {
    stage,
    prepared,
    identifiers: { customerId: stage.akamai.customerId, accountId: await accountIdOf(stage) },
    epochs: () =>
      withAccounts(config, async ({ authority }) => {
        const names = ['acct', 'other', '!'].map(toAccount);
        return Promise.all(names.map(async (name) => (await authority.read(name, [])).state.epoch));
      }),
    close: async () => {
      for (const end of ends) await end();
    },
  };
}

/** The account's name in Akeyless' dialect, of which the issuer of an app tells. */
async function accountIdOf({ service, admin }: Stage): Promise<string> {
  const own = { name: 'of-this-account', token: Buffer.from(admin.token).toString('base64') };
  await done(service, 'create-oidc-app', own);
  const item = await done(service, 'describe-item', own);
  const { oidc_client_info: info } = item['item_general_info'] as { readonly oidc_client_info: Body };
  return String(info['issuer_url']).replace(/^.*\//, '');
}

interface Accounted {
  readonly admin: Session;
  readonly keys: Map<string, string>;
}

function inAccount(service: TestService, account: string): TestService {
  return { ...service, account: encodeURIComponent(account) };
}

/** The policies of rows, then their roles, which may do something there. A line that several have counts once. */
function policyOf(
  wanted: readonly { readonly name: string; readonly row: Row; readonly needs: readonly Need[] }[],
): string {
  const resources = new Set(wanted.flatMap(({ row }) => (row.policy ?? '').split(/\n(?=- )/)));
  const roles = wanted.flatMap(({ name, needs }) => rolesOf(name, needs));
  return ['- !host nobody', ...resources, ...roles.map(({ policy }) => policy)].filter(Boolean).join('\n');
}
