/**
 * Encodes a part of a token so that it reads the same in base64 and base64url, with padding
 * and without: clients decode the payload with either. The JSON is filled up with blanks to
 * whole groups of three bytes.
 * @param json ASCII without `>`, `?` and `~`, whose encodings differ between the two alphabets
 */
export function encodePart(json: string): string {
  return Buffer.from(json.padEnd(Math.ceil(json.length / 3) * 3)).toString('base64url');
}
