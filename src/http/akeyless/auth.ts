/** The parameters of `/auth`. */
import type { PresentedProof } from '../../domain/provider/akeyless/proof.ts';
import { textOf, type Parameters } from './body.ts';

/**
 * What was presented to authenticate with. `login` is a parameter of our own, for methods by which a host
 * names itself.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: a parameter is no text
 */
export function presentedProof(parameters: Parameters): PresentedProof {
  const text = (...names: readonly string[]): string | undefined => textOf(parameters, ...names);
  const proof = {
    accessId: text('access-id'),
    accessKey: text('access-key'),
    login: text('login', 'admin-email', 'ldap_username'),
    password: text('admin-password', 'ldap_password'),
    jwt: text('jwt', 'k8s-service-account-token'),
    cloudId: text('cloud-id'),
  };
  const there = Object.entries(proof).filter(([, value]) => value !== undefined);
  return { accessType: text('access-type') ?? 'access_key', ...Object.fromEntries(there) };
}
