/** authn-jwt: tokens that were made to deceive (Conjur's scenarios by their ids). */
import assert from 'node:assert/strict';
import { base64url, exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { createSigningKey, mint, type SigningKey } from '../../support/rogue-issuer.ts';

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const made = new Map<string, SigningKey>();

function keyFor(algorithm: string): SigningKey {
  const key = made.get(algorithm) ?? createSigningKey(algorithm, { kid: algorithm });
  made.set(algorithm, key);
  return key;
}

describeOnStores('authn-jwt under attack', (on) => {
  let stage: JwtStage;
  const service = 'raw';
  before(async () => {
    stage = await openJwtStage(on);
    stage.issuer.publish(stage.key, ...algorithms.map(keyFor));
    await stage.define(service);
    await stage.define('modern', {
      variables: {
        'jwks-uri': stage.jwksUri,
        'token-app-property': 'host',
        algorithms: 'ES256, ES384 ES512,EdDSA,PS256',
      },
    });
  });
  after(() => stage.stop());

  const claims = (name = service): Record<string, unknown> => {
    const now = Math.floor(Date.now() / 1_000);
    return { iss: '127.0.0.1', host: `app-${name}`, project: 'blue', exp: now + 600 };
  };
  const present = async (jwt: string, name = service): Promise<number> =>
    (await stage.post(`${name}/acct`, { jwt })).status;
  const refused = async (jwt: string, reason = 'CONJ00035E'): Promise<void> => {
    await stage.refused(await stage.post(`${service}/acct`, { jwt }), service, reason);
  };

  it('refuses a token without a signature (8851)', async () => {
    await refused(
      new UnsecuredJWT(claims()).encode(),
      'CONJ00077E The request body does not contain JWT token',
    );
    const [, payload = ''] = stage.token(service).split('.');
    const none = base64url.encode(JSON.stringify({ alg: 'none', kid: 'stage' }));
    await refused(`${none}.${payload}.AAAA`);
  });

  it('refuses an HMAC under the public key (8852)', async () => {
    const jwk = await exportJWK(stage.key.privateKey);
    for (const secret of [JSON.stringify(stage.key.jwk), jwk.n ?? '']) {
      const token = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: stage.key.kid })
        .sign(Buffer.from(secret));
      await refused(token);
    }
  });

  it('accepts RS256, RS384 and RS512 by default, and nothing else (8858)', async () => {
    for (const algorithm of ['RS256', 'RS384', 'RS512'])
      assert.equal(await present(mint(keyFor(algorithm), claims())), 200, algorithm);
    for (const algorithm of ['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA']) {
      await refused(mint(keyFor(algorithm), claims()));
      assert.match(await stage.record(service), /algorithm/, algorithm);
    }
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const token = await new SignJWT(claims())
        .setProtectedHeader({ alg, kid: 'stage' })
        .sign(Buffer.alloc(64, 1));
      await refused(token);
    }
  });

  it('accepts what the variable algorithms lists instead', async () => {
    for (const algorithm of ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256'])
      assert.equal(await present(mint(keyFor(algorithm), claims('modern')), 'modern'), 200, algorithm);
    assert.equal(await present(mint(keyFor('RS256'), claims('modern')), 'modern'), 401);
  });

  it('refuses a list of algorithms with one that is not asymmetric', async () => {
    await stage.define('symmetric', {
      variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'host', algorithms: 'RS256,HS256' },
    });
    await stage.refused(await stage.authenticate('symmetric'), 'symmetric', 'CONJ00037E');
  });

  it('refuses a key id that is not published, and a published one over a foreign signature (8732, 8733)', async () => {
    const foreign = createSigningKey('RS256', { kid: 'unknown_kid' });
    await refused(mint(foreign, claims()));
    assert.match(await stage.record(service), /does not publish/);
    await refused(mint(foreign, claims(), { header: { kid: stage.key.kid } }));
    assert.match(await stage.record(service), /signature/);
  });

  it('follows no key and no address in the header (8853, 8854, 8856, 8855)', async () => {
    const foreign = createSigningKey('RS256', { kid: stage.key.kid });
    const headers = [
      { jku: `${stage.issuer.url}/foreign` },
      { jwk: foreign.jwk },
      { x5c: ['MIIB'], kid: undefined },
      { x5u: `${stage.issuer.url}/foreign.pem`, kid: undefined },
    ];
    for (const header of headers) await refused(mint(foreign, claims(), { header }));
    assert.ok(!stage.issuer.requests.some((path) => path.includes('foreign')));
  });

  it('refuses critical extensions, foreign types and claims given twice', async () => {
    await refused(stage.token(service, {}, { header: { crit: ['b64'], b64: false } }));
    for (const typ of ['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'JWE'])
      await refused(stage.token(service, {}, { header: { typ } }));
    for (const typ of [undefined, 'jwt', 'at+jwt', 'application/at+jwt'])
      assert.equal(await present(stage.token(service, {}, { header: { typ } })), 200, typ);
  });

  it('refuses a token whose signature or payload was touched', async () => {
    const [header = '', payload = '', signature = ''] = stage.token(service).split('.');
    await refused(`${header}.${payload}.${signature.slice(0, -4)}AAAA`);
    const other = base64url.encode(JSON.stringify({ ...claims(), host: 'other' }));
    await refused(`${header}.${other}.${signature}`);
    await refused(`${header}.${payload}.${signature}=`);
  });

  it('tells nobody but the audit why, and no token or claim to either', async () => {
    const answer = await stage.authenticate(service, { host: 'secret-name', iss: 'secret-issuer' });
    assert.equal(answer.text, '');
    assert.doesNotMatch(await stage.record(service), /secret-issuer|eyJ/);
  });
});
