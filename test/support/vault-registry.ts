/** Somebody who manages the registry in Vault's words. */
import assert from 'node:assert/strict';
import { signIn, type Answer, type Session } from './client.ts';
import type { TestService } from './service.ts';
import { dataOf, errorsOf, vault } from './vault-identity.ts';

type Members = Readonly<Record<string, unknown>>;

/** Requests below `/v1/identity/oidc/`. */
export interface Manager {
  readonly token: string;
  readonly session: Session;
  get(path: string): Promise<Answer>;
  list(path: string): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** The data of what is read; it must be there. */
  read(path: string): Promise<Members>;
  /** Writes, and insists on 204. */
  write(path: string, body?: Members): Promise<void>;
  /** Writes, and insists on 400; tells why. */
  refused(path: string, body: Members): Promise<string>;
}

export function managerOf(session: Session): Manager {
  const { service } = session;
  const token = Buffer.from(session.token).toString('base64');
  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    vault(service, method, `identity/oidc/${path}`, { token, body });
  return {
    token,
    session,
    get: (path) => call('GET', path),
    list: (path) => call('LIST', path),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
    read: async (path) => dataOf(await call('GET', path)),
    write: async (path, body = {}) => {
      const answer = await call('POST', path, body);
      assert.deepEqual([answer.status, answer.text], [204, '']);
    },
    refused: async (path, body) => {
      const answer = await call('POST', path, body);
      assert.equal(answer.status, 400, answer.text);
      const [reason = '', ...others] = errorsOf(answer);
      assert.equal(others.length, 0);
      return reason;
    },
  };
}

/** The administrator as a manager. */
export async function administrator(service: TestService): Promise<Manager> {
  return managerOf(await signIn(service));
}

/** The warnings of a write, which has to be a success with some. */
export function warningsOf(answer: Answer): readonly string[] {
  assert.equal(answer.status, 200, answer.text);
  const { data, warnings } = answer.json() as { data: unknown; warnings: readonly string[] };
  assert.equal(data, null);
  return warnings;
}
