/** Too many wrong credentials of clients, at the endpoints of the issuers that ask for them. */
import assert from 'node:assert/strict';
import { bootstrapCustomer, type AkamaiCustomer } from '../../support/akamai.ts';
import { AkeylessWorld } from '../../support/akeyless.ts';
import { basicHeader, send, type Answer } from '../../support/client.ts';
import { startTestService, type TestService } from '../../support/service.ts';

/** What cannot be guessed may be wrong ten times as often as a password. */
const maxFailures = 10;

describe('clients whose credentials are wrong too often', () => {
  let service: TestService;
  let customer: AkamaiCustomer;
  const urls = new Map<string, string>();

  before(async () => {
    service = await startTestService({ LATCHKEY_MAX_FAILURES: String(maxFailures / 10) });
    customer = await bootstrapCustomer(service);
    const akeyless = await AkeylessWorld.of(service);
    const { issuer_url: issuer } = await akeyless.clientInfo((await akeyless.app('app')).name);
    for (const path of ['token', 'token/introspect', 'token/revoke'])
      urls.set(`Akamai ${path}`, customer.url(`/login/${path}`));
    for (const path of ['token', 'introspect', 'revoke'])
      urls.set(`Akeyless ${path}`, `${String(issuer)}/oauth2/${path}`);
    const provider = `${service.url}/v1/identity/oidc/provider/default`;
    for (const path of ['token', 'introspect', 'revoke']) urls.set(`Vault ${path}`, `${provider}/${path}`);
  });
  after(() => service.stop());

  const bodies: Readonly<Record<string, string>> = {
    'Akamai token': 'grant_type=client_credentials&scope=x',
    'Akamai token/introspect': 'token=x',
    'Akamai token/revoke': 'token=x',
    'Akeyless token': 'grant_type=authorization_code&code=x&redirect_uri=http%3A%2F%2F127.0.0.1%2F',
    'Akeyless introspect': 'token=x',
    'Akeyless revoke': 'token=x',
    'Vault token': 'grant_type=authorization_code&code=x&redirect_uri=http%3A%2F%2F127.0.0.1%2F',
    'Vault introspect': 'token=x',
    'Vault revoke': 'token=x',
  };
  for (const [place, [name, body]] of Object.entries(bodies).entries()) {
    it(`are told to wait: ${name}`, async () => {
      const present = (): Promise<Answer> =>
        send(urls.get(name) ?? assert.fail(name), 'POST', {
          headers: {
            ...basicHeader(`client-${place}`, 'wrong'),
            'content-type': 'application/x-www-form-urlencoded',
          },
          body,
        });
      for (let count = 0; count < maxFailures; count++) assert.equal((await present()).status, 401);
      const last = await present();
      assert.equal(last.status, 429, last.text);
      assert.ok(Number(last.headers.get('retry-after')) >= 1);
      // As every request of Vault's API that is one too many.
      const members = name === 'Vault token' ? ['errors'] : ['error', 'error_description'];
      assert.deepEqual(Object.keys(last.json() as object).sort(), members);
    });
  }

  it('are no hindrance to those that are right, the same client included', async () => {
    const { clientId, clientSecret } = customer.owner;
    const ask = (secret: string): Promise<Answer> =>
      send(urls.get('Akamai token') ?? assert.fail(), 'POST', {
        headers: {
          ...basicHeader(clientId, secret),
          'x-forwarded-for': '203.0.113.70',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials&scope=*:config/**',
      });
    for (let count = 0; count < maxFailures; count++) assert.equal((await ask('wrong')).status, 401);
    assert.equal((await ask('wrong')).status, 429);
    assert.equal((await ask(clientSecret)).status, 200);
  });
});
