/**
 * The main job on real input, step by step: a real OpenID Provider, the sample policies, an ID
 * token for an access token for a secret, and what is refused. Prints a transcript; any step
 * that does not go as expected ends it with exit code 1.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { SignJWT, UnsecuredJWT, decodeJwt, generateKeyPair } from 'jose';
import { startIssuer, type Issuer } from '../test/support/issuer.ts';

const folder = 'data/demo';
const account = 'demo';
const service = 'okta';
const clientId = 'the-application';

interface Answer {
  readonly status: number;
  readonly text: string;
}

class UnexpectedStep extends Error {
  override readonly name = 'UnexpectedStep';
}

let steps = 0;

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function step(title: string): void {
  steps += 1;
  say(`\n${String(steps)}. ${title}`);
}

async function call(
  method: string,
  url: string,
  init: RequestInit,
  expected: number,
  shown = '',
): Promise<Answer> {
  const response = await fetch(url, { ...init, method });
  const text = await response.text();
  say(`   ${method} ${new URL(url).pathname}${shown} -> ${String(response.status)} ${response.statusText}`);
  if (response.status !== expected) {
    throw new UnexpectedStep(`expected ${String(expected)}, got ${String(response.status)}: ${text}`);
  }
  return { status: response.status, text };
}

interface Server {
  readonly url: string;
  readonly process: ChildProcess;
}

async function startServer(): Promise<Server> {
  await rm(folder, { recursive: true, force: true });
  const env = {
    ...process.env,
    LATCHKEY_DATA: folder,
    LATCHKEY_ACCOUNT: account,
    LATCHKEY_AUTHENTICATORS: `authn,authn-oidc/${service}`,
    LATCHKEY_LOG_LEVEL: 'warn',
  };
  const child = spawn(process.execPath, ['build/src/main.js', 'server'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /running at (\S+)$/.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return { url, process: child };
    }
  }
  throw new UnexpectedStep('the service did not start');
}

/** What the steps share. */
interface Demo {
  readonly url: string;
  readonly issuer: Issuer;
  readonly adminToken: string;
}

function tokenHeader(token: string): { readonly Authorization: string } {
  return { Authorization: `Token token="${Buffer.from(token).toString('base64')}"` };
}

async function signInAsAdmin(url: string): Promise<string> {
  step('The administrator trades its API key for an access token');
  const body = (await readFile(`${folder}/admin.key`, 'utf8')).trim();
  const answer = await call('POST', `${url}/authn/${account}/admin/authenticate`, { body }, 200);
  return answer.text;
}

async function loadPolicies({ url, adminToken }: Demo): Promise<void> {
  step('Three policies: the application, the authenticator, and who may use it');
  for (const file of ['the-application', `authn-oidc-${service}`, `authn-oidc-${service}-users`]) {
    const body = await readFile(`policies/${file}.yml`);
    const answer = await call(
      'POST',
      `${url}/policies/${account}/policy/root`,
      { headers: tokenHeader(adminToken), body },
      201,
      `   < policies/${file}.yml`,
    );
    const { created_roles: created, version } = JSON.parse(answer.text) as {
      created_roles: Record<string, unknown>;
      version: number;
    };
    say(`   version ${String(version)}; created: ${Object.keys(created).join(', ') || 'no users or hosts'}`);
  }
}

async function setVariables({ url, issuer, adminToken }: Demo): Promise<void> {
  step('The authenticator learns its issuer, and the application its secret');
  const values = {
    [`conjur/authn-oidc/${service}/provider-uri`]: issuer.url,
    [`conjur/authn-oidc/${service}/id-token-user-property`]: 'preferred_username',
    [`conjur/authn-oidc/${service}/audience`]: clientId,
    'the-application/required-var': 'a-secret-of-the-application',
  };
  for (const [variable, body] of Object.entries(values)) {
    const path = `/secrets/${account}/variable/${encodeURIComponent(variable)}`;
    await call('POST', url + path, { headers: tokenHeader(adminToken), body }, 201);
  }
  await call(
    'GET',
    `${url}/authn-oidc/${service}/${account}/status`,
    { headers: tokenHeader(adminToken) },
    200,
  );
}

async function exchange({ url }: Demo, idToken: string, expected: number): Promise<Answer> {
  const encoded = Buffer.from(idToken).toString('base64');
  return call(
    'POST',
    `${url}/authn-oidc/${service}/${account}/authenticate`,
    { body: new URLSearchParams({ id_token: encoded }) },
    expected,
  );
}

async function mainJob(demo: Demo, idToken: string): Promise<void> {
  step('The access token opens the secret');
  const { text: accessToken } = await exchange(demo, idToken, 200);
  const path = `/secrets/${account}/variable/${encodeURIComponent('the-application/required-var')}`;
  const answer = await call('GET', demo.url + path, { headers: tokenHeader(accessToken) }, 200);
  say(`   the secret: ${answer.text}`);
  if (answer.text !== 'a-secret-of-the-application') throw new UnexpectedStep('that is not the secret');
}

async function refusals(demo: Demo, idToken: string): Promise<void> {
  step('Bob signs in at the same issuer, but is not in the group');
  await exchange(demo, await demo.issuer.idToken('bob', { clientId }), 403);

  step('An expired token of the issuer');
  await exchange(demo, await demo.issuer.idToken('alice', { clientId, ageSeconds: 3_600 }), 401);

  step('A foreign token: another issuer, the same claims');
  const other = await startIssuer();
  try {
    await exchange(demo, await other.idToken('alice', { clientId }), 401);
  } finally {
    await other.stop();
  }

  step('Forged tokens: a changed claim under the old signature, another key, no signature at all');
  const [header = '', , signature = ''] = idToken.split('.');
  const claims = { ...decodeJwt(idToken), preferred_username: 'root' };
  const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
  await exchange(demo, `${header}.${changed}.${signature}`, 401);
  const { privateKey } = await generateKeyPair('RS256');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  await exchange(
    demo,
    await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey),
    401,
  );
  await exchange(demo, new UnsecuredJWT(claims).encode(), 401);
}

async function showAudit(): Promise<void> {
  step('What the audit says of all this');
  const lines = (await readFile(`${folder}/audit.log`, 'utf8')).trim().split('\n');
  const telling = lines.filter((line) => line.includes('authn-oidc') || line.includes('required-var'));
  for (const line of telling) say(`   ${line}`);
  const missing = ['successfully authenticated', 'failed to authenticate', 'fetched'].find(
    (text) => !telling.some((line) => line.includes(text)),
  );
  if (missing !== undefined) throw new UnexpectedStep(`no audit record says "${missing}"`);
}

async function run(demo: Demo): Promise<void> {
  await loadPolicies(demo);
  await setVariables(demo);
  step('Alice signs in at the issuer; her application gets an ID token');
  const idToken = await demo.issuer.idToken('alice', { clientId });
  const { iss, aud, preferred_username: user } = decodeJwt(idToken);
  say(`   iss ${String(iss)}, aud ${String(aud)}, preferred_username ${String(user)}`);
  await mainJob(demo, idToken);
  await refusals(demo, idToken);
  await showAudit();
}

async function main(once: boolean): Promise<void> {
  const server = await startServer();
  const issuer = await startIssuer();
  say(`Latchkey runs at ${server.url} (data in ${folder}), a real OpenID Provider at ${issuer.url}.`);
  const stopped = ended(server.process);
  try {
    const adminToken = await signInAsAdmin(server.url);
    await run({ url: server.url, issuer, adminToken });
    say(`\nAll ${String(steps)} steps went as expected.`);
    if (!once) {
      say(`Latchkey and the issuer go on running; stop them with Ctrl-C.`);
      process.once('SIGINT', () => server.process.kill('SIGTERM'));
      process.once('SIGTERM', () => server.process.kill('SIGTERM'));
      await stopped;
    }
  } catch (error) {
    say(
      `\nStep ${String(steps)} did not go as expected: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exitCode = 1;
  } finally {
    server.process.kill('SIGTERM');
    await stopped;
    await issuer.stop();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
}

await main(process.argv.includes('--once'));
