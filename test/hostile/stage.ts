/** A service with a few roles and secrets, and ways to send it what no decent client would. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { maxAccessTokenTtlSeconds } from '../../src/domain/tokens/max-ttl.ts';
import { load, send, setSecret, signIn, signInAs, type Answer, type Session } from '../support/client.ts';
import { startTestService, type TestService } from '../support/service.ts';

const policy = `
- !user alice
- !user bob
- !group readers
- !variable db
- !variable other
- !permit { role: !group readers, privileges: [ read, execute ], resource: !variable db }
- !grant { role: !group readers, member: !user alice }
`;

export const secretOfStage = 'the-value-of-the-variable-db';

export interface HostileStage {
  readonly service: TestService;
  readonly admin: Session;
  /** May read the variable `db`, and nothing else. */
  readonly alice: Session;
  readonly bob: Session;
  /** What the service answers to these bytes on a connection of their own, until it or the time ends it. */
  exchange(bytes: string | Uint8Array): Promise<string>;
  /** Everything that decisions rest on, as text: the same before and after what was refused. */
  authority(): Promise<string>;
  stop(): Promise<void>;
}

export async function openHostileStage(env: Readonly<Record<string, string>> = {}): Promise<HostileStage> {
  // What is sent here is wrong far more often than anyone may be.
  const service = await startTestService({
    LATCHKEY_MAX_FAILURES: '0',
    // Properties may run for hours.
    LATCHKEY_ACCESS_TOKEN_TTL: String(maxAccessTokenTtlSeconds),
    ...env,
  });
  const admin = await signIn(service);
  const as = signInAs(service, await load(admin, policy));
  await setSecret(admin, 'db', secretOfStage);
  await setSecret(admin, 'other', 'the-value-of-the-variable-other');
  return {
    service,
    admin,
    alice: await as('alice'),
    bob: await as('bob'),
    exchange: (bytes) => exchange(service, bytes),
    authority: async () => {
      const resources = await admin.send('GET', `/resources/${service.account}`);
      const policies = await admin.send('GET', `/policies/${service.account}/policy/root`);
      return resources.text + policies.text;
    },
    stop: () => service.stop(),
  };
}

async function exchange({ url }: TestService, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(bytes);
    return await received(socket);
  } finally {
    socket.destroy();
  }
}

/** Until the service ends the connection, or has said nothing for a while. */
async function received(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  return new Promise((resolve) => {
    const done = (): void => {
      resolve(Buffer.concat(parts).toString('latin1'));
    };
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('close', done);
    socket.on('error', done);
    socket.setTimeout(500, done);
  });
}

/** The statuses of the answers in what came over a connection. */
export function statusesOf(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** An access token in the form of the header, without its name. */
export function tokenText({ token }: Session): string {
  return `Token token="${Buffer.from(token).toString('base64')}"`;
}

/** Sends it with a token in that text, and insists that it was refused for the token. */
export async function refusedToken(stage: HostileStage, token: string | Buffer): Promise<Answer> {
  const { service } = stage;
  const path = `/secrets/${service.account}/variable/db`;
  const answer = await send(service.url + path, 'GET', {
    headers: { authorization: `Token token="${Buffer.from(token).toString('base64')}"` },
  });
  assert.equal(answer.status, 401, answer.text);
  assert.ok(!answer.text.includes(secretOfStage));
  return answer;
}
