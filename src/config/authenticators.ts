/** The list of enabled authenticators: `authn`, `authn-x` or `authn-x/service`. */
import { authenticatorKinds, isInstalled } from '../domain/authn/kinds.ts';
import { suggestion } from './nearest.ts';

const servicePart = /^[^\s,]+$/u;

/** What is wrong with one item of the list; undefined when nothing is. */
export function authenticatorFault(item: string): string | undefined {
  const slash = item.indexOf('/');
  const type = slash === -1 ? item : item.slice(0, slash);
  if (!isInstalled(type)) {
    return `unknown authenticator type "${type}"${suggestion(type, authenticatorKinds)}`;
  }
  if (slash === -1) return undefined;
  if (type === 'authn') return 'authn has no service id';
  return servicePart.test(item.slice(slash + 1)) ? undefined : `${type}/ must be followed by a service id`;
}
