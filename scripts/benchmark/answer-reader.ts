const headEnd = Buffer.from('\r\n\r\n');
const lengthField = Buffer.from('Content-Length: ');
const statusOffset = 'HTTP/1.1 '.length;
const successDigit = '2'.charCodeAt(0);
const maxHeadBytes = 64 * 1024;

/**
 * Counts the HTTP/1.1 answers in the bytes of one connection. It reads no more than it must:
 * the status and the length of the body, which every answer has to state.
 */
export class AnswerReader {
  /** Answers that were read to their end. */
  answers = 0;
  /** Those among them whose status was not 2xx. */
  failures = 0;
  /** Those among the failures that were 503. */
  refusals = 0;
  #bodyLeft = 0;
  #partialHead: Buffer | undefined;

  /** @throws Error the bytes are not such an answer */
  push(received: Buffer): void {
    let chunk = received;
    if (this.#partialHead !== undefined) {
      chunk = Buffer.concat([this.#partialHead, received]);
      this.#partialHead = undefined;
    }
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft === 0) {
        const end = chunk.indexOf(headEnd, at);
        if (end === -1) {
          this.#keep(chunk.subarray(at));
          return;
        }
        this.#bodyLeft = bodyLength(chunk, at, end);
        if (chunk[at + statusOffset] !== successDigit) {
          this.failures += 1;
          if (chunk.toString('latin1', at + statusOffset, at + statusOffset + 3) === '503')
            this.refusals += 1;
        }
        at = end + headEnd.length;
      }
      const taken = Math.min(this.#bodyLeft, chunk.length - at);
      this.#bodyLeft -= taken;
      at += taken;
      if (this.#bodyLeft === 0) this.answers += 1;
    }
  }

  /** The buffer that bytes are received into is used again, so what is kept is copied. */
  #keep(head: Buffer): void {
    if (head.length > maxHeadBytes) throw new Error('the head of an answer does not end');
    this.#partialHead = Buffer.from(head);
  }
}

function bodyLength(chunk: Buffer, start: number, end: number): number {
  const field = chunk.indexOf(lengthField, start);
  if (field === -1 || field > end) {
    const head = chunk.toString('latin1', start, end);
    const length = /^content-length: *(\d+)$/im.exec(head)?.[1];
    if (length !== undefined) return Number(length);
    if (/^HTTP\/1\.1 204 /.test(head)) return 0;
    throw new Error(`an answer without a length: ${head.slice(0, 40)}`);
  }
  let length = 0;
  for (let at = field + lengthField.length; at < end; at += 1) {
    const digit = (chunk[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  return length;
}
