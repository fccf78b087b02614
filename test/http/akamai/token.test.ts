import assert from 'node:assert/strict';
import type { AkamaiCustomer } from '../../support/akamai.ts';
import { bootstrapCustomer, type TokenAnswer } from '../../support/akamai.ts';
import { basicHeader, send, type Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { sendRaw } from '../../support/raw-request.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

describeOnStores('POST /{customerId}/login/token', (on) => {
  let customer: AkamaiCustomer;

  before(async () => {
    customer = await bootstrapCustomer(on.service);
  });

  const basic = (): Record<string, string> => ({
    ...basicHeader(customer.owner.clientId, customer.owner.clientSecret),
  });
  const post = (body: string | FormData, headers: Record<string, string> = {}): Promise<Answer> =>
    send(customer.url('/login/token'), 'POST', { body, headers });
  const refused = (answer: Answer, status: number, error: string, description?: RegExp): void => {
    assert.equal(answer.status, status, answer.text);
    const body = answer.json() as { readonly error: string; readonly error_description: string };
    assert.equal(body.error, error, answer.text);
    if (description !== undefined) assert.match(body.error_description, description);
  };

  it('answers an opaque token of 66 characters, its life, type and scope, and no refresh token', async () => {
    const answer = await customer.requestToken(customer.owner, '*:config/**');
    assert.equal(answer.status, 200);
    const { access_token: token, ...rest } = answer.json() as TokenAnswer;
    assert.match(token, /^[A-Za-z0-9_-]{66}$/);
    assert.deepEqual(rest, { expires_in: 3_600, token_type: 'Bearer', scope: '*:config/**' });
    assert.deepEqual(
      [answer.headers.get('cache-control'), answer.headers.get('pragma')],
      ['no-store', 'no-cache'],
    );
  });

  it('gives another token each time, and both work', async () => {
    const tokens = [await customer.token(), await customer.token()];
    assert.notEqual(tokens[0], tokens[1]);
    for (const token of tokens) await customer.done(token, 200, 'GET', '/clients');
  });

  it('takes multipart/form-data, as curl -F sends it', async () => {
    const boundary = '------------------------d74496d66958873e';
    const parts = [
      ['grant_type', 'client_credentials'],
      ['scope', '*:config/**'],
    ].map(
      ([name = '', value = '']) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const headers = { ...basic(), 'content-type': `multipart/form-data; boundary=${boundary}` };
    const answer = await post(`${parts.join('')}--${boundary}--\r\n`, headers);
    assert.equal(answer.status, 200, answer.text);
    assert.equal((answer.json() as TokenAnswer).scope, '*:config/**');
  });

  it('takes a plus sign in multipart as it is', async () => {
    const owner = await customer.token();
    const mutator = await customer.configurationClient(owner, 'multipart', ['+:config/clients']);
    const body = new FormData();
    body.set('grant_type', 'client_credentials');
    body.set('scope', '+:config/clients');
    const answer = await post(body, { ...basicHeader(mutator.clientId, mutator.clientSecret) });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((answer.json() as TokenAnswer).scope, '+:config/clients');
  });

  it('says what to do about a plus sign that arrived as a blank', async () => {
    const owner = await customer.token();
    const mutator = await customer.configurationClient(owner, 'plus', ['+:config/clients']);
    const headers = { ...form, ...basicHeader(mutator.clientId, mutator.clientSecret) };
    const raw = await post('grant_type=client_credentials&scope=+:config/clients', headers);
    refused(raw, 400, 'invalid_scope', /send it as %2B/);
    const encoded = await post('grant_type=client_credentials&scope=%2B:config/clients', headers);
    assert.equal(encoded.status, 200, encoded.text);
  });

  it('takes the credentials from the body, too', async () => {
    const { clientId, clientSecret } = customer.owner;
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: '*:config/**',
      client_id: clientId,
      client_secret: clientSecret,
    });
    assert.equal((await post(body.toString(), form)).status, 200);
    const both = await post(body.toString(), { ...form, ...basic() });
    refused(both, 400, 'invalid_request', /in the header and in the body/);
    body.delete('client_secret');
    assert.equal((await post(body.toString(), { ...form, ...basic() })).status, 200);
    body.set('client_id', 'another');
    refused(
      await post(body.toString(), { ...form, ...basic() }),
      400,
      'invalid_request',
      /not that of the header/,
    );
  });

  it('reads Basic credentials as RFC 6749 encodes them', async () => {
    const { clientId, clientSecret } = customer.owner;
    const escaped = `%${clientId.charCodeAt(0).toString(16)}${clientId.slice(1)}`;
    const headers = { ...form, ...basicHeader(escaped, clientSecret) };
    assert.equal((await post('grant_type=client_credentials&scope=*:config/**', headers)).status, 200);
    const broken = { ...form, ...basicHeader('%zz', clientSecret) };
    refused(await post('grant_type=client_credentials&scope=x', broken), 401, 'invalid_client');
  });

  it('does not tell an unknown client from a wrong secret', async () => {
    const unknown = await customer.requestToken({ clientId: 'nobody', clientSecret: 'x' }, '*:config/**');
    const wrong = await customer.requestToken({ ...customer.owner, clientSecret: 'x' }, '*:config/**');
    const id = await customer.requestToken({ ...customer.owner, clientSecret: customer.owner.clientId }, 'x');
    for (const answer of [unknown, wrong, id]) {
      refused(answer, 401, 'invalid_client');
      assert.equal(answer.text, unknown.text);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    }
  });

  it('demands credentials that it can read', async () => {
    const body = 'grant_type=client_credentials&scope=*:config/**';
    refused(await post(body, form), 401, 'invalid_client');
    for (const authorization of ['Bearer abc', 'Basic', 'Basic !!!', 'Basic YWJj', 'Token token="x"']) {
      refused(await post(body, { ...form, authorization }), 401, 'invalid_client');
    }
  });

  it('serves client_credentials alone to a configuration client', async () => {
    refused(await post('scope=*:config/**', { ...form, ...basic() }), 400, 'invalid_request', /grant_type/);
    refused(await post('grant_type=&scope=x', { ...form, ...basic() }), 400, 'invalid_request', /grant_type/);
    for (const grant of ['password', 'implicit', 'CLIENT_CREDENTIALS']) {
      const answer = await post(`grant_type=${grant}&scope=x`, { ...form, ...basic() });
      refused(answer, 400, 'unsupported_grant_type');
    }
  });

  it('refuses a request without scope, instead of a token that opens nothing', async () => {
    for (const scope of ['', '&scope=', '&scope=%20%20']) {
      const answer = await post(`grant_type=client_credentials${scope}`, { ...form, ...basic() });
      refused(answer, 400, 'invalid_scope', /scope is missing/);
    }
  });

  it('refuses repeated parameters, files, other bodies and long ones', async () => {
    const twice = 'grant_type=client_credentials&scope=*:config/**&scope=.:config/**';
    refused(await post(twice, { ...form, ...basic() }), 400, 'invalid_request', /repeated/);
    const file = new FormData();
    file.set('grant_type', 'client_credentials');
    file.set('scope', new Blob(['*:config/**']), 'scope.txt');
    refused(await post(file, basic()), 400, 'invalid_request', /file/);
    const json = JSON.stringify({ grant_type: 'client_credentials', scope: '*:config/**' });
    const typed = { ...basic(), 'content-type': 'application/json' };
    refused(await post(json, typed), 400, 'invalid_request', /urlencoded/);
    const unbounded = { ...basic(), 'content-type': 'multipart/form-data' };
    refused(await post('x', unbounded), 400, 'invalid_request', /multipart/);
    const long = await post(`grant_type=client_credentials&scope=${'x'.repeat(65_536)}`, {
      ...form,
      ...basic(),
    });
    assert.equal(long.status, 413);
    const many = Array.from({ length: 101 }, (_, index) => `p${String(index)}=1`).join('&');
    refused(await post(many, { ...form, ...basic() }), 400, 'invalid_request', /too many/);
  });

  it('serves POST alone', async () => {
    const answer = await sendRaw(on.service.url, 'GET', `/${customer.customerId}/login/token`);
    assert.deepEqual([answer.status, answer.headers['allow']], [405, 'POST']);
  });

  it('knows no other customer', async () => {
    const other = `${on.service.url}/00000000-0000-4000-8000-000000000000/login/token`;
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: '*:config/**' });
    const answer = await send(other, 'POST', { body, headers: basic() });
    assert.deepEqual([answer.status, answer.json()], [404, { errors: 'Not Found' }]);
  });
});
