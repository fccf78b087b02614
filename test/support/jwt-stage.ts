/**
 * Services that take JWTs, each with hosts of its own, on a running service; and the issuer whose
 * key set they read.
 */
import assert from 'node:assert/strict';
import { load, send, setSecret, signIn, type Answer, type Session } from './client.ts';
import {
  createSigningKey,
  keysPath,
  mint,
  startRogueIssuer,
  type Minting,
  type RogueIssuer,
  type SigningKey,
} from './rogue-issuer.ts';
import type { TestService } from './service.ts';

type Texts = Readonly<Record<string, string>>;

/** A service as policy declares it. */
export interface Definition {
  /** By default `authn-jwt`. */
  readonly kind?: string;
  /** Variables and their values; undefined declares one without a value. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** The annotations of the host `app`; by default one that the usual token meets. */
  readonly annotations?: Texts;
  /** More of the policy, at the root. */
  readonly policy?: string;
  /** The privileges of the group `hosts`; by default those that authenticating takes. */
  readonly privileges?: string;
}

export interface JwtStage {
  readonly admin: Session;
  readonly issuer: RogueIssuer;
  /** The key that the issuer publishes. */
  readonly key: SigningKey;
  readonly jwksUri: string;
  /** Defines and enables a service, and a host `app-<service>` that may use it. */
  define(service: string, definition?: Definition): Promise<void>;
  /** Sets variables of a service. */
  set(service: string, values: Texts, kind?: string): Promise<void>;
  /** A token that the usual service takes, for its host; undefined leaves a claim out. */
  token(service: string, claims?: Readonly<Record<string, unknown>>, minting?: Minting): string;
  /** Presents a form; by default to authn-jwt. */
  post(path: string, form: Texts, kind?: string): Promise<Answer>;
  /** Presents a token with claims that differ from the usual ones. */
  authenticate(service: string, claims?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** The newest audit record about a service. */
  record(service: string): Promise<string>;
  /** Asserts that an answer refuses without a word, and that the audit says why. */
  refused(answer: Answer, service: string, reason: string, status?: number): Promise<void>;
  stop(): Promise<void>;
}

let shared: SigningKey | undefined;

/** Starts the issuer and signs in. Whoever opens a stage stops it. */
export async function openJwtStage(on: { readonly service: TestService }): Promise<JwtStage> {
  const key = (shared ??= createSigningKey('RS256', { kid: 'stage' }));
  const issuer = await startRogueIssuer({ keys: [key] });
  const { service: server } = on;
  const { account } = server;
  const admin = await signIn(server);
  const jwksUri = `${issuer.url}${keysPath}`;
  const token: JwtStage['token'] = (service, claims, minting) => {
    const now = Math.floor(Date.now() / 1_000);
    const usual = { iss: '127.0.0.1', host: `app-${service}`, project: 'blue', iat: now, exp: now + 600 };
    return mint(key, { ...usual, ...claims }, minting);
  };
  const post: JwtStage['post'] = (path, form, kind = 'authn-jwt') =>
    send(`${server.url}/${kind}/${path}/authenticate`, 'POST', { body: new URLSearchParams(form) });
  const set: JwtStage['set'] = async (service, values, kind = 'authn-jwt') => {
    for (const [name, value] of Object.entries(values))
      await setSecret(admin, `conjur/${kind}/${service}/${name}`, value);
  };
  const record: JwtStage['record'] = async (service) => {
    const lines = await server.auditLines();
    return lines.findLast((line) => line.includes(`:webservice:conjur/`) && line.includes(service)) ?? '';
  };
  return {
    admin,
    issuer,
    key,
    jwksUri,
    token,
    post,
    set,
    record,
    define: async (service, definition = {}) => {
      const { kind = 'authn-jwt' } = definition;
      const variables = definition.variables ?? { 'jwks-uri': jwksUri, 'token-app-property': 'host' };
      await load(admin, policyOf(service, kind, Object.keys(variables), definition));
      for (const [name, value] of Object.entries(variables))
        if (value !== undefined) await set(service, { [name]: value }, kind);
      const enabled = await admin.send('PATCH', `/${kind}/${service}/${account}`, 'enabled=true', {
        'content-type': 'application/x-www-form-urlencoded',
      });
      assert.equal(enabled.status, 204, enabled.text);
    },
    authenticate: (service, claims) => post(`${service}/${account}`, { jwt: token(service, claims) }),
    refused: async (answer, service, reason, status = 401) => {
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.text, '');
      const line = await record(service);
      assert.ok(line.includes(`: ${reason}`), line);
      assert.ok(line.includes('result="failure" operation="authenticate"'), line);
    },
    stop: () => issuer.stop(),
  };
}

/** The host of a service, as policy defines it. */
export function hostWith(service: string, kind: string, annotations: Texts): string {
  return `- !host\n  id: app-${service}\n  annotations:\n${Object.entries(annotations)
    .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}\n`)
    .join('')}    note: ${kind}\n`;
}

function policyOf(
  service: string,
  kind: string,
  variables: readonly string[],
  { annotations, policy = '', privileges = 'read, authenticate' }: Definition,
): string {
  const declared = variables.map((name) => `  - !variable ${name}\n`).join('');
  return `
- !policy
  id: conjur/${kind}/${service}
  body:
  - !webservice
  - !webservice status
  - !group hosts
  - !group operators
  - !permit { role: !group hosts, privileges: [ ${privileges} ], resource: !webservice "" }
  - !permit { role: !group operators, privileges: [ read ], resource: !webservice status }
${declared}
${hostWith(service, kind, annotations ?? { [`${kind}/${service}/project`]: 'blue' })}
- !grant { role: !group conjur/${kind}/${service}/hosts, member: !host app-${service} }
${policy}`;
}
