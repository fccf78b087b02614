/** What scenarios of Conjur's start from: an account called `cucumber`, a root policy, and its users. */
import assert from 'node:assert/strict';
import { recordsOf } from './audit-records.ts';
import { load, signIn, type Answer, type Session } from './client.ts';
import { describeOnStores } from './on-stores.ts';
import type { TestService } from './service.ts';

export interface World {
  readonly service: TestService;
  readonly admin: Session;
  /** Replaces the root policy, so that nothing of an earlier scenario is left, or loads another way. */
  load(text: string, method?: 'PUT' | 'POST' | 'PATCH', branch?: string): Promise<void>;
  /** A session of a user that a policy made; `host/…` for a host. */
  as(login: string): Promise<Session>;
  /** The audit records that an act writes, without time, host and process. */
  recordsOf(act: () => Promise<unknown>): Promise<readonly string[]>;
}

export interface OnWorld {
  /** From `before` on. */
  readonly world: World;
}

/** Runs a suite on both stores; each test is to load the policy that it needs. */
export function describeScenarios(
  title: string,
  suite: (on: OnWorld) => void,
  env: Readonly<Record<string, string>> = {},
): void {
  describeOnStores(
    title,
    (store) => {
      const on = { world: undefined as unknown as World };
      before(async () => {
        on.world = await worldOf(store.service);
      });
      suite(on);
    },
    { LATCHKEY_ACCOUNT: 'cucumber', ...env },
  );
}

async function worldOf(service: TestService): Promise<World> {
  const keys = new Map<string, string>();
  const admin = await signIn(service);
  return {
    service,
    admin,
    load: async (text, method = 'PUT', branch = 'root') => {
      const { created_roles: created } = await load(admin, text, branch, method);
      for (const { id, api_key: apiKey } of Object.values(created)) keys.set(id, apiKey);
    },
    as: async (login) => {
      if (login === 'admin') return admin;
      const [kind = '', ...rest] = login.includes('/') ? login.split('/') : ['user', login];
      return signIn(service, login, keys.get(`${service.account}:${kind}:${rest.join('/')}`));
    },
    recordsOf: (act) => recordsOf(service, act),
  };
}

/** The JSON of a GET that must be answered. */
export async function getJson(session: Session, path: string): Promise<unknown> {
  const answer = await session.send('GET', path);
  assert.equal(answer.status, 200, `${path}: ${String(answer.status)} ${answer.text}`);
  return answer.json();
}

/** The ids of a list of resources. */
export async function listIds(session: Session, path: string): Promise<readonly string[]> {
  return ((await getJson(session, path)) as readonly { readonly id: string }[]).map(({ id }) => id);
}

/** Conjur's answer for a record that is not there, or not to be known of. */
export function notFoundBody(id: string): unknown {
  const [account = '', kind = '', ...rest] = id.split(':');
  const shownKind = kind.charAt(0).toUpperCase() + kind.slice(1);
  return {
    error: {
      code: 'not_found',
      message: `${shownKind} '${rest.join(':')}' not found in account '${account}'`,
      target: kind,
      details: { code: 'not_found', target: 'id', message: id },
    },
  };
}

/** An answer of a status and nothing else. */
export function assertEmpty(answer: Answer, status: number): void {
  assert.deepEqual([answer.status, answer.text], [status, '']);
  if (status !== 204) assert.equal(answer.headers.get('content-length'), '0');
}

/** An error of one code and message. */
export function assertError(answer: Answer, status: number, code: string, message: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(answer.json(), { error: { code, message } });
}
