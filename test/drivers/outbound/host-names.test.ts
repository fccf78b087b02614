import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { HostNames, type Resolve } from '../../../src/drivers/outbound/host-names.ts';

/** A name server that knows `known.example`, denies what ends in `.missing`, and is silent about the rest. */
async function startNameServer(): Promise<{ readonly socket: Socket; readonly address: string }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12);
    const name = nameAt(query, 12);
    const type = query.readUInt16BE(end + 1);
    const missing = name.endsWith('.missing');
    if (!missing && name !== 'known.example') return;
    const question = query.subarray(12, end + 5);
    const found = !missing && type === 1;
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(missing ? 0x8183 : 0x8180, 2);
    for (const [at, count] of [1, found ? 1 : 0, 0, 0].entries()) head.writeUInt16BE(count, 4 + 2 * at);
    // The name of the question, an address of the internet, a minute, four bytes (RFC 1035 section 4.1.3).
    const record = found ? Buffer.from('c00c000100010000003c0004c6336407', 'hex') : Buffer.alloc(0);
    socket.send(Buffer.concat([head, question, record]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, address: `127.0.0.1:${socket.address().port}` };
}

function nameAt(message: Buffer, at: number): string {
  const length = message[at] ?? 0;
  if (length === 0) return '';
  const label = message.toString('latin1', at + 1, at + 1 + length);
  const rest = nameAt(message, at + 1 + length);
  return rest === '' ? label : `${label}.${rest}`;
}

describe('host names', () => {
  type Answer = Parameters<Parameters<Resolve>[2]>;
  let server: Awaited<ReturnType<typeof startNameServer>>;
  /** What the system was asked and has not answered. */
  let asked: { readonly hostname: string; readonly answer: (...answer: Answer) => void }[] = [];

  const system: Resolve = (hostname, _options, answer) => {
    asked.push({ hostname, answer });
  };
  before(async () => {
    server = await startNameServer();
  });
  after(() => {
    server.socket.close();
  });
  beforeEach(() => {
    asked = [];
  });

  const names = (lateAfterMs: number): HostNames =>
    new HostNames({ system, servers: [server.address], lateAfterMs });
  const never = 60 * 60 * 1_000;

  const addressesOf = (of: HostNames, hostname: string, family = 0): Promise<string[]> =>
    new Promise((resolve, reject) => {
      of.resolve(hostname, { family, all: true }, (error, found: LookupAddress[]) => {
        if (error === null) resolve(found.map(({ address }) => address));
        else reject(error);
      });
    });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const answerNext = (...answer: Answer): string => {
    const next = asked.shift() ?? assert.fail('the system was asked nothing');
    next.answer(...answer);
    return next.hostname;
  };

  it('are those that the system knows, which is asked one after the other and nothing twice', async () => {
    const of = names(never);
    const both = [addressesOf(of, 'a.example'), addressesOf(of, 'A.example'), addressesOf(of, 'b.example')];
    await turn();
    assert.equal(asked.length, 1);
    assert.equal(answerNext(null, [{ address: '192.0.2.1', family: 4 }]), 'a.example');
    assert.deepEqual(await Promise.all(both.slice(0, 2)), [['192.0.2.1'], ['192.0.2.1']]);
    await turn();
    assert.equal(answerNext(null, [{ address: '192.0.2.2', family: 4 }]), 'b.example');
    assert.deepEqual(await both[2], ['192.0.2.2']);
  });

  it('fail as the system says, and are asked for anew', async () => {
    const of = names(never);
    const failed = addressesOf(of, 'a.example');
    await turn();
    answerNext(Object.assign(new Error('not there'), { code: 'ENOTFOUND' }), []);
    await assert.rejects(failed, { code: 'ENOTFOUND' });
    const found = addressesOf(of, 'a.example');
    await turn();
    answerNext(null, [{ address: '192.0.2.3', family: 4 }]);
    assert.deepEqual(await found, ['192.0.2.3']);
  });

  it('come from name servers while the system hangs on another, which it is asked no second time', async () => {
    const of = names(5);
    const hanging = addressesOf(of, 'silent.example').catch(() => []);
    assert.deepEqual(await addressesOf(of, 'known.example'), ['198.51.100.7']);
    assert.deepEqual(await addressesOf(of, 'known.example', 4), ['198.51.100.7']);
    assert.deepEqual(await addressesOf(of, 'localhost'), ['127.0.0.1', '::1']);
    void addressesOf(of, 'silent.example').catch(() => undefined);
    await turn();
    assert.deepEqual(
      asked.map(({ hostname }) => hostname),
      ['silent.example'],
    );
    answerNext(Object.assign(new Error('timed out'), { code: 'EAI_AGAIN' }), []);
    assert.deepEqual(await hanging, []);
  });

  it('are for the system to deny', async () => {
    const of = names(0);
    const held = addressesOf(of, 'only-here.missing');
    await turn();
    await new Promise((resolve) => server.socket.once('message', resolve));
    answerNext(null, [{ address: '192.0.2.4', family: 4 }]);
    assert.deepEqual(await held, ['192.0.2.4']);
  });
});
