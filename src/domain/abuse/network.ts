import ipaddr from 'ipaddr.js';

/**
 * What tells clients apart by where they come from: an address of IPv4, also where it is mapped into
 * IPv6, or the network of 64 bits of an address of IPv6, which is one of the many that its owner may use.
 */
export function networkOf(clientIp: string): string {
  if (!ipaddr.isValid(clientIp)) return clientIp;
  const address = ipaddr.process(clientIp);
  return address.kind() === 'ipv4' ? address.toString() : address.toByteArray().slice(0, 8).join('.');
}
