const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const form = /^[A-Za-z0-9_-]+$/;

/** The characters that may end a text whose last group has 2 or 3 characters: their unused bits are zero. */
const lastOfTwo = endings(4);
const lastOfThree = endings(2);

function endings(unusedBits: number): string {
  return Array.from(alphabet)
    .filter((_, index) => index % 2 ** unusedBits === 0)
    .join('');
}

/** Whether the text is what an encoder of base64url without padding writes for some bytes, at least one. */
export function isBase64url(text: string): boolean {
  return form.test(text) && endsCanonically(text);
}

/**
 * Whether the length and the last character are possible. The alphabet is not looked at.
 * A decoder drops the unused bits of the last character, so that several texts stand for the
 * same bytes; only the one with zeros there is accepted.
 */
export function endsCanonically(text: string): boolean {
  const last = text.charAt(text.length - 1);
  switch (text.length % 4) {
    case 0:
      return true;
    case 2:
      return lastOfTwo.includes(last);
    case 3:
      return lastOfThree.includes(last);
    default:
      return false;
  }
}
