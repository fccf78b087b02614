import { Agent, request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import { parseJson } from '../../parse-json.ts';
import type { CallerIdentities, CallerIdentity, SignedCall } from '../../ports/caller-identity.ts';
import { guardedLookup, readAddress } from '../outbound/address.ts';
import { Calls, type CallLimits } from '../outbound/calls.ts';

/** How AWS is called. */
export interface StsOptions extends CallLimits {
  /** Where every call goes instead of to AWS's public endpoints, which it names as its host all the same. */
  readonly endpoint?: string;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
}

const defaults: StsOptions = {
  connectTimeoutMs: 3_000,
  totalTimeoutMs: 5_000,
  maxResponseBytes: 64 * 1_024,
  maxConcurrentFetches: 32,
};

const query = '/?Action=GetCallerIdentity&Version=2011-06-15';
const globalHost = 'sts.amazonaws.com';
/** The region that the global endpoint is in: what was signed for the one may have been sent to the other. */
const globalRegion = 'us-east-1';

const identityForm = z.object({
  GetCallerIdentityResponse: z.object({
    GetCallerIdentityResult: z.object({
      Account: z.string().regex(/^\d{12}$/),
      Arn: z.string().max(2_048),
    }),
  }),
});
const refusalForm = z.object({ Error: z.object({ Code: z.string().regex(/^[A-Za-z]{1,60}$/) }) });

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Opens the way to AWS Security Token Service: the public endpoints of its regions over https, and
 * nothing else unless an endpoint is given. Redirects are not followed.
 * @throws LatchkeyError `SETTING_INVALID`: an endpoint that may not be called
 */
export function openCallerIdentities(given: Partial<StsOptions> = {}): CallerIdentities {
  const options = { ...defaults, ...given };
  const endpoint = options.endpoint === undefined ? undefined : readEndpoint(options.endpoint);
  const calls = new Calls(options);
  const ask = async (host: string, headers: SignedCall['headers']): Promise<Reply> =>
    calls.run(async (signal) => {
      const agent = new Agent({
        connections: 1,
        pipelining: 1,
        // Said, so that no variable of the environment says otherwise.
        connect: { lookup: guardedLookup(), timeout: options.connectTimeoutMs, rejectUnauthorized: true },
      });
      try {
        const url = new URL(query, endpoint ?? `https://${host}`);
        return await reply(agent, url, { ...headers, host }, options.maxResponseBytes, signal);
      } finally {
        await agent.destroy();
      }
    });
  return {
    identify: async ({ region, headers }) => {
      try {
        const answer = await ask(region === undefined ? globalHost : `sts.${region}.amazonaws.com`, headers);
        if (answer.status === 200 || region !== globalRegion) return identityIn(answer);
        const second = await ask(globalHost, headers);
        return identityIn(second.status === 200 ? second : answer);
      } catch (error) {
        throw asFailure(error);
      }
    },
    close: () => calls.close(),
  };
}

function readEndpoint(text: string): URL {
  try {
    return readAddress(text, 'The endpoint of AWS STS', { allowInsecureIssuers: false });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : '';
    throw new LatchkeyError('SETTING_INVALID', { detail: `--sts-endpoint: ${detail}`, cause });
  }
}

async function reply(
  agent: Agent,
  url: URL,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Reply> {
  const response = await request(url, {
    dispatcher: agent,
    method: 'GET',
    headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
    signal,
  });
  const text = await readBody(response.body, maxBytes);
  return { status: response.statusCode, body: parseJson(text) };
}

async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw unreachable('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function identityIn({ status, body }: Reply): CallerIdentity {
  const identity = identityForm.safeParse(body);
  if (status === 200 && identity.success) {
    const { Account: account, Arn: arn } = identity.data.GetCallerIdentityResponse.GetCallerIdentityResult;
    return { account, arn };
  }
  // AWS's words may quote what was signed, the session token included; its code does not.
  const refusal = refusalForm.safeParse(body);
  if (status >= 400 && status < 500) {
    const code = refusal.success ? refusal.data.Error.Code : `status ${status}`;
    throw new LatchkeyError('AWS_HEADERS_INVALID', { detail: `Invalid or expired AWS headers: ${code}` });
  }
  throw unreachable(`AWS answered with status ${status}, or with what is no identity`);
}

function asFailure(error: unknown): LatchkeyError {
  if (isFailure(error, 'AWS_HEADERS_INVALID', 'AWS_UNREACHABLE', 'OVERLOADED')) return error;
  if (isFailure(error, 'ISSUER_TIMEOUT')) return unreachable('AWS did not answer in time');
  if (isFailure(error)) return unreachable(error.message);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Headers that cannot be sent were not signed to be.
  if (code === 'UND_ERR_INVALID_ARG') {
    return new LatchkeyError('AWS_HEADERS_INVALID', {
      detail: 'Invalid or expired AWS headers: one that cannot be sent',
    });
  }
  return unreachable(`AWS could not be reached${code === '' ? '' : ` (${code})`}`);
}

function unreachable(fault: string): LatchkeyError {
  return new LatchkeyError('AWS_UNREACHABLE', {
    detail: `Verification of IAM identity failed with exception: ${fault}`,
  });
}
