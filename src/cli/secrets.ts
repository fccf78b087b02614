/** The requests behind `latchkey variable`. */
import { refusal } from './answers.ts';
import type { Session } from './session.ts';
import { idOfKind } from './typed-id.ts';

/** An id may be given in full, with account and kind. */
function pathOf(session: Session, id: string): readonly string[] {
  const { account, kind, identifier } = idOfKind(session, 'variable', id);
  return ['secrets', account, kind, identifier];
}

/** Reads one value, byte for byte. */
export async function getVariable(session: Session, id: string, version?: string): Promise<Buffer> {
  const answer = await session.sendAsUser({
    method: 'GET',
    path: pathOf(session, id),
    ...(version === undefined ? {} : { query: { version } }),
  });
  if (answer.status === 200) return answer.body;
  throw refusal(`get variable ${id}`, answer, {
    404: 'It has no such value, does not exist, or your role may not see it',
  });
}

/** Sets a value, byte for byte. */
export async function setVariable(session: Session, id: string, value: Uint8Array): Promise<void> {
  const answer = await session.sendAsUser({
    method: 'POST',
    path: pathOf(session, id),
    headers: { 'content-type': 'application/octet-stream' },
    body: value,
  });
  if (answer.status !== 201) throw refusal(`set variable ${id}`, answer);
}
