/** The longest that an access token may live, whatever settings and annotations say. */
export const maxAccessTokenTtlSeconds = 5 * 60 * 60;
