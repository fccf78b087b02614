/** Issuers of dynamic secrets: a service that has them, and what requests and answers look like. */
import assert from 'node:assert/strict';
import type { Answer, Session } from './client.ts';

export const withIssuers = { CONJUR_FEATURE_DYNAMIC_SECRETS_ENABLED: 'true' };

/** Amazon's own example, which belongs to nobody. */
export const awsData = {
  access_key_id: 'AKIAIOSFODNN7EXAMPLE',
  secret_access_key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
export const maskedData = { ...awsData, secret_access_key: '*****' };

export const newIssuer = (id: string): Readonly<Record<string, unknown>> => ({
  id,
  max_ttl: 3_000,
  type: 'aws',
  data: awsData,
});

/** Sends a body as JSON; a text as it is. */
export async function sendJson(
  session: Session,
  method: string,
  path: string,
  body: unknown,
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return session.send(method, path, text, { 'content-type': 'application/json' });
}

/** Makes an issuer and insists that it was made. */
export async function makeIssuer(session: Session, id: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await sendJson(session, 'POST', `/issuers/${session.service.account}`, newIssuer(id));
  assert.equal(answer.status, 201, answer.text);
  return answer.json() as Readonly<Record<string, unknown>>;
}

/** The one failure of every issuer that is not there, or not for the caller. */
export function assertNoIssuer(answer: Answer, id: string): void {
  const error = {
    code: 'not_found',
    message: 'Issuer not found',
    target: null,
    details: { code: 'not_found', target: 'id', message: id },
  };
  assert.deepEqual([answer.status, answer.json()], [404, { error }]);
}

/** The policy of a variable below `data/dynamic` that names an issuer. */
export function dynamicVariable(name: string, issuer: string): string {
  const annotations = `{ dynamic/issuer: ${issuer}, dynamic/method: assume-role }`;
  return `- !variable { id: data/dynamic/${name}, annotations: ${annotations} }\n`;
}
