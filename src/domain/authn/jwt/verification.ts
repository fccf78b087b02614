/** How a service's tokens are verified, from its variables: what authn-jwt and authn-k8s share. */
import type { JwtSettings } from '../../../ports/id-token-verifier.ts';
import { LatchkeyError } from '../../errors.ts';
import type { ResourceId } from '../../ids.ts';
import { itemsOf, variableOf } from '../service-settings.ts';
import { issuerOf, signingKeysOf, signingKeyVariables, type SigningKeyVariable } from './signing-keys.ts';

/** The variables that verification takes; `algorithms` is not Conjur's. */
export const verificationVariables = [...signingKeyVariables, 'audience', 'algorithms'] as const;
export type VerificationVariable = (typeof verificationVariables)[number];

const acceptable: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
];
/** Conjur's list, which clients' tests rely on. */
const defaultAlgorithms: readonly string[] = ['RS256', 'RS384', 'RS512'];

/**
 * @param values of those variables that policy declares
 * @throws LatchkeyError `JWT_SIGNING_KEY_SETTINGS`, `JWT_PUBLIC_KEYS_INVALID`
 * @throws LatchkeyError `JWT_AUDIENCE_EMPTY`: an audience of blanks
 * @throws LatchkeyError `SERVICE_VARIABLE_INVALID`: `algorithms` names one that is not acceptable, or none
 */
export function verificationOf(
  webservice: ResourceId,
  values: ReadonlyMap<VerificationVariable, string>,
): JwtSettings {
  const keys = signingKeysOf(values as ReadonlyMap<SigningKeyVariable, string>);
  const audience = values.get('audience');
  if (audience?.trim() === '') throw new LatchkeyError('JWT_AUDIENCE_EMPTY');
  return {
    keys,
    issuer: issuerOf(keys, values as ReadonlyMap<SigningKeyVariable, string>),
    algorithms: algorithmsOf(webservice, values.get('algorithms')),
    ...(audience === undefined ? {} : { audience }),
  };
}

function algorithmsOf(webservice: ResourceId, text: string | undefined): readonly string[] {
  if (text === undefined) return defaultAlgorithms;
  const names = itemsOf(text);
  if (names.length > 0 && names.every((name) => acceptable.includes(name))) return names;
  throw new LatchkeyError('SERVICE_VARIABLE_INVALID', {
    detail: `Invalid value for resource: ${variableOf(webservice, 'algorithms')}; it must list some of ${acceptable.join(', ')}`,
  });
}
