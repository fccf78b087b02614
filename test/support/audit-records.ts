/** Audit records as the service wrote them, without time, host and process. */
import type { TestService } from './service.ts';

/** The records that an act leaves. */
export async function recordsOf(
  service: TestService,
  act: () => Promise<unknown>,
): Promise<readonly string[]> {
  const { length } = await service.auditLines();
  await act();
  const lines = (await service.auditLines()).slice(length);
  return lines.map((line) => line.replace(/^(<\d+>)1 \S+ - conjur \S+ /, '$1 '));
}

type Outcome = readonly [result: 'success' | 'failure', operation: string];

/** A record of a client on this machine. */
export function record(
  priority: number,
  type: string,
  user: string,
  subject: string,
  [result, operation]: Outcome,
  message: string,
): string {
  return (
    `<${priority}> ${type} [auth@43868 user="${user}"][subject@43868 ${subject}]` +
    `[client@43868 ip="127.0.0.1"][action@43868 result="${result}" operation="${operation}"] ${message}`
  );
}

/** A record of the versioned API: of what was managed, by whom, and how it ended. */
export function managed(type: string, user: string, outcome: Outcome, message: string): string {
  return record(85, type, user, 'edge=""', outcome, `${user} ${message}`);
}

/** A record of Conjur's own authenticator. */
export function authnRecord(
  operation: 'login' | 'authenticate',
  role: string,
  message: string,
  failed?: { readonly unknown?: true },
): string {
  const result = failed === undefined ? 'success' : 'failure';
  const user = failed?.unknown === true ? 'not-found' : role;
  return (
    `<${failed === undefined ? 86 : 84}> authn [subject@43868 role="${role}"]` +
    `[auth@43868 user="${user}" authenticator="authn" service="cucumber:webservice:conjur/authn"]` +
    `[client@43868 ip="127.0.0.1"][action@43868 result="${result}" operation="${operation}"] ${message}`
  );
}

export const authnService = 'with authenticator authn service cucumber:webservice:conjur/authn';
