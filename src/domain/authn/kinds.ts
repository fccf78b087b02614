/** The kinds of authenticator that this server has: every kind that Conjur knows. */
export const authenticatorKinds = [
  'authn',
  'authn-azure',
  'authn-gcp',
  'authn-iam',
  'authn-jwt',
  'authn-k8s',
  'authn-ldap',
  'authn-oidc',
] as const;

export function isInstalled(kind: string): boolean {
  return (authenticatorKinds as readonly string[]).includes(kind);
}
