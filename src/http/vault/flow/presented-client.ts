/** How a client says who it is at the token endpoint and its neighbours. */

/** Credentials as they were presented; `clientId` may be empty, and so may the secret. */
export interface PresentedClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface BodyCredentials {
  readonly client_id?: string;
  readonly client_secret?: string;
}

/**
 * The credentials of HTTP Basic where it can be read, else those of the body (RFC 6749 section 2.3.1).
 * Where both are sent the body's are not looked at, as in Vault.
 * @returns undefined where neither names a client
 */
export function presentedClient(
  authorization: string | undefined,
  { client_id: clientId = '', client_secret: clientSecret = '' }: BodyCredentials,
): PresentedClient | undefined {
  const basic = basicCredentials(authorization ?? '');
  if (basic !== undefined) return basic;
  return clientId === '' ? undefined : { clientId, clientSecret };
}

function basicCredentials(authorization: string): PresentedClient | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/iu.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString();
  const colon = decoded.indexOf(':');
  if (colon === -1) return undefined;
  return {
    clientId: formDecoded(decoded.slice(0, colon)),
    clientSecret: formDecoded(decoded.slice(colon + 1)),
  };
}

/**
 * Vault takes the halves as they are; RFC 6749 section 2.3.1 has clients encode them first, and many do.
 * No id and no secret that this service makes holds a `%` or `+`, so both forms can be told apart.
 */
function formDecoded(half: string): string {
  if (!/[%+]/u.test(half)) return half;
  try {
    return decodeURIComponent(half.replaceAll('+', ' '));
  } catch {
    return half;
  }
}
