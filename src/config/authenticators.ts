/** The list of enabled authenticators: `authn`, `authn-x` or `authn-x/service`. */
import { suggestion } from './nearest.ts';

/** The types that Conjur knows; a list that was written for Conjur is taken as it is. */
export const authenticatorTypes = [
  'authn',
  'authn-azure',
  'authn-gcp',
  'authn-iam',
  'authn-jwt',
  'authn-k8s',
  'authn-ldap',
  'authn-oidc',
] as const;

const servicePart = /^[^\s,]+$/u;

/** What is wrong with one item of the list; undefined when nothing is. */
export function authenticatorFault(item: string): string | undefined {
  const slash = item.indexOf('/');
  const type = slash === -1 ? item : item.slice(0, slash);
  if (!(authenticatorTypes as readonly string[]).includes(type)) {
    return `unknown authenticator type "${type}"${suggestion(type, authenticatorTypes)}`;
  }
  if (slash === -1) return undefined;
  if (type === 'authn') return 'authn has no service id';
  return servicePart.test(item.slice(slash + 1)) ? undefined : `${type}/ must be followed by a service id`;
}
