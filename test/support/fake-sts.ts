/**
 * A stand-in for AWS Security Token Service: knows some credentials, verifies Signature Version 4
 * as AWS does, and answers whose they are. And the other side: signs a GetCallerIdentity request.
 */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The temporary credentials of one AWS identity. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly arn: string;
}

export interface FakeSts {
  readonly url: string;
  /** The `Host` headers of the requests so far. */
  readonly hosts: readonly string[];
  /** Answers every request in another way from now on; undefined: as AWS does. */
  answerWith(answer: ((response: ServerResponse) => void) | undefined): void;
  stop(): Promise<void>;
}

const query = 'Action=GetCallerIdentity&Version=2011-06-15';
const emptyHash = createHash('sha256').update('').digest('hex');

/** A session of a role of an AWS account. */
export function roleSession(account: string, role: string): AwsCredentials {
  return credentialsOf(`arn:aws:sts::${account}:assumed-role/${role}/i-08241b0e31fe23d20`);
}

export function credentialsOf(arn: string): AwsCredentials {
  const digest = createHash('sha256').update(arn).digest('hex');
  return {
    accessKeyId: `ASIA${digest.slice(0, 16).toUpperCase()}`,
    secretAccessKey: digest,
    sessionToken: `token/+${digest}==`,
    arn,
  };
}

export interface Signing {
  /** Where the request is meant to go: `sts.amazonaws.com`, or that of a region. */
  readonly host?: string;
  readonly region?: string;
  readonly at?: Date;
  /** Further headers that are signed. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** The headers that a client of authn-iam sends. */
export function signedHeaders(
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  {
    host = 'sts.amazonaws.com',
    region = 'us-east-1',
    at = new Date(),
    extra = {},
    method = 'GET',
  }: Signing = {},
): Record<string, string> {
  const date = at.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${region}/sts/aws4_request`;
  const headers = {
    host,
    'x-amz-content-sha256': emptyHash,
    'x-amz-date': date,
    'x-amz-security-token': sessionToken,
    ...extra,
  };
  const signature = signatureOf(secretAccessKey, scope, date, method, headers, Object.keys(headers).sort());
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${Object.keys(headers).sort().join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

function signatureOf(
  secret: string,
  scope: string,
  date: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  signed: readonly string[],
): string {
  const canonicalHeaders = signed.map((name) => `${name}:${headers[name]?.trim() ?? ''}\n`).join('');
  const request = [method, '/', query, canonicalHeaders, signed.join(';'), emptyHash].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(request).digest('hex')].join(
    '\n',
  );
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Starts it. Whoever starts it stops it. */
export async function startFakeSts(known: readonly AwsCredentials[]): Promise<FakeSts> {
  const hosts: string[] = [];
  let otherwise: ((response: ServerResponse) => void) | undefined;
  const server = createServer((request, response) => {
    hosts.push(request.headers.host ?? '');
    if (otherwise === undefined) answer(known, request, response);
    else otherwise(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hosts,
    answerWith: (other) => {
      otherwise = other;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answer(known: readonly AwsCredentials[], request: IncomingMessage, response: ServerResponse): void {
  const refuse = (Code: string): void => {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ Error: { Code, Message: 'words that quote the request', Type: 'Sender' } }),
    );
  };
  const headers = request.headers as Record<string, string>;
  const form = /Credential=([^/]+)\/(\S+?), SignedHeaders=(\S+?), Signature=(\S+)$/;
  const [, id = '', scope = '', signed = '', signature] = form.exec(headers['authorization'] ?? '') ?? [];
  const credentials = known.find(({ accessKeyId }) => accessKeyId === id);
  if (credentials === undefined) {
    refuse('InvalidClientTokenId');
    return;
  }
  const { host = '', 'x-amz-date': date = '' } = headers;
  const region = host === 'sts.amazonaws.com' ? 'us-east-1' : (host.split('.')[1] ?? '');
  const age = Date.now() - Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  const expected = signatureOf(credentials.secretAccessKey, scope, date, 'GET', headers, signed.split(';'));
  if (scope.split('/')[1] !== region || signature !== expected || request.url !== `/?${query}`) {
    refuse('SignatureDoesNotMatch');
  } else if (Math.abs(age) > 15 * 60 * 1_000) {
    refuse('SignatureDoesNotMatch');
  } else if (headers['x-amz-security-token'] !== credentials.sessionToken) {
    refuse('InvalidClientTokenId');
  } else {
    const { arn } = credentials;
    const GetCallerIdentityResult = { Account: arn.split(':')[4], Arn: arn, UserId: `${id}:session` };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult } }));
  }
}
