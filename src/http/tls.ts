/** What the HTTPS server offers, whatever its certificate is. */
import { constants, randomBytes } from 'node:crypto';
import { Server as HttpsServer, type ServerOptions } from 'node:https';
import type { Server } from 'node:http';
import type { SecureContextOptions } from 'node:tls';

/** PEM texts. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/** Forward secret and authenticated, all of them; the names of TLS 1.3, then those of TLS 1.2 (RFC 9325 section 4.2). */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

const maxHandshakeMs = 10 * 1_000;
const ticketKeyBytes = 48;
/** A session can be resumed for as long, and its past be read by who finds the key. */
const ticketKeysLifetimeMs = 12 * 60 * 60 * 1_000;

/** TLS 1.2 or later, with {@link ciphers}, without renegotiation. */
function contextOf({ cert, key }: TlsPair): SecureContextOptions {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ciphers,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/** @param headersTimeoutMs how long the head of a request may take; no handshake takes longer, nor 10 seconds */
export function tlsServerOptions(pair: TlsPair, headersTimeoutMs: number): ServerOptions {
  return { ...contextOf(pair), handshakeTimeout: Math.min(maxHandshakeMs, headersTimeoutMs) };
}

/** Shows another certificate to connections from now on; those that are open go on. */
export function useCertificate(server: Server, pair: TlsPair): void {
  if (server instanceof HttpsServer) server.setSecureContext(contextOf(pair));
}

/** Renews the keys of session tickets every 12 hours until the server is closed. */
export function renewTicketKeys(server: Server): void {
  if (!(server instanceof HttpsServer)) return;
  const timer = setInterval(() => {
    server.setTicketKeys(randomBytes(ticketKeyBytes));
  }, ticketKeysLifetimeMs).unref();
  server.once('close', () => {
    clearInterval(timer);
  });
}
