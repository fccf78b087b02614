import { LatchkeyError } from '../../errors.ts';

/**
 * The ID token as it was presented: a JWS in compact form as it is, or encoded in base64 (either
 * alphabet) once more. A compact form has dots, which no base64 has, so the two cannot be confused.
 *
 * Outer white space is dropped; everything else is judged by the verifier.
 *
 * @throws LatchkeyError `REQUEST_FIELD_MISSING`: nothing was presented
 * @throws LatchkeyError `ID_TOKEN_MALFORMED`: neither a compact form nor base64 of one
 */
export function compactFormOf(presented: string | undefined): string {
  const text = presented?.trim() ?? '';
  if (text === '') {
    throw new LatchkeyError('REQUEST_FIELD_MISSING', {
      detail: "Field 'id_token' is missing or empty in request body",
    });
  }
  if (text.includes('.')) return text;
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw new LatchkeyError('ID_TOKEN_MALFORMED');
  const decoded = Buffer.from(text, 'base64').toString('latin1').trim();
  if (!/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(decoded))
    throw new LatchkeyError('ID_TOKEN_MALFORMED');
  return decoded;
}
