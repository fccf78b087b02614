/** Random texts of given length and alphabet, from the system's generator. */
import { randomBytes } from 'node:crypto';

const lowerCase = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const base62 = lowerCase.toUpperCase() + lowerCase + digits;
const lowerAlnum = lowerCase + digits;
const hexadecimal = `${digits}abcdef`;
const byteValues = 256;

/** So many letters and digits, 5.95 random bits each. */
export function randomBase62(length: number): string {
  return randomText(base62, length);
}

/** So many lower-case letters and digits, 5.17 random bits each. */
export function randomLowerAlnum(length: number): string {
  return randomText(lowerAlnum, length);
}

/** So many hexadecimal digits in lower case, 4 random bits each. */
export function randomHex(length: number): string {
  return randomText(hexadecimal, length);
}

/** Each character is as likely as any other: bytes beyond the last multiple of the alphabet's size are thrown away. */
function randomText(alphabet: string, length: number): string {
  const usable = byteValues - (byteValues % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < usable) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}
