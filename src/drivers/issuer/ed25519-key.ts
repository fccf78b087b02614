/**
 * The points whose order divides 8, as they are encoded (RFC 8032 section 5.1.2), without the
 * sign bit. The last two are the same points as the third and the first, in a form that is not
 * canonical and that OpenSSL takes as well.
 */
const smallOrderPoints: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/**
 * Why an Ed25519 public key is not safe to verify with; undefined where it is. Under a point of
 * small order everybody can sign, and OpenSSL, at least up to 3.0, verifies that.
 */
export function faultOfEd25519Key(point: Uint8Array): string | undefined {
  const unsigned = Buffer.from(point);
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  return smallOrderPoints.has(unsigned.toString('hex')) ? 'is an Ed25519 point of small order' : undefined;
}
