/** How long what an issuer remembers lives, where nobody says otherwise. */

const hourSeconds = 3_600;

export const defaultSessionTtlSeconds = 8 * hourSeconds;
export const defaultCodeTtlSeconds = 60;
export const interactionTtlSeconds = 15 * 60;
/** Of a grant before it is known what is issued under it. */
export const leastGrantTtlSeconds = hourSeconds;
