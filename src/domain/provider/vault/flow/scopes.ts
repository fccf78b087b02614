/** The scopes of a request, as Vault reads and keeps them. */
import type { ProviderRecord } from '../../registry/records.ts';

/** The words of a `scope` parameter: separated by blanks, each once, in ascending order. */
export function scopesOf(parameter: string | undefined): readonly string[] {
  const words = (parameter ?? '').split(' ').map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))].sort();
}

/** Whether `openid` is among them, without which no request is one of OpenID Connect (Core section 3.1.2.1). */
export function asksForOpenId(parameter: string | undefined): boolean {
  return scopesOf(parameter).includes('openid');
}

/**
 * Those of the scopes that a provider supports, `openid` left out: it stands for no template. What
 * is not supported is dropped without a word (OpenID Connect Core section 3.1.2.1).
 */
export function supportedScopes(
  scopes: readonly string[],
  { scopesSupported }: Pick<ProviderRecord, 'scopesSupported'>,
): readonly string[] {
  return scopes.filter((scope) => scope !== 'openid' && scopesSupported.includes(scope));
}
