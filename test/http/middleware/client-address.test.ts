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
});
