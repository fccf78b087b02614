/** What somebody asks of Vault's dialect, and what usually comes of it. */
import assert from 'node:assert/strict';
import { signIn, type Answer, type Session } from './client.ts';
import type { TestService } from './service.ts';
import { dataOf, errorsOf, vault } from './vault-identity.ts';

type Body = Readonly<Record<string, unknown>>;

export class VaultApi {
  readonly #service: Pick<TestService, 'url'>;
  readonly #token: string | undefined;

  constructor(service: Pick<TestService, 'url'>, token?: string) {
    this.#service = service;
    this.#token = token;
  }

  async send(method: string, path: string, body?: Body): Promise<Answer> {
    const token = this.#token === undefined ? {} : { token: this.#token };
    return vault(this.#service, method, path, { ...token, body });
  }

  async write(path: string, body: Body = {}): Promise<Answer> {
    return this.send('PUT', path, body);
  }

  /** A write that is answered with 204. */
  async put(path: string, body: Body = {}): Promise<void> {
    const answer = await this.write(path, body);
    assert.deepEqual([answer.status, answer.text], [204, ''], path);
  }

  async delete(path: string): Promise<number> {
    return (await this.send('DELETE', path)).status;
  }

  async status(path: string): Promise<number> {
    return (await this.send('GET', path)).status;
  }

  /** `data` of an answer that is wrapped. */
  async read(path: string): Promise<Body> {
    return dataOf(await this.send('GET', path));
  }

  /** An answer that is not wrapped. */
  async raw(path: string): Promise<Body> {
    const answer = await this.send('GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    return answer.json() as Body;
  }

  /** The names in a list; none where it is answered with 404. */
  async list(path: string): Promise<readonly string[]> {
    const answer = await this.send('GET', `${path}?list=true`);
    if (answer.status === 404) return [];
    return dataOf(answer)['keys'] as readonly string[];
  }

  /** The one text of a write that is refused with 400. */
  async refused(path: string, body: Body = {}, method = 'PUT'): Promise<string> {
    const answer = await this.send(method, path, method === 'PUT' ? body : undefined);
    assert.equal(answer.status, 400, `${path}: ${answer.text}`);
    const [reason = '', ...others] = errorsOf(answer);
    assert.deepEqual(others, []);
    return reason;
  }
}

/** As the role of a session, by its access token. */
export function vaultApiOf({ service, token }: Session): VaultApi {
  return new VaultApi(service, Buffer.from(token).toString('base64'));
}

/** As the administrator. */
export async function vaultAdmin(service: TestService): Promise<VaultApi> {
  return vaultApiOf(await signIn(service));
}
