import assert from 'node:assert/strict';
import { AkamaiCustomer, errorsOf, without } from '../../support/akamai.ts';
import { load, send, signIn, signInAs, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

type Made = Readonly<Record<'customer_id' | 'client_id' | 'client_secret' | 'token_policy', string>>;

const clientPath = '/akamai/configuration-client';

describeOnStores('the first configuration client', (on) => {
  let admin: Session;
  let made: Made;

  before(async () => {
    admin = await signIn(on.service);
  });

  it('is not there at first, but the customer id is', async () => {
    const answer = await admin.send('GET', '/akamai/customer');
    assert.equal(answer.status, 200);
    const { customer_id: id, initialized } = answer.json() as { customer_id: string; initialized: boolean };
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(initialized, false);
  });

  it('is made by the administrator, with the policy of the reference', async () => {
    const answer = await admin.send('POST', clientPath);
    assert.equal(answer.status, 201, answer.text);
    made = answer.json() as Made;
    assert.match(made.client_id, /^[a-z0-9]{32}$/);
    assert.match(made.client_secret, /^[a-z0-9]{32}$/);
    const owner = { clientId: made.client_id, clientSecret: made.client_secret };
    const customer = new AkamaiCustomer(on.service, made.customer_id, owner, made.token_policy);
    const token = await customer.token();
    const policy = await customer.done<Record<string, unknown>>(
      token,
      200,
      'GET',
      `/tokenPolicies/${made.token_policy}`,
    );
    const shown = without(policy, 'id', '_links');
    assert.deepEqual(shown, {
      title: 'Configuration Admin Token Policy',
      accessTokenLifetime: 3_600,
      refreshTokenLifetime: 28_800,
      allowedScopes: ['*:config/**'],
      useAccessJWT: false,
    });
    const seen = (await admin.send('GET', '/akamai/customer')).json();
    assert.deepEqual(seen, { customer_id: made.customer_id, initialized: true });
  });

  it('is made once, unless another is asked for', async () => {
    const answer = await admin.send('POST', clientPath);
    assert.deepEqual([answer.status, /already/.test(errorsOf(answer))], [409, true]);
    assert.ok(!answer.text.includes(made.client_id));
    const another = (await admin.send('POST', clientPath, '{"another":true}')).json() as Made;
    assert.equal(another.customer_id, made.customer_id);
    assert.notEqual(another.client_id, made.client_id);
  });

  it('is made by nobody else', async () => {
    const as = signInAs(on.service, await load(admin, '- !user alice\n'));
    const alice = await as('alice');
    for (const [method, path] of [
      ['POST', clientPath],
      ['GET', '/akamai/customer'],
    ] as const) {
      const answer = await alice.send(method, path);
      assert.equal(answer.status, 403, answer.text);
      const without = await send(on.service.url + path, method);
      assert.deepEqual([without.status, errorsOf(without)], [401, 'Authorization missing']);
    }
  });

  it('can be left to a role that has of clients and policies all that it gives', async () => {
    const permit = (kind: string, privileges: string): string =>
      `- !webservice conjur/oidc/${kind}\n` +
      `- !permit { role: !user bob, privileges: [${privileges}], resource: !webservice conjur/oidc/${kind} }\n`;
    const as = signInAs(on.service, await load(admin, '- !user bob\n'));
    const bob = await as('bob');
    for (const [kind, privileges, status] of [
      ['clients', 'create', 403],
      ['policies', 'create', 403],
      ['clients', 'read, update, delete', 403],
      ['policies', 'read, update', 403],
      ['policies', 'delete', 201],
    ] as const) {
      await load(admin, permit(kind, privileges));
      const answer = await bob.send('POST', clientPath, '{"another":true}');
      assert.equal(answer.status, status, `${kind} ${privileges}: ${answer.text}`);
    }
  });

  it('is made where nothing else is', async () => {
    for (const path of ['/akamai', '/akamai/x', '/akamai/customer/x']) {
      assert.equal((await admin.send('GET', path)).status, 404, path);
    }
    assert.equal((await admin.send('DELETE', clientPath)).status, 405);
  });

  it('leaves records of who made it and who tried, without its secret', async () => {
    const lines = (await on.service.auditLines()).filter((line) =>
      line.includes('Primary configuration client'),
    );
    assert.ok(lines.some((line) => line.includes(`${on.service.account}:user:admin`)));
    assert.ok(
      lines.some((line) => line.includes('failure') && line.includes(`${on.service.account}:user:alice`)),
    );
    assert.ok(lines.every((line) => !line.includes(made.client_secret)));
  });
});
