import assert from 'node:assert/strict';
import type { Services } from '../../../src/domain/services.ts';
import { isFailure, LatchkeyError } from '../../../src/domain/errors.ts';
import { toAccount } from '../../../src/domain/ids.ts';
import { withAttemptLimit } from '../../../src/domain/provider/attempts.ts';
import { openLmdbStore } from '../../../src/drivers/lmdb/store.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryAudit } from '../../support/audit.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const account = toAccount('acct');

describe('the limit of failed attempts', () => {
  const folder = temporaryDirectory();
  const audit = new MemoryAudit();
  let store: Store;
  let services: Pick<Services, 'ephemeral' | 'audit' | 'clock'>;

  before(async () => {
    store = await openLmdbStore({ directory: folder.path });
    services = { ephemeral: store.ephemeral, audit, clock: { now: () => 1_000 } };
  });

  after(async () => {
    await store.close();
    folder.remove();
  });

  async function attempt(login: string, clientIp: string, outcome: 'right' | LatchkeyError): Promise<string> {
    try {
      return await withAttemptLimit(services, { requestId: 'r', clientIp }, account, login, async () => {
        if (outcome === 'right') return outcome;
        throw outcome;
      });
    } catch (error) {
      if (!isFailure(error)) throw error;
      return error.code;
    }
  }

  const fail = (login: string, clientIp: string): Promise<string> =>
    attempt(login, clientIp, new LatchkeyError('CREDENTIALS_INVALID'));

  async function failTimes(times: number, each: (index: number) => Promise<string>): Promise<void> {
    for (let index = 0; index < times; index += 1) assert.equal(await each(index), 'CREDENTIALS_INVALID');
  }

  it('lets ten failures of a login from an address pass, and nothing after them', async () => {
    await failTimes(9, () => fail('one', '10.0.0.1'));
    assert.equal(await attempt('one', '10.0.0.1', 'right'), 'right');
    await failTimes(1, () => fail('one', '10.0.0.1'));
    assert.equal(await attempt('one', '10.0.0.1', 'right'), 'ATTEMPTS_EXCEEDED');
    assert.equal(await attempt('one', '10.0.0.2', 'right'), 'right');
    assert.equal(await attempt('other', '10.0.0.1', 'right'), 'right');
  });

  it('lets a hundred failures from an address pass, whoever they name', async () => {
    await failTimes(100, (index) => fail(`user${String(index)}`, '10.0.1.1'));
    assert.equal(await attempt('somebody', '10.0.1.1', 'right'), 'ATTEMPTS_EXCEEDED');
    assert.equal(await attempt('somebody', '10.0.1.2', 'right'), 'right');
  });

  it('lets a hundred failures of a user pass, from wherever they come', async () => {
    await failTimes(100, (index) => fail('two', `10.2.0.${String(index)}`));
    assert.equal(await attempt('two', '10.2.1.1', 'right'), 'ATTEMPTS_EXCEEDED');
  });

  it('lets nobody lock a host out from other addresses: it has no password', async () => {
    await failTimes(100, (index) => fail('host/app', `10.3.0.${String(index)}`));
    assert.equal(await attempt('host/app', '10.3.1.1', 'right'), 'right');
  });

  it('takes a network of IPv6 for one address', async () => {
    await failTimes(10, (index) => fail('six', `2001:db8::${index.toString(16)}`));
    assert.equal(await attempt('six', '2001:db8::ffff', 'right'), 'ATTEMPTS_EXCEEDED');
    assert.equal(await attempt('six', '2001:db8:0:1::1', 'right'), 'right');
  });

  it('takes a mapped address for the one of IPv4', async () => {
    await failTimes(10, (index) => fail('mapped', index < 5 ? '10.4.0.1' : '::ffff:10.4.0.1'));
    assert.equal(await attempt('mapped', '10.4.0.1', 'right'), 'ATTEMPTS_EXCEEDED');
  });

  it('counts nothing but what is wrong with the proof', async () => {
    for (let index = 0; index < 20; index += 1) {
      const failure = new LatchkeyError('STORE_UNAVAILABLE');
      assert.equal(await attempt('three', '10.5.0.1', failure), 'STORE_UNAVAILABLE');
    }
    assert.equal(await attempt('three', '10.5.0.1', 'right'), 'right');
  });

  it('refuses what proved to be right once others at the same time have failed too often', async () => {
    const request = { requestId: 'r', clientIp: '10.6.0.1' };
    const late = withAttemptLimit(services, request, account, 'four', async () => {
      await failTimes(10, () => fail('four', '10.6.0.1'));
      return 'right';
    });
    await assert.rejects(late, (error) => isFailure(error, 'ATTEMPTS_EXCEEDED'));
  });

  it('tells nobody which of the attempts beyond the limit was right', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const request = { requestId: 'r', clientIp: '10.8.0.1' };
    const late = [true, false].map((right) =>
      withAttemptLimit(services, request, account, 'late', async () => {
        await held;
        if (!right) throw new LatchkeyError('CREDENTIALS_INVALID');
      }).then(
        () => 'right',
        (error: unknown) => (isFailure(error) ? error.code : error),
      ),
    );
    await failTimes(10, () => fail('late', '10.8.0.1'));
    release();
    assert.deepEqual(await Promise.all(late), ['ATTEMPTS_EXCEEDED', 'ATTEMPTS_EXCEEDED']);
  });

  it('counts the names of one role together', async () => {
    await failTimes(10, (index) => fail(index < 5 ? 'seven' : 'user/seven', '10.9.0.1'));
    assert.equal(await attempt('seven', '10.9.0.1', 'right'), 'ATTEMPTS_EXCEEDED');
    assert.equal(await attempt('user/seven', '10.9.0.1', 'right'), 'ATTEMPTS_EXCEEDED');
    assert.equal(await attempt('user/seven/more', '10.9.0.1', 'right'), 'right');
  });

  it('audits a refusal as a failed login', async () => {
    await failTimes(10, () => fail('host/five', '10.7.0.1'));
    const before = audit.events.length;
    await attempt('host/five', '10.7.0.1', 'right');
    const [event, ...more] = audit.events.slice(before);
    assert.deepEqual(more, []);
    assert.ok(event?.type === 'authn');
    assert.equal(event.operation, 'login');
    assert.equal(event.role, 'acct:host:five');
    assert.equal(event.outcome, 'failure');
  });
});
