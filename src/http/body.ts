import { LatchkeyError } from '../domain/errors.ts';
import type { RequestContextOf } from './context.ts';

/** So many times the limit is read and thrown away, so that a client that is still sending gets the answer. */
const maxDiscarded = 4;

/**
 * Reads the raw body, whatever its type. A client that asked whether it may send (`Expect:
 * 100-continue`, RFC 9110 section 10.1.1) is told so only here, after who it is and how much it
 * announces have been looked at.
 * @throws LatchkeyError `BODY_TOO_LARGE`: more than `maxBytes`
 * @throws LatchkeyError `BODY_INVALID`: the client went away in the middle
 */
export async function readBody(ctx: RequestContextOf, maxBytes: number): Promise<Buffer> {
  const { req, res } = ctx;
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > maxBytes) {
    // What is not read here Node reads and drops after the answer, unless the connection ends with it.
    if (announced > maxDiscarded * maxBytes) res.setHeader('Connection', 'close');
    throw new LatchkeyError('BODY_TOO_LARGE');
  }
  if (req.headers.expect !== undefined) res.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      req.off('data', take);
      req.resume();
      reject(new LatchkeyError('BODY_TOO_LARGE'));
    };
    req.on('data', take);
    req.once('end', () => {
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    req.once('error', (error) => {
      reject(new LatchkeyError('BODY_INVALID', { cause: error }));
    });
    req.once('close', () => {
      if (!req.complete) reject(new LatchkeyError('BODY_INVALID'));
    });
  });
}
