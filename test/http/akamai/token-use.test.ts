/** What a token opens depends on its client, its secret and its policy as they are at each call, in every process. */
import assert from 'node:assert/strict';
import type { AkamaiCustomer } from '../../support/akamai.ts';
import { bootstrapCustomer, errorsOf, type Credentials } from '../../support/akamai.ts';
import { describeOnTwoProcesses } from '../../support/two-processes.ts';

describeOnTwoProcesses('a configuration token', (on) => {
  let here: AkamaiCustomer;
  let there: AkamaiCustomer;
  let owner: string;

  before(async () => {
    here = await bootstrapCustomer(on.here);
    there = here.at(on.there);
    owner = await here.token();
  });

  const make = async (name: string, scopes: readonly string[], more: object = {}) => {
    const client = await here.configurationClient(owner, name, scopes, more);
    return { ...client, token: await here.token(client, scopes.join(' ')) };
  };
  const bothRefuse = async (status: number, token: string, path = '/clients'): Promise<void> => {
    for (const customer of [there, here]) {
      const answer = await customer.call(token, 'GET', path);
      assert.equal(answer.status, status, answer.text);
    }
  };
  const invalid = 401;
  const insufficient = 403;

  it('works in a process that did not issue it', async () => {
    await there.done(owner, 200, 'GET', '/clients');
  });

  it('ends with its client', async () => {
    const { token, clientId } = await make('ends with its client', ['.:config/clients']);
    await there.done(token, 200, 'GET', '/clients');
    await here.done(owner, 204, 'DELETE', `/clients/${clientId}`);
    await bothRefuse(invalid, token);
  });

  it('ends with the secret that it was got with, and not with another', async () => {
    const { token, clientId, clientSecret } = await make('ends with its secret', ['.:config/clients']);
    const secrets = `/clients/${clientId}/secrets`;
    const added = await here.done<Credentials & { id: string; secret: string }>(owner, 201, 'POST', secrets);
    const other = await there.token({ clientId, clientSecret: added.secret }, '.:config/clients');
    const list = await here.done<{ _embedded: { secrets: { id: string }[] } }>(owner, 200, 'GET', secrets);
    const first = list._embedded.secrets.find(({ id }) => id !== added.id)?.id ?? '';
    await here.done(owner, 204, 'DELETE', `${secrets}/${first}`);
    await bothRefuse(invalid, token);
    assert.equal((await there.requestToken({ clientId, clientSecret }, '.:config/clients')).status, 401);
    await there.done(other, 200, 'GET', '/clients');
  });

  it('loses at once what its policy loses', async () => {
    const { token, policy } = await make('loses', ['.:config/clients', '.:config/tokenPolicies']);
    await there.done(token, 200, 'GET', '/tokenPolicies');
    await here.done(owner, 200, 'PATCH', `/tokenPolicies/${policy}`, { allowedScopes: ['.:config/clients'] });
    await bothRefuse(insufficient, token, '/tokenPolicies');
    await there.done(token, 200, 'GET', '/clients');
    await here.done(owner, 200, 'PATCH', `/tokenPolicies/${policy}`, { allowedScopes: [] });
    await bothRefuse(insufficient, token);
  });

  it('does not gain what its policy gains', async () => {
    const { token, policy } = await make('gains', ['.:config/clients']);
    const allowedScopes = ['.:config/clients', '*:config/**'];
    await here.done(owner, 200, 'PATCH', `/tokenPolicies/${policy}`, { allowedScopes });
    await bothRefuse(insufficient, token, '/tokenPolicies');
  });

  it('is judged by the policy that its client has now', async () => {
    const { token, clientId } = await make('other policy', ['.:config/clients']);
    const other = await here.policy(owner, ['.:config/loginPolicies']);
    await here.done(owner, 200, 'PATCH', `/clients/${clientId}`, { tokenPolicy: other });
    await bothRefuse(insufficient, token);
  });

  it('keeps to the literal scopes: more in the policy does not carry over', async () => {
    const { token, policy } = await make('literal', ['.:config/clients']);
    await here.done(owner, 200, 'PATCH', `/tokenPolicies/${policy}`, { allowedScopes: ['*:config/**'] });
    await bothRefuse(insufficient, token);
  });

  it('permits by method and path what its scopes say', async () => {
    const scopes = ['.:config/tokenPolicies', '+:config/loginPolicies'];
    const { token } = await make('limited', scopes);
    const policy = await here.done<string>(owner, 201, 'POST', '/loginPolicies', { title: 'x' });
    for (const [status, method, path, body] of [
      [200, 'GET', '/tokenPolicies', undefined],
      [200, 'GET', `/tokenPolicies/${here.ownerPolicy}`, undefined],
      [403, 'POST', '/tokenPolicies', { title: 'x' }],
      [403, 'DELETE', `/tokenPolicies/${here.ownerPolicy}`, undefined],
      [403, 'GET', '/loginPolicies', undefined],
      [201, 'POST', '/loginPolicies', { title: 'x' }],
      [200, 'PATCH', `/loginPolicies/${policy}`, { title: 'y' }],
      [403, 'PUT', `/loginPolicies/${policy}`, { title: 'y' }],
      [403, 'DELETE', `/loginPolicies/${policy}`, undefined],
      [403, 'GET', '/clients', undefined],
      [403, 'GET', '/clients/unknown', undefined],
      [403, 'GET', '', undefined],
    ] as const) {
      const answer = await there.call(token, method, path, body);
      assert.equal(answer.status, status, `${method} ${path} ${answer.text}`);
      if (status !== 403) continue;
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="insufficient_scope"');
      assert.match(errorsOf(answer), /do not permit this/);
    }
  });

  it('reaches the secrets of clients only by a scope that says everything inside', async () => {
    const { token } = await make('bare', ['*:config/clients']);
    const { token: deep } = await make('deep', ['.:config/clients/**']);
    const path = `/clients/${here.owner.clientId}/secrets`;
    assert.equal((await there.call(token, 'GET', path)).status, insufficient);
    await there.done(deep, 200, 'GET', path);
  });

  it('lives as long as its policy says, and is shortened with it', async () => {
    const client = await here.configurationClient(owner, 'short', ['.:config'], { accessTokenLifetime: 60 });
    const answer = await here.requestToken(client, '.:config');
    assert.equal((answer.json() as { readonly expires_in: number }).expires_in, 60);
  });

  it('is not given to a client that signs people in', async () => {
    const loginPolicy = await here.done<string>(owner, 201, 'POST', '/loginPolicies', { title: 'x' });
    const tokenPolicy = await here.policy(owner, ['*:config/**']);
    const body = { name: 'app', type: 'confidential', loginPolicy, tokenPolicy };
    const app = await here.done<{ id: string; secret: string }>(owner, 201, 'POST', '/clients', body);
    const answer = await there.requestToken({ clientId: app.id, clientSecret: app.secret }, '*:config/**');
    assert.deepEqual(
      [answer.status, (answer.json() as { error: string }).error],
      [400, 'unauthorized_client'],
    );
  });
});
