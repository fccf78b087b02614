/** RFC 8725 for our own tokens: one algorithm, our own keys, nothing that the token itself says about either. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { openHostileStage, refusedToken, secretOfStage, type HostileStage } from './stage.ts';

interface Flattened {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}
type Claims = Readonly<Record<string, unknown>>;

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
const signedWith = (key: string | Buffer, header: string, payload: string): string =>
  createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url');

describe('an access token', () => {
  let stage: HostileStage;
  let token: Flattened;
  let header: Claims;
  before(async () => {
    stage = await openHostileStage();
    token = JSON.parse(stage.alice.token) as Flattened;
    header = decoded(token.protected);
  });
  after(() => stage.stop());

  const refused = async (changed: unknown): Promise<void> => {
    await refusedToken(stage, typeof changed === 'string' ? changed : JSON.stringify(changed));
  };

  const headers: Readonly<Record<string, Claims>> = {
    'no algorithm': { alg: 'none' },
    'no algorithm, in capitals': { alg: 'NONE' },
    RS256: { alg: 'RS256' },
    HS384: { alg: 'HS384' },
    'HS256 in small letters': { alg: 'hs256' },
    'a list of algorithms': { alg: ['HS256'] },
    'a key of its own': { jwk: { kty: 'oct', k: 'AAAA' } },
    'an address of keys': { jku: 'https://evil.example/jwks' },
    'a certificate of its own': { x5c: ['MIIB'] },
    'an address of certificates': { x5u: 'https://evil.example/cert' },
    'a header that must be understood': { crit: ['exp'], exp: 1 },
    'an unencoded payload': { b64: false, crit: ['b64'] },
    compression: { zip: 'DEF' },
  };
  for (const [title, changes] of Object.entries(headers)) {
    it(`with ${title} is refused, signed as it was, with nothing, and with what it brings`, async () => {
      const head = encoded({ ...header, ...changes });
      await refused({ ...token, protected: head });
      await refused({ ...token, protected: head, signature: '' });
      for (const key of ['', 'AAAA', Buffer.alloc(32), String(header['kid'])])
        await refused({ ...token, protected: head, signature: signedWith(key, head, token.payload) });
    });
  }

  it('of another key id is refused, whatever that spells', async () => {
    for (const kid of [
      '',
      'acct',
      'acct:',
      '../acct',
      'other:1',
      '__proto__',
      'constructor',
      '\0',
      'x'.repeat(5_000),
    ]) {
      const head = encoded({ ...header, kid });
      await refused({ ...token, protected: head });
      await refused({ ...token, protected: head, signature: signedWith('', head, token.payload) });
    }
  });

  it('for another role, a later end or an earlier issue is refused', async () => {
    const claims = decoded(token.payload);
    for (const changes of [
      { sub: 'admin' },
      { exp: Number(claims['exp']) + 600 },
      { iat: 0 },
      { sub: ['alice'] },
      {},
    ]) {
      const payload = `${encoded({ ...claims, ...changes })} `.trimEnd();
      if (payload !== token.payload) await refused({ ...token, payload });
    }
  });

  it('is refused without one of its parts, and with parts of other types', async () => {
    for (const part of ['protected', 'payload', 'signature'] as const) {
      await refused({ ...token, [part]: undefined });
      for (const value of ['', null, 1, [token[part]], { toString: token[part] }])
        await refused({ ...token, [part]: value });
    }
  });

  it('in another serialization is refused', async () => {
    await refused(`${token.protected}.${token.payload}.${token.signature}`);
    await refused({
      payload: token.payload,
      signatures: [{ protected: token.protected, signature: token.signature }],
    });
    await refused([token]);
    await refused(JSON.stringify(JSON.stringify(token)));
  });

  it('that names a part twice counts for nobody else', async () => {
    const admin = encoded({ ...decoded(token.payload), sub: 'admin' });
    await refused(
      JSON.stringify(token)
        .replace('"payload"', `"signature":"","payload"`)
        .replace('{', `{"x":1,`)
        .replace(token.payload, admin),
    );
    await refused(`{"payload":"${token.payload}",${JSON.stringify({ ...token, payload: admin }).slice(1)}`);
  });

  it('of a role that was removed is refused on the next request', async () => {
    await stage.admin.send(
      'POST',
      '/policies/acct/policy/root',
      '- !user carol\n- !permit { role: !user carol, privilege: execute, resource: !variable db }\n',
    );
    const rotated = await stage.admin.send('PUT', '/authn/acct/api_key?role=user:carol');
    const { text } = await stage.admin.send('POST', '/authn/acct/carol/authenticate', rotated.text);
    const read = await stage.admin.send('GET', '/secrets/acct/variable/db', undefined, {
      authorization: `Token token="${Buffer.from(text).toString('base64')}"`,
    });
    assert.equal(read.text, secretOfStage);
    await stage.admin.send('PATCH', '/policies/acct/policy/root', '- !delete { record: !user carol }\n');
    const gone = await stage.admin.send('GET', '/secrets/acct/variable/db', undefined, {
      authorization: `Token token="${Buffer.from(text).toString('base64')}"`,
    });
    assert.ok(gone.status >= 400 && gone.status < 500 && !gone.text.includes(secretOfStage));
  });
});
