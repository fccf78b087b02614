import { LatchkeyError } from '../domain/errors.ts';
import type { RequestContextOf } from './context.ts';

/**
 * Reads the raw body, whatever its type.
 * @throws LatchkeyError `BODY_TOO_LARGE`: more than `maxBytes`; the rest is not read and the connection ends
 * @throws LatchkeyError `BODY_INVALID`: the client went away in the middle
 */
export async function readBody(ctx: RequestContextOf, maxBytes: number): Promise<Buffer> {
  const { req } = ctx;
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(ctx);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new LatchkeyError('BODY_INVALID', { cause: error });
  }
  if (length > maxBytes) throw tooLarge(ctx);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(ctx: RequestContextOf): LatchkeyError {
  ctx.res.setHeader('Connection', 'close');
  return new LatchkeyError('BODY_TOO_LARGE');
}
