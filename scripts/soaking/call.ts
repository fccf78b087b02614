import { Agent, request } from 'undici';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: { get(name: string): string | null };
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Caller = (url: string, call?: Call) => Promise<Answer>;

const answerTimeoutMs = 60 * 1_000;

/** Connections of the soak's own, and a note of how long each answer took. */
export function openCaller(tookMs: (elapsedMs: number) => void): {
  readonly call: Caller;
  close(): Promise<void>;
} {
  const agent = new Agent({ headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs });
  return {
    call: async (url, { method = 'GET', headers = {}, body } = {}) => {
      const startedMs = performance.now();
      const answer = await request(url, {
        dispatcher: agent,
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.body.text();
      tookMs(performance.now() - startedMs);
      const get = (name: string): string | null => answer.headers[name.toLowerCase()]?.toString() ?? null;
      return { status: answer.statusCode, text, headers: { get } };
    },
    close: () => agent.destroy(),
  };
}

/** The `Authorization` header of an access token. */
export function tokenHeader(token: string): Readonly<Record<string, string>> {
  return { authorization: `Token token="${Buffer.from(token).toString('base64')}"` };
}

export function basicHeader(user: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
