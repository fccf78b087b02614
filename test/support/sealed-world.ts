/** A service with something of every kind that is sealed in the store, and what shows that it still opens. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { AkamaiCustomer, bootstrapCustomer } from './akamai.ts';
import { basicHeader, load, secretPath, send, setSecret, signIn, type Session } from './client.ts';
import { farFuture, makeHost, makeToken } from './host-factories.ts';
import { makeIssuer } from './issuers.ts';
import type { TestService } from './service.ts';
import {
  askTokens,
  codeOf,
  flowWorld,
  tokensIn,
  verifier,
  challenge,
  type FlowWorld,
} from './vault-flow-world.ts';

/** What the service must be started with. */
export const sealedWorldSettings = {
  CONJUR_FEATURE_DYNAMIC_SECRETS_ENABLED: 'true',
  // The first versions are looked at after any number of writes.
  LATCHKEY_SECRET_VERSIONS: '1000',
};

export interface SealedWorld {
  readonly flow: FlowWorld;
  /** Names of variables with values, some with older ones. */
  readonly variables: readonly string[];
  /** Checks, at a process, that everything that was made before still works. */
  stillWorks(at: Pick<TestService, 'url'>): Promise<void>;
}

const password = 'Sup3r-Secret-Passw0rd!';

/** @param count how many variables there are besides */
export async function sealedWorld(service: TestService, count: number): Promise<SealedWorld> {
  const flow = await flowWorld(service);
  const admin = flow.admin;
  const variables = Array.from({ length: count }, (_, index) => `rotation/v${String(index)}`);
  const loaded = await load(
    admin,
    [
      '- !policy\n  id: rotation\n  body:',
      ...variables.map((id) => `  - !variable ${id.slice('rotation/'.length)}`),
      '  - !layer servers',
      '  - !host-factory { id: factory, layers: [ !layer servers ] }',
      ...Array.from({ length: 20 }, (_, index) => `  - !host h${String(index)}`),
      '- !policy conjur/issuers',
      '- !user { id: keyed, public_keys: [ ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC keyed@example ] }',
    ].join('\n'),
  );
  for (const id of variables) await setSecret(admin, id, `first ${id}`);
  for (const id of variables.slice(0, 5)) await setSecret(admin, id, `second ${id}`);
  const hostKey = loaded.created_roles[`${service.account}:host:rotation/h0`]?.api_key ?? '';
  const keyedKey = loaded.created_roles[`${service.account}:user:keyed`]?.api_key ?? '';
  const changed = await send(`${service.url}/authn/${service.account}/password`, 'PUT', {
    headers: basicHeader('keyed', keyedKey),
    body: password,
  });
  assert.equal(changed.status, 204, changed.text);
  await makeIssuer(admin, 'aws-1');
  const factoryToken = await makeToken(admin, 'rotation/factory', { expiration: farFuture });
  const akamai = await bootstrapCustomer(service);
  const akamaiToken = await akamai.token();
  const sessionToken = await vaultLogin(service, 'keyed', password);
  const endUser = await flow.tokenOf('end-user');
  const { access_token: accessToken } = tokensIn(
    await askTokens(flow, { code: await codeOf(flow, endUser) }),
  );
  const unused = Array.from({ length: 3 }, () =>
    codeOf(flow, endUser, { code_challenge: challenge, code_challenge_method: 'S256' }),
  );
  const codes = await Promise.all(unused);

  return {
    flow,
    variables,
    stillWorks: async ({ url }) => {
      const there = { ...service, url };
      const session = await signIn(there);
      await variablesOpen(session, variables);
      await signIn(there, 'host/rotation/h0', hostKey);
      assert.equal(await loginKey(there, password), keyedKey);
      assert.equal(await loginKey(there, keyedKey), keyedKey);
      const issuer = await session.send('GET', `/issuers/${service.account}/aws-1`);
      assert.equal(issuer.status, 200, issuer.text);
      const made = await makeHost(there, factoryToken, { id: `made-${randomUUID()}` });
      assert.equal(made.status, 201, made.text);
      const clients = await new AkamaiCustomer(
        there,
        akamai.customerId,
        akamai.owner,
        akamai.ownerPolicy,
      ).call(akamaiToken, 'GET', '/clients');
      assert.equal(clients.status, 200, clients.text);
      // A login of before, whose credential was only sealed anew.
      const self = await send(`${url}/v1/auth/token/lookup-self`, 'GET', {
        headers: { 'x-vault-token': sessionToken },
      });
      assert.equal(self.status, 200, self.text);
      const thereFlow = {
        ...flow,
        issuer: (provider = 'test-provider') => `${url}/v1/identity/oidc/provider/${provider}`,
      };
      const info = await send(`${thereFlow.issuer()}/userinfo`, 'GET', {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      assert.equal(info.status, 200, info.text);
      const code = codes.pop();
      if (code !== undefined) tokensIn(await askTokens(thereFlow, { code, code_verifier: verifier }));
    },
  };
}

async function variablesOpen(session: Session, variables: readonly string[]): Promise<void> {
  for (const id of variables.slice(0, 6)) {
    const first = await session.send('GET', `${secretPath(session.service, id)}?version=1`);
    assert.deepEqual([first.status, first.text], [200, `first ${id}`]);
  }
}

async function loginKey(service: TestService, secret: string): Promise<string> {
  const answer = await send(`${service.url}/authn/${service.account}/login`, 'GET', {
    headers: basicHeader('keyed', secret),
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.text;
}

async function vaultLogin(service: TestService, login: string, secret: string): Promise<string> {
  const answer = await send(`${service.url}/v1/auth/userpass/login/${login}`, 'POST', {
    body: JSON.stringify({ password: secret }),
  });
  assert.equal(answer.status, 200, answer.text);
  return (answer.json() as { auth: { client_token: string } }).auth.client_token;
}
