/** Access tokens that are not to be taken, made of one that is. */
import { createHmac } from 'node:crypto';

interface Parts {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** With one bit of the signature changed. */
export function withOtherSignature(token: string): string {
  const parts = JSON.parse(token) as Parts;
  const bytes = Buffer.from(parts.signature, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return JSON.stringify({ ...parts, signature: bytes.toString('base64url') });
}

/** Signed by a key of one's own, under a `kid` that nobody has. */
export function withOtherKey(token: string): string {
  const parts = JSON.parse(token) as Parts;
  const header = encoded({ alg: 'HS256', kid: `${kidOf(parts).split('.')[0] ?? ''}.AAAAAAAAAAAAAAAAAAAAAA` });
  const signature = createHmac('sha256', Buffer.alloc(32, 1))
    .update(`${header}.${parts.payload}`)
    .digest('base64url');
  return JSON.stringify({ protected: header, payload: parts.payload, signature });
}

/** Unsigned, and says so (RFC 8725 section 3.1). */
export function withoutSignature(token: string): string {
  const parts = JSON.parse(token) as Parts;
  return JSON.stringify({
    protected: encoded({ alg: 'none', kid: kidOf(parts) }),
    payload: parts.payload,
    signature: '',
  });
}

function kidOf(parts: Parts): string {
  const header = JSON.parse(Buffer.from(parts.protected, 'base64url').toString()) as { readonly kid: string };
  return header.kid;
}
