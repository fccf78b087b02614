/** Random texts of given length and alphabet, from the system's generator. */
import { randomFillSync } from 'node:crypto';

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

/** Drawn for many texts at a time, which costs little more than for one. Each byte is given out once. */
const pool = new Uint8Array(4_096);
let poolUsed = pool.length;

function randomByte(): number {
  if (poolUsed === pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  const byte = pool[poolUsed] ?? 0;
  pool[poolUsed] = 0;
  poolUsed += 1;
  return byte;
}

/** Each character is as likely as any other: bytes beyond the last multiple of the alphabet's size are thrown away. */
function randomText(alphabet: string, length: number): string {
  const usable = byteValues - (byteValues % alphabet.length);
  let text = '';
  while (text.length < length) {
    const byte = randomByte();
    if (byte < usable) text += alphabet.charAt(byte % alphabet.length);
  }
  return text;
}
