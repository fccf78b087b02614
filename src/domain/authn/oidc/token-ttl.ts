import { parse, type Duration } from 'tinyduration';
import { LatchkeyError } from '../../errors.ts';
import type { ResourceId } from '../../ids.ts';
import { maxAccessTokenTtlSeconds } from '../../tokens/max-ttl.ts';

const defaultTtlSeconds = 60 * 60;

/** ISO 8601: years to days, then after a T hours to seconds; at least one, and only the last may have a fraction. */
const form =
  /^P(?=\d|T\d)(?:(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:[.,]\d+)?S)?)?|\d+W)$/;
const maxCharacters = 64;

const secondsOf: Readonly<Record<Exclude<keyof Duration, 'negative'>, number>> = {
  years: 365 * 24 * 60 * 60,
  months: 30 * 24 * 60 * 60,
  weeks: 7 * 24 * 60 * 60,
  days: 24 * 60 * 60,
  hours: 60 * 60,
  minutes: 60,
  seconds: 1,
};

/**
 * How long the access tokens of a service live: a duration of ISO 8601, `PT2H`; 60 minutes where
 * nothing is set, 5 hours at most.
 *
 * @param service names the webservice in the error
 * @returns whole seconds
 * @throws LatchkeyError `TOKEN_TTL_INVALID`: no such duration
 * @see Conjur: authn-oidc, `token-ttl`
 */
export function readTokenTtl(text: string | undefined, service: ResourceId): number {
  const value = text?.trim() ?? '';
  if (value === '') return defaultTtlSeconds;
  if (value.length > maxCharacters || !form.test(value)) {
    throw new LatchkeyError('TOKEN_TTL_INVALID', {
      detail: `The variable token-ttl of '${service}' is not a duration of ISO 8601`,
    });
  }
  const duration = parse(value);
  let seconds = 0;
  for (const [unit, factor] of Object.entries(secondsOf)) {
    seconds += (duration[unit as keyof typeof secondsOf] ?? 0) * factor;
  }
  return Math.min(Math.floor(seconds), maxAccessTokenTtlSeconds);
}
