/**
 * The floor of the OpenID Provider: bare Koa that reads the request and answers what the service
 * answered, with one member of it signed anew by jose where that is a token. No store, no client, no
 * grant, no PKCE. It is told over IPC what to answer, and answers there with its port.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, type JWTPayload } from 'jose';
import Koa from 'koa';
import type { Algorithm } from './issuer.ts';

export interface ProviderAnswer {
  /** A text is answered as it is. */
  readonly body: string | Readonly<Record<string, unknown>>;
  readonly signed?: {
    readonly member: string;
    readonly algorithm: Algorithm;
    readonly header: Readonly<Record<string, unknown>>;
    readonly claims: JWTPayload;
  };
}

async function serve({ body, signed }: ProviderAnswer): Promise<number> {
  const key = signed && privateKey(signed.algorithm);
  const app = new Koa();
  app.use(async (ctx) => {
    if (ctx.method === 'POST') await read(ctx.req);
    if (signed === undefined || key === undefined || typeof body === 'string') {
      ctx.body = body;
      return;
    }
    const { member, algorithm, header, claims } = signed;
    const token = await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: algorithm })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key);
    ctx.body = { ...body, [member]: token };
  });
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

function privateKey(algorithm: Algorithm): KeyObject {
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

process.once('message', (answer: ProviderAnswer) => {
  serve(answer).then(
    (port) => process.send?.({ port }),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
process.once('disconnect', () => {
  process.exit();
});
