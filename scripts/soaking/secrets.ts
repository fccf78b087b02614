/** Secrets are written, and read one by one, in batches and by version. */
import { seenSecret, unseen, type Seen } from '../../test/support/history/history.ts';
import { tokenHeader, type Answer } from './call.ts';
import { account } from './fleet.ts';
import { indexes, secretPath, type Turn } from './world.ts';

const kept = 20;

export function secretRegister(index: number): string {
  return `secret-${String(index)}`;
}

export function variableId(name: string): string {
  return `${account}:variable:${name}`;
}

export async function writeSecret(turn: Turn, index: number): Promise<Answer | undefined> {
  const register = secretRegister(index);
  const body = `${register} value ${String(turn.next())}`;
  const url = turn.url() + secretPath(register);
  return turn.history.write(register, body, () =>
    turn.call(url, { method: 'POST', headers: tokenHeader(turn.adminToken), body }),
  );
}

export async function readSecret(turn: Turn, index = turn.random.pick(indexes)): Promise<Answer | undefined> {
  const register = secretRegister(index);
  const answer = await turn.history.attempt({
    act: () => turn.call(turn.url() + secretPath(register), { headers: readerHeader(turn) }),
    sees: (seen) => ({ [register]: seenSecret(seen) }),
  });
  if (answer !== undefined) turn.reads.answered(answer, variableId(register));
  return answer;
}

export async function readBatch(turn: Turn): Promise<Answer | undefined> {
  const first = turn.random.pick(indexes);
  const names = [0, 1, 2].map((step) => secretRegister((first + step) % indexes.length));
  const ids = names.map(variableId);
  const query = new URLSearchParams({ variable_ids: ids.join() }).toString();
  const answer = await turn.history.attempt({
    act: () => turn.call(`${turn.url()}/secrets?${query}`, { headers: readerHeader(turn) }),
    sees: (seen): Readonly<Record<string, Seen>> => {
      // Whether one of them is missing is all that a 404 says.
      if (seen.status !== 200) return {};
      const values = JSON.parse(seen.text) as Readonly<Record<string, string>>;
      return Object.fromEntries(names.map((name) => [name, values[variableId(name)]]));
    },
  });
  if (answer !== undefined) turn.reads.answered(answer, ids);
  return answer;
}

export async function readVersion(turn: Turn): Promise<Answer | undefined> {
  const index = turn.random.pick(indexes);
  const newest = await newestVersion(turn, index);
  if (newest === undefined || newest === 0) return undefined;
  return readVersionOf(turn, index, Math.max(1, newest - turn.random.next(kept - 5)));
}

export async function readVersionOf(turn: Turn, index: number, version: number): Promise<Answer | undefined> {
  const register = secretRegister(index);
  let answer: Answer | undefined;
  await turn.history.readVersion(register, version, async () => {
    answer = await turn.call(`${turn.url()}${secretPath(register)}?version=${String(version)}`, {
      headers: readerHeader(turn),
    });
    return answer.status === 200 ? answer.text : unseen;
  });
  if (answer !== undefined) turn.reads.answered(answer, variableId(register), version);
  return answer;
}

/** The number of the newest version, as the resource shows it; 0 where there is none. */
export async function newestVersion(turn: Turn, index: number): Promise<number | undefined> {
  const path = `/resources/${account}/variable/${secretRegister(index)}`;
  try {
    const answer = await turn.call(turn.url() + path, { headers: readerHeader(turn) });
    if (answer.status !== 200) return undefined;
    const { secrets = [] } = JSON.parse(answer.text) as { readonly secrets?: readonly { version: number }[] };
    return Math.max(0, ...secrets.map(({ version }) => version));
  } catch {
    return undefined;
  }
}

function readerHeader(turn: Turn): Readonly<Record<string, string>> {
  return tokenHeader(turn.tokens.get('reader') ?? '');
}
