import { fieldInvalid } from './fields.ts';

const maxCharacters = 512;
const form = /^https?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::\d{1,5})?$/;

/**
 * Reads what an issuer is to begin with: `http` or `https`, a host and perhaps a port, and nothing
 * else, since the path is ours; or nothing, for the service's public address.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 * @see Vault: parameter `issuer` of a provider and of `identity/oidc/config`
 */
export function readIssuerOrigin(text: string): string {
  if (text === '') return text;
  if (text.length <= maxCharacters && form.test(text) && URL.canParse(text)) return text;
  throw fieldInvalid(
    'issuer must be http or https, a host and perhaps a port, as in https://example.com:8200; without a path',
  );
}
