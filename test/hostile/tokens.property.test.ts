/** One bit of a token changed: refused, whichever it is. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { load, send, setSecret } from '../support/client.ts';
import { assertProperty } from '../support/property.ts';
import { createSigningKey, mint, startRogueIssuer, type RogueIssuer } from '../support/rogue-issuer.ts';
import { openHostileStage, refusedToken, secretOfStage, type HostileStage } from './stage.ts';

const servicePolicy = `
- !policy
  id: conjur/authn-oidc/x
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !permit { role: !user /alice, privileges: [ read, authenticate ], resource: !webservice "" }
`;

function flipped(text: string, bit: number): Buffer {
  const bytes = Buffer.from(text);
  const at = bit % (bytes.length * 8);
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
  return bytes;
}

describe('a token with one bit changed', function () {
  this.timeout(60_000);
  let stage: HostileStage;
  let issuer: RogueIssuer;
  const key = createSigningKey('RS256');
  before(async () => {
    stage = await openHostileStage({ LATCHKEY_AUTHENTICATORS: 'authn,authn-oidc/x' });
    issuer = await startRogueIssuer({ keys: [key] });
    await load(stage.admin, servicePolicy);
    await setSecret(stage.admin, 'conjur/authn-oidc/x/provider-uri', issuer.url);
    await setSecret(stage.admin, 'conjur/authn-oidc/x/id-token-user-property', 'sub');
  });
  after(async () => {
    await stage.stop();
    await issuer.stop();
  });

  it('is refused as an access token', async () => {
    const property = fc.asyncProperty(fc.nat(1_000_000), async (bit) => {
      await refusedToken(stage, flipped(stage.alice.token, bit));
    });
    await assertProperty(property, { numRuns: 200 });
  });

  it('is refused as an access token, also where the bit is of its base64', async () => {
    const text = Buffer.from(stage.alice.token).toString('base64');
    const url = `${stage.service.url}/secrets/acct/variable/db`;
    const read = (token: string) =>
      send(url, 'GET', { headers: { authorization: `Token token="${token}"` } });
    assert.equal((await read(text)).text, secretOfStage);
    const property = fc.asyncProperty(fc.nat(1_000_000), async (bit) => {
      const changed = flipped(text, bit).toString('latin1');
      // What no header can hold, or what ends the token's quotes, is not another token.
      fc.pre(/^[!#-~]+$/.test(changed));
      assert.equal((await read(changed)).status, 401);
    });
    await assertProperty(property, { numRuns: 200 });
  });

  it('is refused as an ID token', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const token = mint(key, { iss: issuer.url, sub: 'alice', aud: 'app', iat: now, exp: now + 24 * 60 * 60 });
    const url = `${stage.service.url}/authn-oidc/x/acct/authenticate`;
    const present = (body: Buffer | string) =>
      send(url, 'POST', { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.equal((await present(`id_token=${token}`)).status, 200);
    const property = fc.asyncProperty(fc.nat(1_000_000), async (bit) => {
      const changed = flipped(token, bit).toString('latin1');
      // An ampersand or a percent sign would end or change the field, not the token.
      fc.pre(!/[&;%+=\s\0]/.test(changed));
      assert.equal((await present(`id_token=${changed}`)).status, 401);
    });
    await assertProperty(property, { numRuns: 150 });
  });
});
