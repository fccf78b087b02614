import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Makes a function that tells a request's client address. The peer is believed, unless it is a
 * trusted proxy; then `X-Forwarded-For` is read from the right and the first address that is not
 * trusted is the client, or the left-most where all are. Loopback is always trusted.
 * @param trustedProxies addresses and CIDRs
 */
export function clientAddressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trusted = new BlockList();
  for (const cidr of ['127.0.0.0/8', '::1', ...trustedProxies]) addTo(trusted, cidr);
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded === undefined || !isTrusted(trusted, peer)) return peer;
    const hops = String(forwarded).split(',').map(plainAddress).filter(isAddress);
    return hops.findLast((hop) => !isTrusted(trusted, hop)) ?? hops[0] ?? peer;
  };
}

function addTo(list: BlockList, cidr: string): void {
  const [address = '', prefix] = cidr.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

function isTrusted(list: BlockList, address: string): boolean {
  return isAddress(address) && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
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
