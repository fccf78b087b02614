import assert from 'node:assert/strict';
import { HostFactoryTokens } from '../../../src/domain/host-factories/token-index.ts';
import { toResourceId } from '../../../src/domain/ids.ts';
import {
  decodeHostFactoryToken,
  encodeHostFactoryToken,
  hashOfToken,
  type HostFactoryToken,
} from '../../../src/domain/records/host-factory-tokens.ts';
import { hostFactoryTokenKey } from '../../../src/domain/records/keys.ts';

const web = toResourceId('acct', 'host_factory', 'web');
const db = toResourceId('acct', 'host_factory', 'db');

function token(name: string, hostFactory = web, expiresAt = 1_000): HostFactoryToken {
  return { hash: hashOfToken(name), hostFactory, cidr: ['10.0.0.0/8'], expiresAt };
}

describe('HostFactoryTokens', () => {
  it('finds a token by its hash and by its factory', () => {
    const tokens = new HostFactoryTokens();
    tokens.put(token('one'));
    tokens.put(token('two', db));
    assert.deepEqual(tokens.get(hashOfToken('one')), token('one'));
    assert.equal(tokens.get('one'), undefined);
    assert.deepEqual(tokens.of(db), [token('two', db)]);
  });

  it('replaces a token of the same hash, also where it moves to another factory', () => {
    const tokens = new HostFactoryTokens();
    tokens.put(token('one'));
    tokens.put(token('one', db));
    assert.deepEqual([tokens.of(web), tokens.of(db)], [[], [token('one', db)]]);
  });

  it('removes one, all of a factory, and what is not there', () => {
    const tokens = new HostFactoryTokens();
    for (const name of ['one', 'two', 'three']) tokens.put(token(name));
    tokens.put(token('other', db));
    tokens.remove(hashOfToken('one'));
    tokens.remove('nothing');
    assert.equal(tokens.of(web).length, 2);
    tokens.removeAllOf(web);
    assert.deepEqual(tokens.of(web), []);
    assert.equal(tokens.get(hashOfToken('two')), undefined);
    assert.equal(tokens.of(db).length, 1);
  });

  it('tells so many of those that have expired', () => {
    const tokens = new HostFactoryTokens();
    for (const [name, expiresAt] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      tokens.put(token(name, web, expiresAt));
    assert.deepEqual(
      tokens.expired(2, 10).map(({ expiresAt }) => expiresAt),
      [1, 2],
    );
    assert.equal(tokens.expired(9, 2).length, 2);
  });

  it('comes back from its record as it was', () => {
    const kept = token('one');
    const key = hostFactoryTokenKey(kept.hash);
    assert.deepEqual(decodeHostFactoryToken(key, encodeHostFactoryToken(kept)), kept);
    assert.ok(!Buffer.from(encodeHostFactoryToken(kept)).includes('one'));
  });
});
