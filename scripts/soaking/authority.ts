/** Memberships and permissions come and go, one at a time and two in one load; users are deleted and made anew. */
import { seenStatus, type Seen } from '../../test/support/history/history.ts';
import { tokenHeader, type Answer } from './call.ts';
import { account } from './fleet.ts';
import { variableId } from './secrets.ts';
import { createdKeys, indexes, secretPath, type Turn } from './world.ts';

function load(turn: Turn, method: 'POST' | 'PATCH', body: string): Promise<Answer> {
  return turn.call(`${turn.url()}/policies/${account}/policy/root`, {
    method,
    headers: tokenHeader(turn.adminToken),
    body,
  });
}

export async function changeMembership(turn: Turn, index: number): Promise<Answer | undefined> {
  const i = String(index);
  const grant = turn.random.next(2) === 0;
  const pair = `{ role: !group group-${i}, member: !user member-${i} }`;
  return turn.history.write(`member-${i}`, grant, () =>
    grant ? load(turn, 'POST', `- !grant ${pair}`) : load(turn, 'PATCH', `- !revoke ${pair}`),
  );
}

export async function changePermission(turn: Turn, index: number): Promise<Answer | undefined> {
  const i = String(index);
  const permit = turn.random.next(2) === 0;
  const what = `{ role: !user permitted-${i}, privileges: [ read, execute ], resource: !variable single-${i} }`;
  return turn.history.write(`permitted-${i}`, permit, () =>
    permit ? load(turn, 'POST', `- !permit ${what}`) : load(turn, 'PATCH', `- !deny ${what}`),
  );
}

/** Two permissions in one load: nobody may ever see one of them alone. */
export async function changePair(turn: Turn, index: number): Promise<Answer | undefined> {
  const i = String(index);
  const permit = turn.random.next(2) === 0;
  const body = [`left-${i}`, `right-${i}`]
    .map(
      (name) =>
        `- !${permit ? 'permit' : 'deny'} { role: !user pair-${i}, privileges: [ read ], resource: !variable ${name} }\n`,
    )
    .join('');
  return turn.history.write(`pair-${i}`, permit ? `left-${i} right-${i}` : '', () =>
    load(turn, permit ? 'POST' : 'PATCH', body),
  );
}

export async function readAsMember(
  turn: Turn,
  index = turn.random.pick(indexes),
): Promise<Answer | undefined> {
  return readAs(turn, `member-${String(index)}`, `grouped-${String(index)}`);
}

export async function readAsPermitted(
  turn: Turn,
  index = turn.random.pick(indexes),
): Promise<Answer | undefined> {
  return readAs(turn, `permitted-${String(index)}`, `single-${String(index)}`);
}

async function readAs(turn: Turn, login: string, variable: string): Promise<Answer | undefined> {
  const answer = await turn.history.attempt({
    act: () => turn.call(turn.url() + secretPath(variable), { headers: headerOf(turn, login) }),
    sees: (seen) => ({ [login]: seenStatus(seen, { 200: true, 403: false, 404: false }) }),
  });
  if (answer !== undefined) turn.reads.answered(answer, variableId(variable));
  return answer;
}

export async function checkPermission(
  turn: Turn,
  index = turn.random.pick(indexes),
): Promise<Answer | undefined> {
  const i = String(index);
  const query = `check=true&privilege=execute&role=${encodeURIComponent(`${account}:user:permitted-${i}`)}`;
  return turn.history.attempt({
    act: () =>
      turn.call(`${turn.url()}/resources/${account}/variable/single-${i}?${query}`, {
        headers: tokenHeader(turn.adminToken),
      }),
    sees: (seen) => ({ [`permitted-${i}`]: seenStatus(seen, { 204: true, 404: false }) }),
  });
}

export async function listPair(turn: Turn, index = turn.random.pick(indexes)): Promise<Answer | undefined> {
  const login = `pair-${String(index)}`;
  return turn.history.attempt({
    act: () =>
      turn.call(`${turn.url()}/resources/${account}?kind=variable`, { headers: headerOf(turn, login) }),
    sees: (seen): Readonly<Record<string, Seen>> => {
      if (seen.status !== 200) return {};
      const names = (JSON.parse(seen.text) as readonly { readonly id: string }[]).map(({ id }) =>
        id.slice(variableId('').length),
      );
      return { [login]: names.sort().join(' ') };
    },
  });
}

export async function makeUser(turn: Turn, index: number): Promise<Answer | undefined> {
  const login = `brief-${String(index)}`;
  const register = `key:${login}`;
  const made = (answer: Answer): string | undefined => createdKeys(answer).get(login);
  const answer = await turn.history.attempt({
    writes: { [register]: made },
    act: () => load(turn, 'POST', `- !user ${login}`),
    // One that was there stays as it is, key and all.
    outcome: (loaded) => {
      if (loaded.status >= 500) return 'unknown';
      return loaded.status === 201 && made(loaded) !== undefined ? 'acknowledged' : 'refused';
    },
    sees: (loaded) =>
      loaded.status === 201 && made(loaded) === undefined ? { [register]: { other: undefined } } : {},
  });
  const key = answer?.status === 201 ? made(answer) : undefined;
  if (key !== undefined) turn.keys.set(login, [...(turn.keys.get(login) ?? []).slice(-1), key]);
  return answer;
}

export async function deleteUser(turn: Turn, index: number): Promise<Answer | undefined> {
  const login = `brief-${String(index)}`;
  return turn.history.write(`key:${login}`, undefined, () =>
    load(turn, 'PATCH', `- !delete { record: !user ${login} }`),
  );
}

function headerOf(turn: Turn, login: string): Readonly<Record<string, string>> {
  return tokenHeader(turn.tokens.get(login) ?? '');
}
