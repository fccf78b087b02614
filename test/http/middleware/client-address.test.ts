import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { clientAddressReader } from '../../../src/http/middleware/client-address.ts';

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('clientAddressReader', () => {
  const read = clientAddressReader(['10.0.0.0/8', '2001:db8::1']);

  it('believes a peer that is no proxy, whatever it forwards', () => {
    assert.equal(read(request('203.0.113.1', '198.51.100.1')), '203.0.113.1');
    assert.equal(read(request('192.168.0.1', '198.51.100.1')), '192.168.0.1');
  });

  it('takes the right-most address that is not trusted', () => {
    assert.equal(read(request('127.0.0.1', '1.1.1.1, 198.51.100.1, 10.1.1.1')), '198.51.100.1');
    assert.equal(read(request('::1', '198.51.100.1')), '198.51.100.1');
    assert.equal(read(request('2001:db8::1', '198.51.100.1')), '198.51.100.1');
  });

  it('takes the left-most where all are trusted', () => {
    assert.equal(read(request('127.0.0.1', '10.0.0.1, 10.0.0.2')), '10.0.0.1');
  });

  it('strips ports, brackets and the prefix of mapped addresses, and skips what is no address', () => {
    assert.equal(read(request('::ffff:203.0.113.1')), '203.0.113.1');
    assert.equal(read(request('127.0.0.1', '198.51.100.1:4711')), '198.51.100.1');
    assert.equal(read(request('127.0.0.1', '[2001:db8::7]:443')), '2001:db8::7');
    assert.equal(read(request('127.0.0.1', 'unknown, 198.51.100.1, ')), '198.51.100.1');
    assert.equal(read(request('127.0.0.1', 'unknown')), '127.0.0.1');
  });

  it('believes nothing that is left of an address that is not trusted, nor of what is no address', () => {
    assert.equal(read(request('127.0.0.1', '9.9.9.9, 198.51.100.1')), '198.51.100.1');
    assert.equal(read(request('127.0.0.1', '9.9.9.9, unknown, 10.1.1.1')), '10.1.1.1');
    assert.equal(read(request('127.0.0.1', '9.9.9.9, ::1::1')), '127.0.0.1');
    assert.equal(read(request('127.0.0.1', '9.9.9.9, 198.51.100.1;drop')), '127.0.0.1');
    assert.equal(read(request('127.0.0.1', `9.9.9.9, ${'1'.repeat(20_000)}`)), '127.0.0.1');
  });

  it('takes a mapped address for the one of IPv4, as client, as proxy and as peer', () => {
    assert.equal(read(request('::ffff:10.9.9.9', '198.51.100.1')), '198.51.100.1');
    assert.equal(read(request('127.0.0.1', '198.51.100.1, ::ffff:10.1.1.1')), '198.51.100.1');
    assert.equal(read(request('127.0.0.1', '::FFFF:198.51.100.1')), '198.51.100.1');
  });

  it('reads several headers as one list, and skips empty elements', () => {
    assert.equal(read(request('127.0.0.1', '9.9.9.9, 198.51.100.1, 10.1.1.1, , 10.2.2.2,')), '198.51.100.1');
    assert.equal(read(request('127.0.0.1', ',,,')), '127.0.0.1');
    assert.equal(read(request('127.0.0.1', '')), '127.0.0.1');
  });

  it('reads at most the last 32 elements', () => {
    const trusted = (count: number): string => Array.from({ length: count }, () => '10.1.1.1').join(',');
    assert.equal(read(request('127.0.0.1', `198.51.100.1,${trusted(31)}`)), '198.51.100.1');
    assert.equal(read(request('127.0.0.1', `198.51.100.1,${trusted(32)}`)), '10.1.1.1');
    assert.equal(read(request('127.0.0.1', `198.51.100.1${','.repeat(30_000)}`)), '127.0.0.1');
  });

  it('knows no other header', () => {
    const forwarded = { forwarded: 'for=198.51.100.1', 'x-real-ip': '198.51.100.1' };
    const sent = { socket: { remoteAddress: '127.0.0.1' }, headers: forwarded } as unknown as IncomingMessage;
    assert.equal(read(sent), '127.0.0.1');
  });
});
