const minModulusBits = 2_048;
const maxModulusBits = 8_192;
const minExponent = 65_537n;
const maxExponentBits = 64;

/** The primes up to 167. */
const primes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/**
 * Why an RSA public key is not safe to verify with; undefined where it is.
 *
 * Refused: a modulus below 2048 bits (RFC 7518 section 3.3), above 8192 bits (the work that one
 * signature makes), or even; an exponent that is even, below 65537 or above 64 bits; the keys of
 * CVE-2017-15361 (ROCA), whose private half can be computed.
 */
export function faultOfRsaKey(modulus: Uint8Array, exponent: Uint8Array): string | undefined {
  const n = toBigInt(modulus);
  const e = toBigInt(exponent);
  const bits = n.toString(2).length;
  if (bits < minModulusBits) return `has an RSA modulus of fewer than ${minModulusBits} bits`;
  if (bits > maxModulusBits) return `has an RSA modulus of more than ${maxModulusBits} bits`;
  if (n % 2n === 0n) return 'has an even RSA modulus';
  if (e < minExponent || e % 2n === 0n || e.toString(2).length > maxExponentBits) {
    return 'has an RSA exponent that is not safe';
  }
  return hasRocaFingerprint(n) ? 'has the fingerprint of a ROCA key' : undefined;
}

/**
 * ROCA's primes are powers of 65537 modulo a product of small primes, so its moduli are as well.
 * A sound modulus is a power of 65537 modulo every one of these primes with a chance below 2^-27.
 */
function hasRocaFingerprint(modulus: bigint): boolean {
  return primes.every((prime) => powers(prime).has(Number(modulus % BigInt(prime))));
}

/** The powers of 65537 modulo a prime. */
function powers(prime: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let power = 1; !found.has(power); power = (power * (65_537 % prime)) % prime) found.add(power);
  return found;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
}
