import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Of hops: proxies add one each, and nobody has more of them. Those further left are not looked at. */
const maxHops = 32;
/** The longest text that may be an address: IPv6 with an embedded IPv4 address, in brackets, with a port. */
const maxAddressLength = 53;

/**
 * Makes a function that tells a request's client address. The peer is believed, unless it is a
 * trusted proxy; then `X-Forwarded-For` is read from the right and the first address that is not
 * trusted is the client, or the left-most where all are. Loopback is always trusted.
 *
 * Every trusted proxy adds the address of whom it got the request from, so what is right of the
 * first address that is not trusted was written by proxies, and nothing left of it counts. Where a proxy
 * wrote no address there (`unknown`, RFC 7239 section 6.2, or garbage), that proxy stands for its client.
 * At most the last 32 addresses are read. `Forwarded` is not.
 *
 * @param trustedProxies addresses and CIDRs
 */
export function clientAddressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = trustedAddresses(trustedProxies);
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded === undefined || !isTrusted(peer)) return peer;
    return clientOf(String(forwarded), peer, isTrusted);
  };
}

/** Walks from the right: from one hop to the next only where it was a trusted proxy that named it. */
function clientOf(forwarded: string, peer: string, isTrusted: (address: string) => boolean): string {
  let client = peer;
  let end = forwarded.length;
  for (let hops = 0; hops < maxHops && end >= 0; hops += 1) {
    const comma = end === 0 ? -1 : forwarded.lastIndexOf(',', end - 1);
    const text = forwarded.slice(comma + 1, end);
    end = comma;
    const hop = text.length > maxAddressLength * 2 ? '' : plainAddress(text);
    // Lists may have empty elements (RFC 9110 section 5.6.1.2).
    if (hop === '' && text.trim() === '') continue;
    if (!isAddress(hop)) return client;
    client = hop;
    if (!isTrusted(hop)) return hop;
  }
  return client;
}

/** Makes a function that tells whether a request comes from a trusted proxy: one of these, or loopback. */
export function trustedPeers(trustedProxies: readonly string[]): (request: IncomingMessage) => boolean {
  const isTrusted = trustedAddresses(trustedProxies);
  return (request) => isTrusted(request.socket.remoteAddress ?? '');
}

/** Makes a function that tells whether an address is that of a trusted proxy, or loopback. */
export function trustedAddresses(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const cidr of ['127.0.0.0/8', '::1', ...trustedProxies]) addTo(trusted, cidr);
  return (address) => {
    const plain = plainAddress(address);
    return isAddress(plain) && trusted.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}

function addTo(list: BlockList, cidr: string): void {
  const [address = '', prefix] = cidr.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

function isAddress(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

/** An address without port, brackets, or the prefix of an IPv4 address mapped into IPv6. */
function plainAddress(text: string): string {
  const trimmed = text.trim();
  const unbracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed;
  const unported = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(unbracketed)?.[1] ?? unbracketed;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unported)?.[1];
  return mapped ?? unported;
}
