/**
 * What directories answer, read strictly: a directory is somebody else's machine, and what it sends must not
 * cost more than it is worth. Of the messages of RFC 4511 section 4 only what signing in takes is looked at.
 */
import { LatchkeyError } from '../../domain/errors.ts';

/** The answers that end a request, by the tags of their protocol operations. */
export const finalResponse = { bind: 0x61, search: 0x65, extended: 0x78 } as const;
export type FinalResponse = (typeof finalResponse)[keyof typeof finalResponse];

export type Response =
  | {
      readonly id: number;
      readonly kind: 'final';
      readonly operation: FinalResponse;
      readonly resultCode: number;
    }
  /** An entry that a search found; of what is in it nothing was asked for but its name. */
  | { readonly id: number; readonly kind: 'entry'; readonly dn: string }
  /** Where else to search, and news of what goes on: neither is followed. */
  | { readonly id: number; readonly kind: 'aside' };

const maxMessageBytes = 64 * 1_024;
/** Of all that one connection brings; entries come without attributes. */
const maxTotalBytes = 256 * 1_024;

const tags = { integer: 0x02, octetString: 0x04, enumerated: 0x0a, sequence: 0x30 } as const;
const entryOperation = 0x64;
const asideOperations: readonly number[] = [0x73, 0x79];

/** Takes the bytes of one connection apart. */
export class ResponseReader {
  #pending = Buffer.alloc(0);
  #totalBytes = 0;

  /** Whether a message has begun that is not whole yet. */
  get midway(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * The messages that these bytes complete.
   * @throws LatchkeyError `DIRECTORY_UNREACHABLE`: not messages of LDAP, or too many bytes
   */
  read(bytes: Buffer): readonly Response[] {
    this.#totalBytes += bytes.length;
    if (this.#totalBytes > maxTotalBytes) throw tooLarge();
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const found: Response[] = [];
    for (;;) {
      const message = elementAt(this.#pending, 0);
      if (message === undefined) return found;
      if (message.tag !== tags.sequence) throw malformed();
      if (message.end > maxMessageBytes) throw tooLarge();
      if (message.end > this.#pending.length) return found;
      found.push(readMessage(this.#pending.subarray(message.start, message.end)));
      this.#pending = this.#pending.subarray(message.end);
    }
  }
}

/** One element of BER: where its content is. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The element that begins here. RFC 4511 section 5.1: lengths are definite.
 * @returns undefined where the bytes end within its tag or length
 */
function elementAt(bytes: Buffer, at: number): Element | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first - 0x80;
  if (count < 1 || count > 4) throw malformed();
  const start = at + 2 + count;
  return start > bytes.length ? undefined : { tag, start, end: start + bytes.readUIntBE(at + 2, count) };
}

/** The element that begins here, which must be of this kind and lie within the bytes. */
function contentAt(
  bytes: Buffer,
  at: number,
  tag?: number,
): { readonly tag: number; readonly content: Buffer; readonly end: number } {
  const element = elementAt(bytes, at);
  if (element === undefined || element.end > bytes.length || (tag !== undefined && element.tag !== tag))
    throw malformed();
  return { tag: element.tag, content: bytes.subarray(element.start, element.end), end: element.end };
}

/** RFC 4511 section 4.1.1. Controls, which may follow, were not asked for. */
function readMessage(bytes: Buffer): Response {
  const messageId = contentAt(bytes, 0, tags.integer);
  const id = readNumber(messageId.content);
  const { tag: operation, content } = contentAt(bytes, messageId.end);
  if (isFinal(operation)) {
    const resultCode = readNumber(contentAt(content, 0, tags.enumerated).content);
    return { id, kind: 'final', operation, resultCode };
  }
  if (operation === entryOperation)
    return { id, kind: 'entry', dn: contentAt(content, 0, tags.octetString).content.toString() };
  if (asideOperations.includes(operation)) return { id, kind: 'aside' };
  throw malformed();
}

function isFinal(operation: number): operation is FinalResponse {
  return (Object.values(finalResponse) as readonly number[]).includes(operation);
}

function readNumber(content: Buffer): number {
  if (content.length < 1 || content.length > 4) throw malformed();
  const value = content.readIntBE(0, content.length);
  if (value < 0) throw malformed();
  return value;
}

function malformed(): LatchkeyError {
  return new LatchkeyError('DIRECTORY_UNREACHABLE', {
    detail: 'The directory answered with what is not LDAP',
  });
}

function tooLarge(): LatchkeyError {
  return new LatchkeyError('DIRECTORY_UNREACHABLE', { detail: 'The directory answered with too much' });
}
