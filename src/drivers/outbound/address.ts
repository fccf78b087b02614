import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { LatchkeyError } from '../../domain/errors.ts';
import { hostNames, type Resolve } from './host-names.ts';

/** What an operator may loosen. */
export interface AddressRules {
  /** Allows plain http to any host that may be called at all, not only to this machine. */
  readonly allowInsecureIssuers: boolean;
}

const maxCharacters = 2_048;
const maxShownCharacters = 256;
const printable = /^[\x21-\x7e]+$/;
/** With as many slashes, of either kind, as readers of URLs forgive. */
const userInfo = /^([a-z][a-z\d+.-]*:[\\/]*)?[^\\/]*@/i;

/** Addresses at which clouds serve the credentials of a machine, outside the link-local range. */
const metadataServices: readonly string[] = [
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
];

const refusedRanges: ReadonlyMap<string, string> = new Map([
  ['linkLocal', 'a link-local address'],
  ['unspecified', 'the unspecified address'],
  ['broadcast', 'the broadcast address'],
  ['multicast', 'a multicast address'],
]);

/**
 * Reads an address that this service is asked to call: https, or http on this machine; without
 * credentials; never a link-local, unspecified, multicast or cloud metadata address.
 * A host name is looked at again when it has been resolved ({@link guardedLookup}).
 *
 * @param subject names the address in the error's detail
 * @throws LatchkeyError `ISSUER_NOT_ALLOWED`
 */
export function readAddress(text: string, subject: string, rules: AddressRules): URL {
  const url =
    text.length <= maxCharacters && printable.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw notAllowed(`${subject} is not a URL`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw notAllowed(`${subject} is neither https nor http`);
  if (url.username !== '' || url.password !== '') throw notAllowed(`${subject} contains credentials`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const refusal = isIP(host) === 0 ? undefined : refusalOf(host);
  if (refusal !== undefined) throw notAllowed(`${subject} is ${refusal}`);
  if (url.protocol === 'http:' && !rules.allowInsecureIssuers && !namesThisMachine(host)) {
    throw notAllowed(`${subject} is plain http to another machine`);
  }
  return url;
}

/** An address as a message may show it: without credentials, query and fragment, of bounded length. */
export function shownAddress(text: string): string {
  return text
    .replace(/[?#].*$/s, '')
    .replace(userInfo, '$1')
    .slice(0, maxShownCharacters);
}

/**
 * A DNS lookup for connections, which refuses a name as soon as one of its addresses is refused,
 * and takes `localhost` for this machine only. As the connection goes to the very addresses that
 * were looked at, a name that resolves differently from one time to the next gains nothing.
 */
export function guardedLookup(resolve: Resolve = hostNames.resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      // The types do not say it: there are no addresses where there is an error.
      const refusal = error ?? refusalOfAll(hostname, addresses);
      if (refusal !== undefined) {
        callback(refusal, [], 0);
        return;
      }
      const [first] = addresses;
      if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

function refusalOfAll(hostname: string, addresses: readonly LookupAddress[]): LatchkeyError | undefined {
  for (const { address } of addresses) {
    const refusal = refusalOf(address);
    if (refusal !== undefined) return notAllowed(`The host name ${hostname} resolves to ${refusal}`);
    if (namesThisMachine(hostname) && !namesThisMachine(address)) {
      return notAllowed('The host name localhost resolves to another machine');
    }
  }
  return undefined;
}

/** Why an IP address is never called; undefined where it may be. */
export function refusalOf(address: string): string | undefined {
  const parsed = innermost(ipaddr.process(address));
  const range = refusedRanges.get(parsed.range());
  if (range !== undefined) return range;
  return metadataServices.includes(parsed.toString()) ? 'the address of a cloud metadata service' : undefined;
}

/** The IPv4 address that an IPv6 address of a transition mechanism stands for. */
function innermost(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === 'rfc6052' || range === 'rfc6145') return ipaddr.fromByteArray(bytes.slice(12));
  // RFC 4291 section 2.5.5.1; the unspecified address and loopback are written the same way.
  const compatible = address.kind() === 'ipv6' && bytes.slice(0, 12).every((byte) => byte === 0);
  if (compatible && range !== 'unspecified' && range !== 'loopback')
    return ipaddr.fromByteArray(bytes.slice(12));
  return range === '6to4' ? ipaddr.fromByteArray(bytes.slice(2, 6)) : address;
}

/** Whether a host name or IP address is one of this very machine. */
export function namesThisMachine(host: string): boolean {
  if (isIP(host) === 0) return host === 'localhost';
  return ipaddr.process(host).range() === 'loopback';
}

function notAllowed(detail: string): LatchkeyError {
  return new LatchkeyError('ISSUER_NOT_ALLOWED', { detail });
}
