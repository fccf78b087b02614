/** A client with one connection that it keeps open, and that sends nothing twice. */
import { Agent, request as sendRequest, type IncomingHttpHeaders } from 'node:http';

export interface KeptAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const answerTimeoutMs = 15 * 1_000;

export class KeepAliveClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #connections = 0;

  /** How many connections it opened so far. */
  get connections(): number {
    return this.#connections;
  }

  /** @throws Error with a `code`, when there was no answer */
  async send(
    url: string,
    method: string,
    { headers = {}, body }: { readonly headers?: Record<string, string>; readonly body?: string } = {},
  ): Promise<KeptAnswer> {
    return new Promise((resolve, reject) => {
      const request = sendRequest(url, { method, headers, agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject).on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.on('error', reject);
      request.on('socket', () => {
        if (!request.reusedSocket) this.#connections += 1;
      });
      request.setTimeout(answerTimeoutMs, () => {
        request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
