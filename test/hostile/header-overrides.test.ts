/** Headers by which some servers let a client change method, path, host or role are nothing here. */
import assert from 'node:assert/strict';
import { sendRaw } from '../support/raw-request.ts';
import { openHostileStage, secretOfStage, tokenText, type HostileStage } from './stage.ts';

describe('a header that would override', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  const path = '/secrets/acct/variable/db';

  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
    it(`the method (${name}) does not`, async () => {
      const headers = { authorization: tokenText(stage.admin), [name]: 'POST' };
      const answer = await sendRaw(stage.service.url, 'GET', path, headers);
      assert.equal(answer.text, secretOfStage);
      const form = await sendRaw(stage.service.url, 'GET', `${path}?_method=POST`, headers);
      assert.equal(form.text, secretOfStage);
    });

  for (const name of ['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Uri', 'X-Forwarded-Path'])
    it(`the path (${name}) does not`, async () => {
      const headers = { authorization: tokenText(stage.alice), [name]: path };
      const answer = await sendRaw(stage.service.url, 'GET', '/secrets/acct/variable/other', headers);
      assert.equal(answer.status, 404);
    });

  for (const name of ['X-Forwarded-User', 'X-Remote-User', 'Remote-User', 'X-Auth-Request-User', 'Cookie'])
    it(`who somebody is (${name}) does not`, async () => {
      const answer = await sendRaw(stage.service.url, 'GET', '/whoami', { [name]: 'admin' });
      assert.equal(answer.status, 401);
    });

  it('the host (X-Forwarded-Host, Forwarded) does not show in what issuers say', async () => {
    const answer = await sendRaw(
      stage.service.url,
      'GET',
      '/v1/identity/oidc/provider/default/.well-known/openid-configuration',
      {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        forwarded: 'host=evil.example;proto=https',
      },
    );
    assert.equal(answer.status, 200);
    assert.ok(!answer.text.includes('evil.example'), answer.text);
  });
});
