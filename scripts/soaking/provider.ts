/** Clients of the OpenID Provider are disabled and enabled while they ask for tokens; refresh tokens are used once. */
import { randomBytes } from 'node:crypto';
import { seenStatus, type Seen } from '../../test/support/history/history.ts';
import { basicHeader, type Answer } from './call.ts';
import {
  clientBody,
  indexes,
  provider,
  redirectUri,
  vaultHeader,
  type ProviderClient,
  type Turn,
} from './world.ts';

function tokenRequest(
  turn: Turn,
  { id, secret }: ProviderClient,
  parameters: Readonly<Record<string, string>>,
): Promise<Answer> {
  return turn.call(`${turn.url()}${provider}/token`, {
    method: 'POST',
    headers: { ...basicHeader(id, secret), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(parameters).toString(),
  });
}

/** Not the first client, which people sign in to. */
export async function switchClient(turn: Turn, index: number): Promise<Answer | undefined> {
  if (index === 0) return askAsClient(turn, index);
  const name = `client-${String(index)}`;
  const enabled = turn.random.next(2) === 0;
  return turn.history.write(name, enabled, () =>
    turn.call(`${turn.url()}/v1/identity/oidc/client/${name}`, {
      method: 'POST',
      headers: vaultHeader(turn.adminToken),
      body: JSON.stringify(clientBody(!enabled)),
    }),
  );
}

export async function askAsClient(
  turn: Turn,
  index = turn.random.pick(indexes),
): Promise<Answer | undefined> {
  const client = turn.clients[index];
  if (client === undefined) return undefined;
  return turn.history.attempt({
    act: () => tokenRequest(turn, client, { grant_type: 'client_credentials', scope: 'openid' }),
    sees: (seen) => ({
      [`client-${String(index)}`]: seenStatus(seen, { 200: true, 400: false, 401: false }),
    }),
  });
}

/** A code is redeemed, then each refresh token on any process; one that comes again is refused, and ends all. */
export async function refresh(turn: Turn): Promise<Answer | undefined> {
  const [client] = turn.clients;
  const token = turn.tokens.get('reader') ?? '';
  if (client === undefined) return undefined;
  const issued = await turn.history.attempt({
    act: () =>
      turn.call(`${turn.url()}${provider}/authorize`, {
        method: 'POST',
        headers: vaultHeader(token),
        body: JSON.stringify({
          client_id: client.id,
          redirect_uri: redirectUri,
          response_type: 'code',
          scope: 'openid',
          state: 'state',
          nonce: randomBytes(12).toString('base64url'),
        }),
      }),
  });
  if (issued?.status !== 200) return issued;
  const { code = '' } = JSON.parse(issued.text) as { readonly code?: string };
  const once = `once-${String(turn.next())}`;
  const use = async (
    name: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Answer | undefined> => {
    turn.history.initially(name, true);
    return turn.history.attempt({
      writes: { [name]: false },
      act: () => tokenRequest(turn, client, parameters),
      sees: (seen): Readonly<Record<string, Seen>> => ({
        [name]: seenStatus(seen, { 200: true, 400: false }),
      }),
    });
  };
  const redeemed = await use(`${once}-code`, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
  });
  if (redeemed?.status !== 200) return redeemed;
  const refreshWith = (name: string, text: string): Promise<Answer | undefined> =>
    use(name, { grant_type: 'refresh_token', refresh_token: text });
  const first = refreshTokenOf(redeemed);
  const second = await refreshWith(`${once}-first`, first);
  if (second?.status !== 200) return second;
  const third = await refreshWith(`${once}-second`, refreshTokenOf(second));
  if (third?.status !== 200) return third;
  await refreshWith(`${once}-second`, refreshTokenOf(second));
  return third;
}

function refreshTokenOf(answer: Answer): string {
  return (JSON.parse(answer.text) as { readonly refresh_token?: string }).refresh_token ?? '';
}
