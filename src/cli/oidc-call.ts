/** Calls of the API whose form is Vault's. */
import { z } from 'zod';
import { plain, readAnswer, refusal } from './answers.ts';
import type { Answer } from './connection.ts';
import type { Session } from './session.ts';
import { remark } from './terminal.ts';

export type Members = Readonly<Record<string, unknown>>;

/** What it answers to what succeeded. */
const wrappedForm = z.object({
  data: z.looseObject({}).nullable(),
  warnings: z.array(z.string()).nullable(),
});

interface VaultCall {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Below `/v1/identity/`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Members;
}

/** Sends a request as the user. */
export async function askVault(session: Session, { method, path, query, body }: VaultCall): Promise<Answer> {
  const { base64 } = await session.accessToken();
  return session.send({
    method,
    path: ['v1', 'identity', ...path],
    ...(query === undefined ? {} : { query }),
    headers: {
      'x-vault-token': base64,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/**
 * Sends a request as the user, and shows the warnings of its answer.
 * @param action completes "cannot …"
 * @param missing what a 404 stands for; it is a refusal otherwise
 * @returns the data of the answer; nothing where it has none
 * @throws CommandError `refused`, and those of the session
 */
export async function callVault(
  session: Session,
  action: string,
  call: VaultCall,
  missing?: Members,
): Promise<Members> {
  const answer = await askVault(session, call);
  if (answer.status === 204) return {};
  if (answer.status === 404 && missing !== undefined) return missing;
  if (answer.status !== 200) throw refusal(action, answer);
  const { data, warnings } = readAnswer(action, answer, wrappedForm);
  for (const warning of warnings ?? []) remark(session.terminal, `warning: ${plain(warning)}`);
  return data ?? {};
}
