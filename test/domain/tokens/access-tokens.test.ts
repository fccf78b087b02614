import assert from 'node:assert/strict';
import fc from 'fast-check';
import { flattenedVerify } from 'jose';
import { Authority } from '../../../src/domain/accounts/authority.ts';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { toAccount, toRoleId } from '../../../src/domain/ids.ts';
import type { AccountState } from '../../../src/domain/accounts/account-state.ts';
import { AccessTokens } from '../../../src/domain/tokens/access-tokens.ts';
import { newSigningKey } from '../../../src/domain/tokens/signing-keys.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { assertProperty } from '../../support/property.ts';

const account = toAccount('acct');
const keyring = openKeyring({ dataKey: Buffer.alloc(32, 1) });
const alice = toRoleId(account, 'user', 'alice');

/** The same bytes to a lenient reader: the bits after the last byte are set. */
function otherLastBits(unpadded: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = alphabet.indexOf(unpadded.at(-1) ?? '');
  return unpadded.slice(0, -1) + (alphabet[last + 1] ?? assert.fail());
}

describe('AccessTokens', () => {
  const folder = temporaryDirectory();
  let now = 1_800_000_000_000;
  const clock = { now: (): number => now };
  let store: Store;
  let authority: Authority;
  let tokens: AccessTokens;
  let state: AccountState;

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    authority = new Authority(store, keyring);
    await authority.commit(account, { changes: [newSigningKey(account, keyring, now)], authority: true });
    state = (await authority.read(account, [])).state;
    tokens = new AccessTokens(authority, clock);
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  const encode = (token: string): string => Buffer.from(token).toString('base64');
  const fails = (code: ErrorCode) => (error: unknown) => isFailure(error, code);
  const payloadOf = (token: string): Record<string, unknown> => {
    const { payload } = JSON.parse(token) as { payload: string };
    return JSON.parse(Buffer.from(payload, 'base64').toString()) as Record<string, unknown>;
  };

  it('verifies what it issued', async () => {
    const actor = await tokens.verify(encode(tokens.issue(state, alice, 480)), '127.0.0.1');
    assert.equal(actor.role, alice);
    assert.equal(actor.account, account);
    assert.equal(actor.issuedAt, now / 1000);
  });

  it('issues a flattened JWS that any library can verify with the key', async () => {
    const token = JSON.parse(tokens.issue(state, alice, 480)) as {
      protected: string;
      payload: string;
      signature: string;
    };
    const key = state.newestSigningKey?.key;
    assert.ok(key !== undefined);
    const { payload } = await flattenedVerify(token, key, { algorithms: ['HS256'] });
    assert.equal((JSON.parse(Buffer.from(payload).toString()) as { sub: string }).sub, 'alice');
  });

  it('writes parts that read the same in both alphabets, with padding and without', () => {
    assertProperty(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (name) => {
        fc.pre(!/\p{Cc}/u.test(name) && Buffer.byteLength(name) < 500 && encodeURIComponent(name) !== '');
        const token = tokens.issue(state, toRoleId(account, 'user', name), 480);
        const { payload } = JSON.parse(token) as { payload: string };
        assert.match(payload, /^[A-Za-z0-9]+$/);
        assert.equal(payload.length % 4, 0);
        assert.equal(payloadOf(token)['sub'], name.includes('/') ? `user/${name}` : name);
      }),
    );
  });

  it('refuses any token with a character changed', async () => {
    const token = tokens.issue(state, alice, 480);
    for (let index = 0; index < token.length; index += 7) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, index) + other + token.slice(index + 1);
      await assert.rejects(tokens.verify(encode(changed), '127.0.0.1'), (error) => isFailure(error), changed);
    }
  });

  it('refuses a token from the second in which it expires, also one that it has seen', async () => {
    const token = encode(tokens.issue(state, alice, 60));
    await tokens.verify(token, '127.0.0.1');
    now += 59_999;
    await tokens.verify(token, '127.0.0.1');
    now += 1;
    await assert.rejects(tokens.verify(token, '127.0.0.1'), fails('ACCESS_TOKEN_EXPIRED'));
    await assert.rejects(tokens.verify(token, '127.0.0.1'), fails('ACCESS_TOKEN_EXPIRED'));
  });

  it('refuses what is no token, each in its own way', async () => {
    const cases: readonly (readonly [string, ErrorCode])[] = [
      ['', 'ACCESS_TOKEN_MALFORMED'],
      ['%%%', 'ACCESS_TOKEN_MALFORMED'],
      [encode('[1'), 'ACCESS_TOKEN_MALFORMED'],
      [encode('null'), 'ACCESS_TOKEN_MALFORMED'],
      [encode('x'.repeat(20_000)), 'ACCESS_TOKEN_MALFORMED'],
      [encode('{"protected":1,"payload":"","signature":""}'), 'ACCESS_TOKEN_INVALID'],
      [encode('{"protected":"e30","payload":"e30","signature":""}'), 'ACCESS_TOKEN_INVALID'],
    ];
    for (const [token, code] of cases)
      await assert.rejects(tokens.verify(token, '127.0.0.1'), fails(code), token);
  });

  it('takes a token in either alphabet, padded or not', async () => {
    for (const seconds of [60, 600, 6_000]) {
      const token = tokens.issue(state, alice, seconds);
      const texts = ([token, `${token} `, `${token}  `] as const).flatMap((text) =>
        (['base64', 'base64url'] as const).flatMap((alphabet) => {
          const unpadded = Buffer.from(text).toString(alphabet).replaceAll('=', '');
          return [unpadded, unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, '=')];
        }),
      );
      for (const text of texts) assert.equal((await tokens.verify(text, '127.0.0.1')).role, alice);
    }
  });

  it('takes nothing that only a lenient reader would take for the token', async () => {
    const token = tokens.issue(state, alice, 480);
    // Of each length modulo 3, so with each padding.
    for (const text of [token, `${token} `, `${token}  `]) {
      const padded = encode(text);
      const unpadded = padded.replaceAll('=', '');
      const changed = [
        `${unpadded}A`,
        ...(unpadded.length % 4 === 0 ? [] : [otherLastBits(unpadded)]),
        `${padded}=`,
        `${padded}====`,
        ...[' ', '\n', '.', '%', '\0', '-', 'ä', '=A', '=AAAA'].map((more) => padded + more),
        ` ${padded}`,
        `${padded.slice(0, 8)} ${padded.slice(8)}`,
        `${padded.slice(0, 8)}=${padded.slice(8)}`,
        `${padded.slice(0, 8)}\n${padded.slice(8)}`,
      ];
      for (const other of changed)
        await assert.rejects(
          tokens.verify(other, '127.0.0.1'),
          fails('ACCESS_TOKEN_MALFORMED'),
          JSON.stringify(other.slice(-12)),
        );
    }
  });

  it('takes no mixture of the two alphabets', async () => {
    const text = `{"a":"???>>>???>>>",${tokens.issue(state, alice, 480).slice(1)}`;
    const standard = encode(text);
    for (const whole of [standard, Buffer.from(text).toString('base64url')])
      await tokens.verify(whole, '127.0.0.1');
    const mixed = standard.replace('/', '_');
    assert.match(mixed, /[+/].*_|_.*[+/]/);
    await assert.rejects(tokens.verify(mixed, '127.0.0.1'), fails('ACCESS_TOKEN_MALFORMED'));
  });

  it('signs with the newest key, and verifies with every one that is there', async () => {
    const old = tokens.issue(state, alice, 480);
    now += 1_000;
    const added = newSigningKey(account, keyring, now);
    await authority.commit(account, { changes: [added], authority: true });
    const fresh = tokens.issue(state, alice, 480);
    const header = (token: string): string => (JSON.parse(token) as { protected: string }).protected;
    assert.notEqual(header(fresh), header(old));
    await tokens.verify(encode(old), '127.0.0.1');
    await tokens.verify(encode(fresh), '127.0.0.1');
  });

  it('verifies under a key that another process has just made', async () => {
    const elsewhere = new Authority(store, keyring);
    await elsewhere.commit(account, {
      changes: [newSigningKey(account, keyring, now + 5_000)],
      authority: true,
    });
    const issued = new AccessTokens(elsewhere, clock).issue(
      (await elsewhere.read(account, [])).state,
      alice,
      480,
    );
    assert.equal((await tokens.verify(encode(issued), '127.0.0.1')).role, alice);
  });
});
