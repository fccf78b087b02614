import assert from 'node:assert/strict';
import { LatchkeyError } from '../../../src/domain/errors.ts';
import { parsePolicy } from '../../../src/domain/policy/parse.ts';
import { meaning, refusal, resolved } from './meaning.ts';

/** Anchored lists, each of which names the one before it nine times. */
function aliasBomb(levels: number, first: string): string {
  const lines = [`- &l0 [ ${first} ]`];
  for (let level = 1; level <= levels; level++) {
    lines.push(`- &l${level} [ ${Array.from({ length: 9 }, () => `*l${level - 1}`).join(', ')} ]`);
  }
  return `${lines.join('\n')}\n`;
}

describe('a hostile text', () => {
  it('of lists of lists of aliases places each record once', () => {
    assert.deepEqual(meaning(aliasBomb(60, '!user a, !user b')), [
      'user:a of user:admin',
      'user:b of user:admin',
    ]);
  });

  it('that repeats a long list of members by aliases is refused', () => {
    const members = Array.from({ length: 1_000 }, (_, index) => `!user u${index}`).join(', ');
    const grants = Array.from({ length: 1_000 }, () => '- !grant { role: !group h, members: *m }\n').join('');
    const error = refusal(`- !grant { role: !group g, members: &m [ ${members} ] }\n${grants}`);
    assert.equal(error.code, 'POLICY_TOO_LARGE');
    assert.match(error.message, /^Aliases may repeat 1000000 values/);
  });

  it('that repeats annotations by aliases is refused', () => {
    const annotations = Array.from({ length: 100 }, (_, index) => `a${index}: b`).join(', ');
    const users = Array.from(
      { length: 100 },
      (_, index) => `- !user { id: u${index}, annotations: *a }\n`,
    ).join('');
    const text = `- !user { id: u, annotations: &a { ${annotations} } }\n${users}`;
    const error = refusal(text, { limits: { maxExpansion: 10_000 } });
    assert.equal(error.code, 'POLICY_TOO_LARGE');
  });

  it('that repeats a grant by aliases is refused', () => {
    const members = Array.from({ length: 100 }, (_, index) => `!user u${index}`).join(', ');
    const text = `- &g !grant { role: !group g, members: [ ${members} ] }\n${'- *g\n'.repeat(100)}`;
    assert.equal(refusal(text, { limits: { maxExpansion: 10_000 } }).code, 'POLICY_TOO_LARGE');
  });

  it('whose lists multiply out to too much is refused before they do', () => {
    const roles = Array.from({ length: 2_000 }, (_, index) => `!user u${index}`).join(', ');
    const resources = Array.from({ length: 2_000 }, (_, index) => `!variable v${index}`).join(', ');
    const text = `- !permit { roles: [ ${roles} ], privileges: [ read, execute ], resources: [ ${resources} ] }\n`;
    const error = refusal(text);
    assert.equal(error.code, 'POLICY_TOO_LARGE');
    assert.match(error.message, /1000000 grants and permits/);
  });

  for (const [title, text] of [
    ['brackets', '['.repeat(9_000)],
    ['closed brackets', `${'['.repeat(9_000)}${']'.repeat(9_000)}`],
    ['braces', `- ${'{ a: '.repeat(9_000)}`],
    ['policies', `- ${'!policy { id: p, body: [ '.repeat(9_000)}`],
    ['dashes', `${'- '.repeat(9_000)}!user a`],
    ['explicit keys', `- !user\n  ${'? '.repeat(9_000)}a`],
  ] as const) {
    it(`of 9,000 nested ${title} is refused`, () => {
      const error = refusal(text);
      assert.equal(error.code, 'POLICY_TOO_LARGE');
      assert.match(error.message, /^Collections may be nested 100 deep/);
    });
  }

  it('of policies within policies is accepted as deep as the limit', () => {
    const depth = 45;
    const open = Array.from({ length: depth }, (_, index) => `!policy { id: p${index}, body: [ `).join('');
    const text = `- ${open}${' ] }'.repeat(depth)}\n`;
    assert.equal(meaning(text).length, depth);
  });

  it('of more bytes than the limit is refused', () => {
    const error = refusal(`- !user ${'a'.repeat(100)}`, { limits: { maxBytes: 100 } });
    assert.equal(error.code, 'POLICY_TOO_LARGE');
    assert.match(error.message, /may have 100 bytes; this one has 108/);
    assert.equal(refusal(Buffer.alloc(32 * 1_024 * 1_024 + 1, '#')).code, 'POLICY_TOO_LARGE');
  });

  it('of more values than the limit is refused before it is parsed', () => {
    for (const text of [
      '- a\n'.repeat(3_100_000),
      `[${'a,'.repeat(3_100_000)}]`,
      `- ${'- '.repeat(3_100_000)}`,
    ]) {
      const error = refusal(text);
      assert.equal(error.code, 'POLICY_TOO_LARGE');
      assert.match(error.message, /^A policy text may have about 3000000 values/);
    }
  });

  it('of more statements than the limit is refused', () => {
    const error = refusal('- !user a\n- !policy { id: p, body: [ !user b, !user c ] }\n', {
      limits: { maxStatements: 3 },
    });
    assert.equal(error.code, 'POLICY_TOO_LARGE');
    assert.equal(
      meaning('- !user a\n- !policy { id: p, body: [ !user b ] }\n', { limits: { maxStatements: 3 } }).length,
      3,
    );
  });

  it('of more annotations than the limit is refused', () => {
    const text = '- !user { id: a, annotations: { b: c, d: e } }\n';
    const error = refusal(text, { limits: { maxStatements: 2 } });
    assert.equal(error.code, 'POLICY_TOO_LARGE');
    assert.match(error.message, /^A policy may have 2 statements and annotations/);
    assert.equal(meaning(text, { limits: { maxStatements: 3 } }).length, 1);
  });

  it('of one huge scalar is refused for its length', () => {
    const long = 'x'.repeat(200_000);
    assert.match(refusal(`- !user ${long}`).message, /is too long/);
    assert.match(refusal(`- !user { id: "${long}" }`).message, /is too long/);
    assert.match(refusal(`- !user { id: a, annotations: { b: "${long}" } }`).message, /may have 16384 bytes/);
    assert.match(refusal(`- !user { id: a, annotations: { "${long}": b } }`).message, /may have 500 bytes/);
    assert.match(refusal(`- !permit { privilege: "${long}" }`).message, /may have 255 bytes/);
    assert.match(refusal(`- !user { id: a, public_key: "a b ${long}" }`).message, /may have 16384 bytes/);
    assert.match(refusal(`- !${long} a`).message, /^Unrecognized data type '!x{70,80}/);
    assert.match(refusal(`- !resource { kind: ${long}, id: a }`).message, /^Invalid kind/);
    assert.match(refusal(`- !user { id: a, restricted_to: ${long} }`).message, /^Invalid IP address/);
    assert.match(refusal(`- !user &${long} a\n- *${long}a`).message, /while scanning an anchor/);
    assert.match(refusal(`- !user { ${long}: a }`).message, /^No such attribute 'x{70,80}/);
    assert.match(refusal(long).message, /^Unexpected scalar/);
  });

  it('of one huge tag is refused', () => {
    const error = refusal(`- !${'x'.repeat(10_000_000)} a`);
    assert.equal(error.code, 'POLICY_TOO_LARGE');
    assert.match(error.message, /^A tag, an anchor or another part of the text is too long/);
  });

  it('is quoted in messages only in part, on one line', () => {
    const error = refusal(`- !user { "a\\nb${'c'.repeat(1_000)}": d }`);
    assert.ok(error.message.length < 500);
    assert.doesNotMatch(error.message, /\n/);
  });

  it('of one line is refused at its column', () => {
    const users = '!user a, '.repeat(20_000);
    assert.deepEqual(refusal(`[ ${users}!person b ]`).at, { line: 1, column: 3 + users.length });
  });

  it('of many lines is refused at its line', () => {
    assert.deepEqual(refusal(`${'- !group g\n'.repeat(20_000)}- person`).at, { line: 20_001, column: 3 });
    assert.deepEqual(refusal(`${'- !group g\n'.repeat(20_000)}- [`).at, { line: 20_001, column: 3 });
  });

  it('of many records with long lists of layers is put in order', () => {
    const layers = Array.from({ length: 5_000 }, (_, index) => index);
    const text =
      `- !host-factory { id: f, layers: [ ${layers.map((index) => `l${index}`).join(', ')} ] }\n` +
      layers.map((index) => `- !layer l${index}\n`).join('');
    assert.equal(resolved(text).definitions.at(-1)?.id, 'acct:host_factory:f');
  });

  it('does not travel in the error that it causes', () => {
    for (const text of ['- !user "secret-text', '- !user [secret-text', '- !user secret-text: a: b']) {
      const error = refusal(text);
      assert.equal(error.cause, undefined);
      assert.doesNotMatch(JSON.stringify(Object.values(error)), /secret-text"?$/);
    }
  });

  it('that is not text at all is refused', () => {
    for (let seed = 0; seed < 256; seed++) {
      const bytes = Uint8Array.from({ length: 64 }, (_, index) => (seed * 131 + index * index * 7) % 256);
      assert.throws(() => parsePolicy(bytes), LatchkeyError);
    }
  });
});
