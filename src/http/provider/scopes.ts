/** OpenID Connect Core section 5.4, and what is common beyond it. */
const known: Readonly<Record<string, string>> = {
  openid: 'who you are',
  profile: 'your profile',
  email: 'your e-mail address',
  address: 'your postal address',
  phone: 'your telephone number',
  groups: 'the groups that you belong to',
  offline_access: 'access while you are away',
};

/** What scopes ask for, in the words of a page. */
export function inWords(scopes: readonly string[]): readonly string[] {
  return scopes.map((scope) => (Object.hasOwn(known, scope) ? (known[scope] ?? scope) : scope));
}
