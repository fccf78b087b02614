/** API keys are rotated and tried, ID tokens are exchanged, passwords are changed, hosts are made with short-lived tokens. */
import { seenStatus, unseen, type Seen } from '../../test/support/history/history.ts';
import { basicHeader, tokenHeader, type Answer } from './call.ts';
import { account } from './fleet.ts';
import { indexes, type Turn } from './world.ts';

/** The role of a login: `host/x` is a host. */
function roleOf(login: string): string {
  return login.startsWith('host/') ? `host:${login.slice('host/'.length)}` : `user:${login}`;
}

function remember(turn: Turn, login: string, key: string): void {
  turn.keys.set(login, [...(turn.keys.get(login) ?? []).slice(-2), key]);
}

export async function rotateKey(turn: Turn, index: number): Promise<Answer | undefined> {
  const login = `rotated-${String(index)}`;
  const answer = await turn.history.write(
    `key:${login}`,
    ({ text }: Answer) => text,
    () =>
      turn.call(`${turn.url()}/authn/${account}/api_key?role=${encodeURIComponent(roleOf(login))}`, {
        method: 'PUT',
        headers: tokenHeader(turn.adminToken),
      }),
  );
  if (answer?.status === 200) remember(turn, login, answer.text);
  return answer;
}

/** Authenticates with a key that is good or was. */
export async function tryKey(turn: Turn, named?: string): Promise<Answer | undefined> {
  const login =
    named ?? turn.random.pick([...turn.keys.keys()].filter((each) => /^(rotated|brief|host)/.test(each)));
  const key = turn.random.pick(turn.keys.get(login) ?? ['']);
  return turn.history.attempt({
    act: () =>
      turn.call(`${turn.url()}/authn/${account}/${encodeURIComponent(login)}/authenticate`, {
        method: 'POST',
        body: key,
      }),
    sees: (seen) => ({ [`key:${login}`]: seenStatus(seen, { 200: key, 401: { other: key } }) }),
  });
}

/** Logs in with a password, which tells the key. */
export async function logIn(turn: Turn, index = turn.random.pick(indexes)): Promise<Answer | undefined> {
  const login = `signer-${String(index)}`;
  const password = turn.random.pick(turn.keys.get(`password:${login}`) ?? ['Not-Set-Yet-1!']);
  return turn.history.attempt({
    act: () => turn.call(`${turn.url()}/authn/${account}/login`, { headers: basicHeader(login, password) }),
    sees: (seen): Readonly<Record<string, Seen>> => ({
      [`password:${login}`]: seenStatus(seen, { 200: password, 401: { other: password } }),
      [`key:${login}`]: seen.status === 200 ? seen.text : unseen,
    }),
  });
}

/** A user proves itself with its API key, which nobody rotates, and sets another password. */
export async function changePassword(turn: Turn, index: number): Promise<Answer | undefined> {
  const login = `signer-${String(index)}`;
  const password = `Sealed-${String(turn.next())}-Pass!`;
  const answer = await turn.history.write(`password:${login}`, password, () =>
    turn.call(`${turn.url()}/authn/${account}/password`, {
      method: 'PUT',
      headers: basicHeader(login, turn.keys.get(login)?.[0] ?? ''),
      body: password,
    }),
  );
  if (answer !== undefined && answer.status < 300) remember(turn, `password:${login}`, password);
  return answer;
}

export async function switchAuthenticator(turn: Turn): Promise<Answer | undefined> {
  const enabled = turn.random.next(2) === 0;
  return turn.history.write('authn-oidc', enabled, () =>
    turn.call(`${turn.url()}/authn-oidc/soak/${account}`, {
      method: 'PATCH',
      headers: tokenHeader(turn.adminToken),
      body: `enabled=${String(enabled)}`,
    }),
  );
}

export async function tryIdToken(turn: Turn): Promise<Answer | undefined> {
  return turn.history.attempt({
    act: () =>
      turn.call(`${turn.url()}/authn-oidc/soak/${account}/authenticate`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `id_token=${turn.idToken}`,
      }),
    sees: (seen) => ({ 'authn-oidc': seenStatus(seen, { 200: true, 400: false, 401: false }) }),
  });
}

/** A host-factory token is made on one process, used on others while it is revoked, and tried after. */
export async function useHostToken(turn: Turn): Promise<Answer | undefined> {
  const query = new URLSearchParams({
    host_factory: `${account}:host_factory:made/factory`,
    expiration: '2050-12-31T00:00:00Z',
  }).toString();
  const made = await turn.history.attempt({
    act: () =>
      turn.call(`${turn.url()}/host_factory_tokens?${query}`, {
        method: 'POST',
        headers: tokenHeader(turn.adminToken),
      }),
  });
  if (made?.status !== 200) return made;
  const [{ token = '' } = {}] = JSON.parse(made.text) as readonly { readonly token?: string }[];
  const register = `host-token-${String(turn.next())}`;
  turn.history.initially(register, true);
  await makeHost(turn, register, token);
  await Promise.all([
    makeHost(turn, register, token),
    turn.history.write(register, false, () =>
      turn.call(`${turn.url()}/host_factory_tokens/${token}`, {
        method: 'DELETE',
        headers: tokenHeader(turn.adminToken),
      }),
    ),
  ]);
  return makeHost(turn, register, token);
}

/** Makes a host, or gives the one that is there a new key. */
async function makeHost(turn: Turn, register: string, token: string): Promise<Answer | undefined> {
  const id = `made-${String(turn.random.pick(indexes))}`;
  const login = `host/${id}`;
  const keyOf = ({ text }: Answer): string => (JSON.parse(text) as { readonly api_key: string }).api_key;
  const answer = await turn.history.attempt({
    writes: { [`key:${login}`]: keyOf },
    act: () =>
      turn.call(`${turn.url()}/host_factories/hosts?id=${id}`, {
        method: 'POST',
        headers: { authorization: `Token token="${token}"` },
      }),
    sees: (seen) => ({ [register]: seenStatus(seen, { 201: true, 401: false }) }),
  });
  if (answer?.status === 201) remember(turn, login, keyOf(answer));
  return answer;
}
