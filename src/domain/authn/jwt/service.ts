/** The settings of one authn-jwt service. */
import type { JwtSettings } from '../../../ports/id-token-verifier.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { Derived } from '../../accounts/derived.ts';
import type { ResourceId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import { declares, readServiceSettings, type SettingsServices } from '../service-settings.ts';
import { parseClaimAliases, parseEnforcedClaims } from './claim-rules.ts';
import type { RestrictionRules } from './restrictions.ts';
import { verificationOf, verificationVariables, type VerificationVariable } from './verification.ts';

export interface JwtService {
  readonly verification: JwtSettings;
  /** The claim that names the host; undefined where the URL does. */
  readonly tokenAppProperty: string | undefined;
  /** What stands before that host's name; empty by default. */
  readonly identityPath: string;
  readonly rules: RestrictionRules;
}

type VariableName =
  VerificationVariable | 'enforced-claims' | 'claim-aliases' | 'token-app-property' | 'identity-path';

const known = new Derived<ResourceId, JwtService>();

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority changes.
 * What policy declares must have a value, but for `identity-path` beside an identity in the URL,
 * which has no use for it.
 *
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`, and those of what is wrong with a value
 */
export async function jwtServiceOf(
  services: SettingsServices,
  request: RequestContext,
  state: AccountState,
  webservice: ResourceId,
): Promise<JwtService> {
  const kept = known.of(state, webservice);
  if (kept !== undefined) return kept;
  const identity = declares(state, webservice, 'token-app-property')
    ? (['token-app-property', 'identity-path'] as const)
    : [];
  const { values, epoch } = await readServiceSettings<VariableName>(services, request, state, webservice, {
    required: [],
    optional: [...verificationVariables, 'enforced-claims', 'claim-aliases', ...identity],
  });
  const service = toService(webservice, values);
  known.keep(state, webservice, service, epoch);
  return service;
}

function toService(webservice: ResourceId, values: ReadonlyMap<VariableName, string>): JwtService {
  const enforced = values.get('enforced-claims');
  const aliases = values.get('claim-aliases');
  return {
    verification: verificationOf(webservice, values as ReadonlyMap<VerificationVariable, string>),
    tokenAppProperty: values.get('token-app-property'),
    identityPath: values.get('identity-path') ?? '',
    rules: {
      enforced: enforced === undefined ? [] : parseEnforcedClaims(enforced),
      claimOf: aliases === undefined ? new Map() : parseClaimAliases(aliases),
    },
  };
}
