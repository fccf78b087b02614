import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeContents } from '../../../src/domain/backup/contents.ts';
import { sealEnvelope } from '../../../src/domain/backup/envelope.ts';
import { frameKinds, jsonFrame, recordFrames } from '../../../src/domain/backup/frames.ts';
import { verifyBackup } from '../../../src/domain/backup/verify.ts';
import { openKeyring } from '../../../src/drivers/keyring/keyring.ts';
import { all, backupOf, failsWith, fileOf, inPieces, keyring, record, secret, snapshotOf } from './sample.ts';

const head = jsonFrame(frameKinds.head, { createdAt: '2026-01-01T00:00:00.000Z' });
const state = { account: 'acme', lineage: '', counter: 1, revision: 1 };
const begin = jsonFrame(frameKinds.account, state);
const finish = (records: object): Uint8Array => jsonFrame(frameKinds.accountEnd, { records });
const end = (accounts: number): Uint8Array => jsonFrame(frameKinds.end, { accounts });
const records = [...recordFrames([secret('a', 'one')])];

describe('verifyBackup', function () {
  this.timeout(60_000);
  const verify = async (file: Uint8Array, keys = keyring): ReturnType<typeof verifyBackup> =>
    verifyBackup(keys, inPieces(file));
  const verifyFrames = async (...frames: readonly Uint8Array[]): ReturnType<typeof verifyBackup> =>
    verify(await fileOf(inPieces(Buffer.concat(frames), 7)));

  it('tells of each account how many records it has, and from when the backup is', async () => {
    const file = await backupOf({ records: [secret('a', 'one'), secret('b', 'two')] }, { records: [] });
    const { createdAt, accounts } = await verify(file);
    assert.equal(createdAt, '1970-01-01T00:00:00.000Z');
    const { account, counter, revision, records: counts } = accounts[0] ?? {};
    assert.deepEqual([account, counter, revision, counts], ['acme', 3, 5, { secret: 2 }]);
    assert.deepEqual(accounts[1]?.records, {});
  });

  it('counts a record once that came twice', async () => {
    const twice = secret('a', 'one');
    const counts = new Map([['secret', 1]]);
    const { accounts } = await verify(await backupOf({ records: [twice, twice], counts }));
    assert.deepEqual(accounts[0]?.records, { secret: 1 });
  });

  it('takes records of any size that a store may hold', async () => {
    const large = [
      secret('a', randomBytes(15 * 1024 * 1024)),
      secret('b', 'x'),
      secret('c', randomBytes(900_000)),
    ];
    const { accounts } = await verify(await backupOf({ records: large }));
    assert.deepEqual(accounts[0]?.records, { secret: 3 });
  });

  it('refuses contents that lack something, or have too much, at any place', async () => {
    await verifyFrames(head, begin, ...records, finish({ secret: 1 }), end(1));
    for (const [frames, text] of [
      [[], /its end is missing/],
      [[head], /its end is missing/],
      [[begin], /not in order/],
      [[head, ...records, end(0)], /not in order/],
      [[head, begin, ...records], /its end is missing/],
      [[head, begin, ...records, end(1)], /not in order/],
      [[head, begin, ...records, finish({ secret: 1 })], /its end is missing/],
      [[head, begin, ...records, finish({ secret: 2 }), end(1)], /lacks records/],
      [[head, begin, ...records, finish({ credential: 0 }), end(1)], /lacks records/],
      [[head, begin, ...records, finish({}), end(1)], /lacks records/],
      [[head, begin, finish({}), end(2)], /lacks accounts/],
      [[head, begin, finish({}), begin, finish({}), end(2)], /an account twice/],
      [[head, end(0), head], /goes on after its end/],
      [[head, end(0), Buffer.of(1)], /cut off/],
    ] as const) {
      await assert.rejects(verifyFrames(...frames), failsWith('BACKUP_INVALID', text), String(text));
    }
  });

  it('refuses parts of another form', async () => {
    for (const frames of [
      [jsonFrame(frameKinds.head, {})],
      [head, jsonFrame(frameKinds.account, { ...state, account: 'a:b' })],
      [head, jsonFrame(frameKinds.account, { ...state, counter: -1 })],
      [head, jsonFrame(9, {})],
      [head, begin, Buffer.of(0, 0, 0, 3, frameKinds.records, 0, 9)],
      [head, begin, Buffer.of(0, 0, 0, 9, frameKinds.records, 0, 1, 97, 255, 255, 255, 255, 0)],
      [Buffer.of(0, 0, 0, 2, frameKinds.head, 123)],
      [Buffer.of(0, 0, 0, 0)],
    ]) {
      await assert.rejects(verifyFrames(...frames), failsWith('BACKUP_INVALID'));
    }
  });

  it('gives up at once on a part of impossible length, however much it decompresses to', async () => {
    let given = 0;
    const bomb = async function* (): AsyncGenerator<Uint8Array> {
      const zeros = Buffer.alloc(1024 * 1024);
      yield head;
      yield Buffer.of(255, 255, 255, 255);
      for (given = 0; given < 64; given += 1) yield zeros;
    };
    await assert.rejects(verify(await fileOf(bomb())), failsWith('BACKUP_INVALID', /no possible length/));
  });

  it('refuses records that this release does not store, or cannot read', async () => {
    for (const [bad, text] of [
      [record('none', ''), /unknown kind/],
      [record('constructor\ta', ''), /unknown kind/],
      [record('__proto__\ta', ''), /unknown kind/],
      [record('secret\ta', 'no secret'), /\(secret\) cannot be read/],
      [record('credential\tacme:user:a', '{'), /\(credential\) cannot be read/],
      [record('rows\t1', 'x'), /\(rows\) cannot be read/],
      [record('authenticator\ta', 'xx'), /\(authenticator\) cannot be read/],
      [record('policy-version\ta\t1', 'xx'), /\(policy-version\) cannot be read/],
      [record('oidc-scope\ta', 'xx'), /\(oidc-scope\) cannot be read/],
      [record(`secret\t${'x'.repeat(4_100)}`, ''), /larger than a store may hold/],
      [record('secret\ta', Buffer.alloc(16 * 1024 * 1024 + 1)), /larger than a store may hold/],
      [secret('a', 'value', 'b'), /\(secret\) cannot be read/],
    ] as const) {
      await assert.rejects(
        backupOf({ records: [bad] }).then((file) => verify(file)),
        failsWith('BACKUP_INVALID', text),
        String(text),
      );
    }
  });

  it('names the data key of a value that is sealed under another', async () => {
    const others = openKeyring({ dataKey: randomBytes(32) });
    const contents = writeContents(
      snapshotOf({ records: [secret('a', 'one')] }),
      new Date(0),
      () => undefined,
    );
    const file = await all(await sealEnvelope(others, contents));
    await assert.rejects(
      verify(file, others),
      failsWith('DATA_KEY_UNKNOWN', new RegExp(`secret.*${keyring.keyId}`)),
    );
  });
});
