/** A request to AWS that says who made it, signed and not sent: its headers prove a machine's role. */
import { createHash, createHmac } from 'node:crypto';

const host = 'sts.amazonaws.com';
const region = 'us-east-1';
const query = 'Action=GetCallerIdentity&Version=2011-06-15';
const algorithm = 'AWS4-HMAC-SHA256';

/**
 * The signed headers of a GetCallerIdentity request, by the credentials in the environment.
 * @returns undefined where the environment has none
 * @see AWS Signature Version 4
 */
export function signedCallerIdentity(
  env: Readonly<Record<string, string | undefined>>,
  now: Date,
): Readonly<Record<string, string>> | undefined {
  const keyId = env['AWS_ACCESS_KEY_ID'] ?? '';
  const secret = env['AWS_SECRET_ACCESS_KEY'] ?? '';
  const sessionToken = env['AWS_SESSION_TOKEN'] ?? '';
  if (keyId === '' || secret === '') return undefined;
  const date = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 'YYYYMMDD'.length);
  const headers = {
    host,
    'x-amz-content-sha256': sha256(''),
    'x-amz-date': date,
    ...(sessionToken === '' ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const signed = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ['GET', '/', query, lines.join(''), signed, sha256('')].join('\n');
  const scope = [day, region, 'sts', 'aws4_request'];
  const text = [algorithm, date, scope.join('/'), sha256(request)].join('\n');
  const key = scope.reduce<Buffer>((above, part) => hmac(above, part), Buffer.from(`AWS4${secret}`));
  const signature = hmac(key, text).toString('hex');
  const credential = `${keyId}/${scope.join('/')}`;
  const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`;
  return { ...headers, authorization };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
