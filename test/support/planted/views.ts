/** A text as it is, and what its parts are once decoded. */

const base64Run = /[A-Za-z0-9+/_-]{16,}/g;
const capital = /[A-Z]/;
const hexRun = /(?:[0-9a-f]{24,}|[0-9A-F]{24,})/g;

/** Each view with the form that was decoded. Text is held in Latin-1, a character a byte. */
export function* viewsOf(bytes: Buffer): Generator<readonly [form: string, view: Buffer]> {
  yield ['as it is', bytes];
  const text = bytes.toString('latin1');
  yield ['base64', decodedRuns(text, base64Run, 4, 'base64')];
  yield ['hexadecimal', decodedRuns(text, hexRun, 2, 'hex')];
  if (text.includes('%')) {
    yield ['percent-encoded', Buffer.from(percentDecoded(text), 'latin1')];
    yield ['a form', Buffer.from(percentDecoded(text.replaceAll('+', ' ')), 'latin1')];
  }
  if (text.includes('\\')) {
    const once = unescaped(text);
    yield ['JSON', Buffer.from(once, 'latin1')];
    if (once.includes('\\')) yield ['JSON in JSON', Buffer.from(unescaped(once), 'latin1')];
  }
}

/** Every run decoded from each offset at which its first group may begin. */
function decodedRuns(text: string, form: RegExp, groupLength: number, encoding: BufferEncoding): Buffer {
  const parts: Buffer[] = [];
  for (const [run] of text.matchAll(form)) {
    // Base64 of so many bytes has capitals, which most ids have not.
    if (encoding === 'base64' && !capital.test(run)) continue;
    for (let offset = 0; offset < groupLength; offset += 1) {
      parts.push(Buffer.from(run.slice(offset), encoding), separator);
    }
  }
  return Buffer.concat(parts);
}

const separator = Buffer.alloc(1);

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, digits?: string, character = '') => {
    if (digits === undefined) return escapes[character as string] ?? String(character);
    return Buffer.from(String.fromCharCode(parseInt(digits, 16))).toString('latin1');
  });
}

function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 16)),
  );
}
