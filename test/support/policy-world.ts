/** An account to load policies into over HTTP, and to ask what came of it. Ids leave the account out. */
import assert from 'node:assert/strict';
import { recordsOf } from './audit-records.ts';
import { load, secretPath, setSecret, signIn, type Answer, type Loaded, type Session } from './client.ts';
import { describeOnStores } from './on-stores.ts';

interface ShownResource {
  readonly owner: string;
  readonly policy?: string;
  readonly permissions: readonly { readonly role: string; readonly privilege: string }[];
  readonly annotations: readonly {
    readonly name: string;
    readonly value: string;
    readonly policy?: string;
  }[];
  readonly restricted_to?: readonly string[];
  readonly layers?: readonly string[];
  readonly policy_versions?: readonly { readonly version: number; readonly policy_text: string }[];
}

interface ShownMember {
  readonly member: string;
  readonly ownership: boolean;
  readonly admin_option: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

type Method = 'POST' | 'PATCH' | 'PUT';

export class PolicyWorld {
  readonly session: Session;
  readonly account: string;
  readonly #keys = new Map<string, string>();

  constructor(session: Session) {
    this.session = session;
    this.account = session.service.account;
  }

  /** A load to the root that is accepted; the keys of new roles are kept. */
  async post(text: string, branch = 'root'): Promise<Loaded> {
    return this.load('POST', text, branch);
  }
  async patch(text: string, branch = 'root'): Promise<Loaded> {
    return this.load('PATCH', text, branch);
  }
  async put(text: string, branch = 'root'): Promise<Loaded> {
    return this.load('PUT', text, branch);
  }

  async load(method: Method, text: string, branch: string): Promise<Loaded> {
    const loaded = await load(this.session, text, branch, method);
    for (const { id, api_key: key } of Object.values(loaded.created_roles))
      this.#keys.set(this.#short(id), key);
    return loaded;
  }

  /** A load that may be refused. */
  async try(method: Method, text: string, branch = 'root', session = this.session): Promise<Answer> {
    return session.send(method, this.#policyPath(branch), text);
  }

  async refused(method: Method, text: string, branch = 'root'): Promise<Refusal> {
    const answer = await this.try(method, text, branch);
    assert.ok(answer.status >= 400, `${answer.status}: ${text}`);
    const { error } = answer.json() as {
      readonly error: { readonly code: string; readonly message: string };
    };
    const { code, message } = error;
    return { status: answer.status, code, message };
  }

  /** A dry run. */
  async dryRun(
    method: Method,
    text: string | Uint8Array,
    branch = 'root',
    session = this.session,
  ): Promise<Answer> {
    return session.send(method, `${this.#policyPath(branch)}?dryRun=true`, text);
  }

  async fetch(branch = 'root', query = '', headers: Record<string, string> = {}): Promise<Answer> {
    return this.session.send('GET', `${this.#policyPath(branch)}${query}`, undefined, headers);
  }

  /** A session of a user or host (`host/…`) that a load made. */
  async as(login: string): Promise<Session> {
    const id = login.startsWith('host/') ? `host:${login.slice('host/'.length)}` : `user:${login}`;
    return signIn(this.session.service, login, this.#keys.get(id));
  }

  /** A session by a key that a load of somebody else told. */
  async signIn(login: string, apiKey: string): Promise<Session> {
    return signIn(this.session.service, login, apiKey);
  }

  keyOf(id: string): string {
    return this.#keys.get(id) ?? '';
  }

  async exists(id: string): Promise<boolean> {
    return (await this.#resource(id)) !== undefined;
  }

  async owner(id: string): Promise<string> {
    return this.#short((await this.#present(id)).owner);
  }

  /** The policy whose load defined a resource. */
  async definedBy(id: string): Promise<string> {
    return this.#short((await this.#present(id)).policy ?? '');
  }

  async notes(id: string): Promise<Readonly<Record<string, string>>> {
    const { annotations } = await this.#present(id);
    return Object.fromEntries(annotations.map(({ name, value }) => [name, value]));
  }

  /** Who defined each annotation. */
  async noters(id: string): Promise<Readonly<Record<string, string>>> {
    const { annotations } = await this.#present(id);
    return Object.fromEntries(annotations.map(({ name, policy = '' }) => [name, this.#short(policy)]));
  }

  /** `role privilege` for each permission on a resource, sorted. */
  async permits(id: string): Promise<readonly string[]> {
    const { permissions } = await this.#present(id);
    return permissions.map(({ role, privilege }) => `${this.#short(role)} ${privilege}`).sort();
  }

  async restrictedTo(id: string): Promise<readonly string[]> {
    return (await this.#present(id)).restricted_to ?? [];
  }

  async layers(id: string): Promise<readonly string[]> {
    return ((await this.#present(id)).layers ?? []).map((layer) => this.#short(layer));
  }

  async versions(id: string): Promise<readonly number[]> {
    return ((await this.#present(id)).policy_versions ?? []).map(({ version }) => version);
  }

  /** Who was granted a role, sorted; those with the admin option are marked. */
  async members(id: string): Promise<readonly string[]> {
    const shown = (await this.#members(id)).filter(({ ownership }) => !ownership);
    return shown
      .map(({ member, admin_option: admin }) => this.#short(member) + (admin ? ' admin' : ''))
      .sort();
  }

  /** Which role holds another as the owner of the resource of its name. */
  async ownersByEdge(id: string): Promise<readonly string[]> {
    const shown = (await this.#members(id)).filter(({ ownership }) => ownership);
    return shown.map(({ member }) => this.#short(member));
  }

  /** Every role that may do this, also as an owner or through others. */
  async permittedRoles(privilege: string, id: string): Promise<readonly string[]> {
    const query = `?permitted_roles=true&privilege=${encodeURIComponent(privilege)}`;
    const answer = await this.session.send('GET', this.#path('resources', id) + query);
    assert.equal(answer.status, 200, answer.text);
    return (answer.json() as string[]).map((role) => this.#short(role));
  }

  async setSecret(variable: string, value: string): Promise<void> {
    await setSecret(this.session, variable, value);
  }

  /** The value of a variable, or the status of the refusal. */
  async secret(variable: string, session = this.session): Promise<string | number> {
    const answer = await session.send('GET', secretPath(session.service, variable));
    return answer.status === 200 ? answer.text : answer.status;
  }

  async publicKeys(user: string): Promise<readonly string[]> {
    const answer = await this.session.send(
      'GET',
      `/public_keys/${this.account}/user/${encodeURIComponent(user)}`,
    );
    return answer.text.split('\n').filter(Boolean).sort();
  }

  /** The audit records that an act writes, without time, host and process. */
  async recordsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
    return recordsOf(this.session.service, act);
  }

  async #members(id: string): Promise<readonly ShownMember[]> {
    const answer = await this.session.send('GET', `${this.#path('roles', id)}?members`);
    assert.equal(answer.status, 200, `${id}: ${answer.text}`);
    return answer.json() as readonly ShownMember[];
  }

  async #present(id: string): Promise<ShownResource> {
    const resource = await this.#resource(id);
    assert.ok(resource !== undefined, `there is no ${id}`);
    return resource;
  }

  async #resource(id: string): Promise<ShownResource | undefined> {
    const answer = await this.session.send('GET', this.#path('resources', id));
    assert.ok(answer.status === 200 || answer.status === 404, `${id}: ${answer.status} ${answer.text}`);
    return answer.status === 200 ? (answer.json() as ShownResource) : undefined;
  }

  #path(family: string, id: string): string {
    const colon = id.indexOf(':');
    return `/${family}/${this.account}/${id.slice(0, colon)}/${encodeURIComponent(id.slice(colon + 1))}`;
  }

  #policyPath(branch: string): string {
    return `/policies/${this.account}/policy/${encodeURIComponent(branch)}`;
  }

  #short(id: string): string {
    return id.startsWith(`${this.account}:`) ? id.slice(this.account.length + 1) : id;
  }
}

export interface OnPolicies {
  /** From `before` on. */
  readonly world: PolicyWorld;
}

/** Runs a suite on both stores. Each test begins with an account that has nothing but its administrator. */
export function describePolicies(
  title: string,
  suite: (on: OnPolicies) => void,
  env: Readonly<Record<string, string>> = {},
): void {
  describeOnStores(
    title,
    (store) => {
      const on = { world: undefined as unknown as PolicyWorld };
      before(async () => {
        on.world = new PolicyWorld(await signIn(store.service));
      });
      beforeEach(async () => {
        await on.world.put('[]');
      });
      suite(on);
    },
    env,
  );
}
