/**
 * Address ranges in CIDR notation: what `restricted_to` takes, and whether a caller's address
 * lies in one of them.
 */
import ipaddr from 'ipaddr.js';
import { LatchkeyError } from './errors.ts';

type Address = ReturnType<typeof ipaddr.process>;

/**
 * Reads an address or range and returns it with its prefix length: `10.0.0.1` becomes
 * `10.0.0.1/32`, `2001:db8::/32` stays. The text must already be in canonical form, so that
 * what is stored is what was reviewed: no bits to the right of the mask, no netmasks, no long or
 * upper-case IPv6, no IPv4-mapped IPv6, no zone.
 * @throws LatchkeyError `PARAMETER_INVALID`: not an address or range, or not in canonical form;
 *   the detail then shows the form that was probably meant
 * @see Conjur: attribute `restricted_to`
 */
export function canonicalCidr(text: string): string {
  const range = readRange(text);
  if (range === undefined) {
    throw new LatchkeyError('PARAMETER_INVALID', {
      detail: `Invalid IP address or CIDR range '${text.slice(0, 80)}'`,
    });
  }
  const { network, prefix, single } = range;
  const canonical = `${network}/${prefix}`;
  if (text === canonical || (single && text === network)) return canonical;
  throw new LatchkeyError('PARAMETER_INVALID', {
    detail:
      `Invalid IP address or CIDR range '${text.slice(0, 80)}': Value has bits set to right of mask. ` +
      `Did you mean '${single ? network : canonical}'?`,
  });
}

interface Range {
  readonly network: string;
  readonly prefix: number;
  /** Only one address lies in it. */
  readonly single: boolean;
}

function readRange(text: string): Range | undefined {
  const [addressText = '', mask, ...rest] = text.split('/');
  if (rest.length > 0 || addressText.includes('%')) return undefined;
  const parsed = readAddress(addressText);
  if (parsed === undefined) return undefined;
  const mapped = parsed.kind() === 'ipv6' && (parsed as ipaddr.IPv6).isIPv4MappedAddress();
  const address = mapped ? (parsed as ipaddr.IPv6).toIPv4Address() : parsed;
  const width = address.kind() === 'ipv4' ? 32 : 128;
  const written = mask === undefined ? width : prefixOf(mask, address);
  if (written === undefined) return undefined;
  const prefix = mapped && mask !== undefined ? written - 96 : written;
  if (prefix < 0 || prefix > width) return undefined;
  return { network: textOf(networkOf(address, prefix)), prefix, single: prefix === width };
}

function readAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(':') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

/** A prefix length, or the length of a netmask. */
function prefixOf(mask: string, address: Address): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  const netmask = readAddress(mask);
  if (netmask === undefined || netmask.kind() !== address.kind()) return undefined;
  return netmask.prefixLengthFromSubnetMask() ?? undefined;
}

function networkOf(address: Address, prefix: number): Address {
  const bytes = address.toByteArray().map((byte, index) => {
    const bits = Math.min(Math.max(prefix - index * 8, 0), 8);
    return byte & (0xff << (8 - bits));
  });
  return ipaddr.fromByteArray(bytes);
}

function textOf(address: Address): string {
  return address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String();
}

/**
 * Whether a caller at this address may act: no ranges mean no restriction, else one of them must
 * contain it. An IPv4-mapped IPv6 address (`::ffff:10.0.0.1`) is the IPv4 address; with ranges, what
 * is not an address is refused.
 * @param restrictedTo as {@link canonicalCidr} returns them
 */
export function originAllowed(restrictedTo: readonly string[], address: string): boolean {
  if (restrictedTo.length === 0) return true;
  const parsed = callerAddress(address);
  return parsed !== undefined && restrictedTo.some((range) => containsAddress(range, parsed));
}

function callerAddress(text: string): Address | undefined {
  const parsed = readAddress(text);
  return parsed === undefined ? undefined : ipaddr.process(parsed.toString());
}

function containsAddress(range: string, address: Address): boolean {
  const slash = range.indexOf('/');
  const network = slash === -1 ? undefined : readAddress(range.slice(0, slash));
  if (network === undefined || network.kind() !== address.kind()) return false;
  return address.match(network, Number(range.slice(slash + 1)));
}
