/** What tests of host factories share: tokens, and hosts made with them. */
import assert from 'node:assert/strict';
import { send, type Answer, type Session } from './client.ts';
import type { TestService } from './service.ts';

/** A token as it is told to who asked for it. */
export interface ToldToken {
  readonly token: string;
  readonly expiration: string;
  readonly cidr: readonly string[];
}

export const farFuture = '2050-12-31T00:00:00Z';

/** Asks for tokens, with the parameters in the query. */
export function askForTokens(
  session: Session,
  parameters: Readonly<Record<string, string>>,
): Promise<Answer> {
  return session.send('POST', `/host_factory_tokens?${new URLSearchParams(parameters).toString()}`);
}

/** Makes one token and insists that it was made. */
export async function makeToken(
  session: Session,
  hostFactory: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await askForTokens(session, {
    host_factory: `${session.service.account}:host_factory:${hostFactory}`,
    expiration: farFuture,
    ...parameters,
  });
  assert.equal(answer.status, 200, answer.text);
  const [told] = answer.json() as ToldToken[];
  return told?.token ?? '';
}

export function revokeToken(session: Session, token: string): Promise<Answer> {
  return session.send('DELETE', `/host_factory_tokens/${encodeURIComponent(token)}`);
}

/** Makes a host with a token, its parameters in the query. */
export function makeHost(
  service: TestService,
  token: string | undefined,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(`${service.url}/host_factories/hosts?${new URLSearchParams(parameters).toString()}`, 'POST', {
    headers: { ...(token === undefined ? {} : { authorization: `Token token="${token}"` }), ...headers },
  });
}
