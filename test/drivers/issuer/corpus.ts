/**
 * Tokens that are odd in one way each, good and bad, for comparing two verifiers. Where ours is
 * stricter than a general JWT library on purpose, the case says why.
 */
import { sign } from 'node:crypto';
import {
  createSigningKey,
  encode,
  mint,
  mintText,
  signatureOf,
  type SigningKey,
} from '../../support/rogue-issuer.ts';

export interface OddToken {
  readonly name: string;
  readonly token: string;
  /** Why we refuse what a library accepts. */
  readonly stricter?: string;
}

export interface CorpusSetting {
  readonly issuer: string;
  readonly audience: string;
  readonly nowSeconds: number;
}

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** One key for each algorithm, and one of each kind that is not bound to an algorithm. */
export const corpusKeys: readonly SigningKey[] = [
  ...algorithms.map((algorithm) => createSigningKey(algorithm, { kid: algorithm })),
  createSigningKey('RS256', { kid: 'any RSA', alg: undefined, use: undefined }),
  createSigningKey('ES256', { kid: 'any P-256', alg: undefined, use: undefined }),
  createSigningKey('ES384', { kid: 'for verifying', key_ops: ['verify'] }),
  createSigningKey('ES384', { kid: 'for signing', key_ops: ['sign'] }),
  createSigningKey('EdDSA', { kid: 'for encryption', use: 'enc' }),
];

function keyNamed(kid: string): SigningKey {
  const key = corpusKeys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Error(`no key ${kid}`);
  return key;
}

const rsa = keyNamed('RS256');
const ec = keyNamed('ES256');

export function oddTokens(setting: CorpusSetting): readonly OddToken[] {
  return [
    ...underEachKey(setting),
    ...oddHeaders(setting),
    ...oddClaims(setting),
    ...oddTexts(setting),
    ...oddEncodings(setting),
    ...oddSignatures(setting),
  ];
}

function goodClaims({ issuer, audience, nowSeconds }: CorpusSetting): Record<string, unknown> {
  return { iss: issuer, sub: 'alice', aud: audience, iat: nowSeconds, exp: nowSeconds + 600 };
}

/** Every key under the name of every algorithm. */
function* underEachKey(setting: CorpusSetting): Generator<OddToken> {
  const claims = goodClaims(setting);
  for (const key of corpusKeys) {
    for (const alg of algorithms) {
      const signWith = sameFamily(key, alg) ? { ...key, algorithm: alg } : key;
      yield { name: `${alg} under the key ${key.kid}`, token: mint(signWith, claims, { header: { alg } }) };
      if (signWith !== key) {
        const token = mint(key, claims, { header: { alg } });
        yield { name: `${key.algorithm} called ${alg} under the key ${key.kid}`, token };
      }
    }
  }
}

/** Whether the key can make signatures of the algorithm at all. */
function sameFamily(key: SigningKey, alg: string): boolean {
  const family = (name: string): string => name.replace(/^PS/, 'RS').slice(0, 2);
  return key.algorithm !== alg && family(key.algorithm) === family(alg) && alg !== 'EdDSA';
}

function* oddHeaders(setting: CorpusSetting): Generator<OddToken> {
  const claims = goodClaims(setting);
  const plain: readonly Readonly<Record<string, unknown>>[] = [
    { alg: 'none' },
    { alg: 'HS256' },
    { alg: 'rs256' },
    { alg: '' },
    { alg: undefined },
    { alg: null },
    { alg: ['RS256'] },
    { alg: 7 },
    { kid: 'unknown' },
    { kid: 'ES256' },
    { kid: 7 },
    { kid: null },
    { kid: '' },
    { typ: undefined },
    { typ: 'jwt' },
    { typ: 'application/jwt' },
    { cty: 'JWT' },
    { jwk: ec.jwk },
    { jku: 'https://attacker.example/jwks', x5u: 'https://attacker.example/x5u', x5c: ['AAAA'], x5t: 'AAAA' },
    { crit: [] },
    { crit: ['exp'] },
    { crit: ['exp'], exp: 1 },
    { crit: 'b64', b64: true },
    { crit: ['b64'] },
    { enc: 'A256GCM', zip: 'DEF', epk: {} },
    { toString: 1, constructor: 1, hasOwnProperty: 1 },
  ];
  for (const header of plain)
    yield { name: `header ${JSON.stringify(header)}`, token: mint(rsa, claims, { header }) };
  const strict: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ kid: undefined }, 'several keys fit a token that names none'],
    [{ typ: 'at+jwt' }, 'an access token is no ID token'],
    [{ typ: 7 }, 'a type is a text'],
    [{ b64: true }, 'b64 has no place in an ID token'],
    [{ b64: false }, 'b64 has no place in an ID token'],
    [{ crit: ['b64'], b64: true }, 'no extension is understood'],
    [{ crit: ['b64', 'b64'], b64: true }, 'no extension is understood'],
  ];
  for (const [header, stricter] of strict) {
    yield { name: `header ${JSON.stringify(header)}`, token: mint(rsa, claims, { header }), stricter };
  }
}

function* oddClaims(setting: CorpusSetting): Generator<OddToken> {
  const { issuer, audience, nowSeconds } = setting;
  const changes: readonly Readonly<Record<string, unknown>>[] = [
    ...[-61, -60, -59.5, -59, 0, 1e15].map((offset) => ({ exp: nowSeconds + offset })),
    ...[59, 60, 60.5, 61].map((offset) => ({ nbf: nowSeconds + offset })),
    { exp: undefined },
    { exp: null },
    { exp: String(nowSeconds + 600) },
    { exp: -1 },
    { nbf: null },
    { nbf: '0' },
    { nbf: -1e300 },
    { iat: undefined },
    { iat: null },
    { iat: '0' },
    { iss: undefined },
    { iss: null },
    { iss: [issuer] },
    { iss: `${issuer}/` },
    { iss: issuer.toUpperCase() },
    { aud: undefined },
    { aud: null },
    { aud: 7 },
    { aud: [] },
    { aud: [audience] },
    { aud: ['other', audience] },
    { aud: [[audience]] },
    { aud: { [audience]: true } },
    { sub: undefined },
    { sub: 7 },
    { azp: audience },
    { nonce: 'n', at_hash: 'h', groups: ['a', 'b'], deep: { a: { b: { c: [1, 2, { d: null }] } } } },
    { text: '"quotes" \\ and : { [ ] } , \u0000 \ud83d\ude00' },
  ];
  for (const change of changes) {
    const token = mint(rsa, { ...goodClaims(setting), ...change });
    yield { name: `claims ${JSON.stringify(change)}`, token };
  }
  const strict: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ iat: nowSeconds + 61 }, 'a token from the future'],
    [{ aud: [audience, 7] }, 'an audience is a text'],
    [{ azp: 7 }, 'a party is a text'],
    [{ aud: [audience, 'other'], azp: 'third' }, 'a party that is none of several audiences'],
  ];
  for (const [change, stricter] of strict) {
    yield {
      name: `claims ${JSON.stringify(change)}`,
      token: mint(rsa, { ...goodClaims(setting), ...change }),
      stricter,
    };
  }
}

/** Headers and payloads that are odd as texts. */
function* oddTexts(setting: CorpusSetting): Generator<OddToken> {
  const header = JSON.stringify({ alg: 'RS256', kid: 'RS256' });
  const payload = JSON.stringify(goodClaims(setting));
  const texts: readonly (readonly [string, string | Buffer, string | Buffer, string?])[] = [
    ['blanks in JSON', header.replace(/,/g, ' ,\n\t'), payload.replace(/:/g, ' : ')],
    ['escapes in names', header.replace('alg', '\\u0061lg'), payload.replace('"sub"', '"\\u0073ub"')],
    ['an empty payload object', header, '{}'],
    ['an array', header, '[]'],
    ['a text', header, '"alice"'],
    ['null', header, 'null'],
    ['JSON with a rest', header, `${payload}x`],
    ['JSON with a comment', header, payload.replace('{', '{/**/')],
    ['JSON with a last comma', header, payload.replace('}', ',}')],
    ['single quotes', header, payload.replaceAll('"', "'")],
    ['NaN', header, payload.replace('}', ',"a":NaN}')],
    ['an infinite end', header, payload.replace(/"exp":\d+/, '"exp":-1e999')],
    [
      'not UTF-8',
      header,
      Buffer.concat([Buffer.from(payload.slice(0, -1)), Buffer.from(',"a":"\xff"}', 'latin1')]),
    ],
    ['UTF-16', header, Buffer.from(payload, 'utf16le')],
    ['a header that is an array', '[]', payload],
    ['a header that is null', 'null', payload],
    ['a header that is not UTF-8', Buffer.from('{"alg":"RS256","kid":"\xff"}', 'latin1'), payload],
    ['a BOM', header, `\ufeff${payload}`, 'JSON has no BOM'],
    ['a BOM in the header', `\ufeff${header}`, payload, 'JSON has no BOM'],
    ['a claim twice', header, payload.replace('{', '{"sub":"bob",'), 'members are unique'],
    ['a member of the header twice', header.replace('{', '{"alg":"none",'), payload, 'members are unique'],
  ];
  for (const [name, head, body, stricter] of texts) {
    const token = mintText(head, body, (input) => signatureOf(rsa, input));
    yield { name, token, ...(stricter === undefined ? {} : { stricter }) };
  }
}

function* oddEncodings(setting: CorpusSetting): Generator<OddToken> {
  const good = mint(ec, goodClaims(setting));
  const [header = '', payload = '', signature = ''] = good.split('.');
  const lenient = 'one token has one text';
  yield { name: 'white space around', token: ` ${good}\r\n` };
  yield {
    name: 'a line break in the signature',
    token: `${good.slice(0, -9)}\n${good.slice(-9)}`,
    stricter: lenient,
  };
  yield {
    name: 'a blank before the signature',
    token: `${header}.${payload}. ${signature}`,
    stricter: lenient,
  };
  yield { name: 'a padded signature', token: `${good}==`, stricter: lenient };
  const last = good.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const next = alphabet.charAt(alphabet.indexOf(last) + 1);
  yield { name: 'trailing bits in the signature', token: `${good.slice(0, -1)}${next}`, stricter: lenient };
  yield {
    name: 'a blank in the header',
    token: `${header.slice(0, 9)} ${header.slice(9)}.${payload}.${signature}`,
  };
  yield { name: 'a padded payload', token: `${header}.${payload}=.${signature}` };
  const short = ['', '.', '..'].map((note) => encode(JSON.stringify({ ...goodClaims(setting), note })));
  const unpadded = short.find((text) => text.length % 4 === 3) ?? '';
  yield { name: 'a signed padded payload', token: resigned(header, `${unpadded}=`), stricter: lenient };
  yield {
    name: 'the plain alphabet in the signature',
    token: good.replaceAll('-', '+').replaceAll('_', '/'),
  };
  for (const token of [
    '',
    '.',
    '..',
    header,
    `${header}.${payload}`,
    `${good}.`,
    `.${good}`,
    `${good}.AAAA`,
    `${good}.A.A`,
  ]) {
    yield { name: `parts: ${token.replace(/[\w-]+/g, 'x')}`, token };
  }
  yield { name: 'an empty payload part', token: resigned(header, '') };
  yield { name: 'an unencoded payload', token: resigned(header, JSON.stringify(goodClaims(setting))) };
  const bulky = mint(ec, { ...goodClaims(setting), bulk: 'x'.repeat(20_000) });
  yield { name: 'more than 16 KiB', token: bulky, stricter: 'tokens have a limit' };
}

function resigned(header: string, payload: string): string {
  return `${header}.${payload}.${encode(signatureOf(ec, Buffer.from(`${header}.${payload}`)))}`;
}

function* oddSignatures(setting: CorpusSetting): Generator<OddToken> {
  const claims = goodClaims(setting);
  for (const alg of algorithms) {
    const key = keyNamed(alg);
    const whole = signatureOf(key, Buffer.from('another input'));
    const wrong: readonly (readonly [string, (input: Buffer) => Buffer])[] = [
      ['of something else', () => whole],
      ['of zeros', () => Buffer.alloc(whole.length)],
      ['of ones', () => Buffer.alloc(whole.length, 0xff)],
      ['of one byte', () => Buffer.of(1)],
      ['cut at the end', (input) => signatureOf(key, input).subarray(0, -1)],
      ['cut at the start', (input) => signatureOf(key, input).subarray(1)],
      ['with a zero before', (input) => Buffer.concat([Buffer.of(0), signatureOf(key, input)])],
      ['with a zero behind', (input) => Buffer.concat([signatureOf(key, input), Buffer.of(0)])],
      ['twice', (input) => Buffer.concat([signatureOf(key, input), signatureOf(key, input)])],
    ];
    for (const [name, signWrongly] of wrong) {
      yield { name: `${alg} signature ${name}`, token: mint(key, claims, { sign: signWrongly }) };
    }
    if (!alg.startsWith('ES')) continue;
    const inDer = (input: Buffer): Buffer => sign(`sha${alg.slice(2)}`, input, key.privateKey);
    yield { name: `${alg} signature in DER`, token: mint(key, claims, { sign: inDer }) };
  }
}
