/** Access tokens as a client sees them: a JSON object that travels as base64. */
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';

export interface AccessToken {
  /** As it stands in the Authorization header. */
  readonly base64: string;
  readonly login: string;
  /** From its issue to its expiry, by the server's clock. */
  readonly lifetimeSeconds: number;
}

const envelopeForm = z.object({ protected: z.string(), payload: z.string(), signature: z.string() });
const payloadForm = z.object({ sub: z.string(), iat: z.number(), exp: z.number().optional() });

/** How long a token that does not say so is valid. */
const usualLifetimeSeconds = 8 * 60;

/**
 * Reads an access token, as JSON or as base64 of it. It is not verified: that is the server's business.
 * @returns undefined when the text is no access token
 */
export function readAccessToken(text: string): AccessToken | undefined {
  const trimmed = text.trim();
  const json = trimmed.startsWith('{') ? trimmed : Buffer.from(trimmed, 'base64').toString('utf8');
  const envelope = envelopeForm.safeParse(parseJson(json));
  const encoded = envelope.data?.payload ?? '';
  const payload = payloadForm.safeParse(parseJson(Buffer.from(encoded, 'base64').toString('utf8')));
  if (!payload.success) return undefined;
  const { sub, iat, exp } = payload.data;
  return {
    base64: Buffer.from(json).toString('base64'),
    login: sub,
    lifetimeSeconds: exp === undefined ? usualLifetimeSeconds : exp - iat,
  };
}

export function authorizationOf(token: Pick<AccessToken, 'base64'>): string {
  return `Token token="${token.base64}"`;
}

/** The parser's own error would quote the token. */
