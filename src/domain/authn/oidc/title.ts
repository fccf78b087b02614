/**
 * A name to show for a service that has none of its own: the words of its id, each with a capital.
 * `my-okta_east` is `My Okta East`, `mainOkta` is `Main Okta`.
 * @see Conjur: authn-oidc, `name`
 */
export function titleOf(serviceId: string): string {
  return serviceId
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[\s_-]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join(' ');
}
