/** The settings of one authn-jwt service. */
import type { JwtSettings } from '../../../ports/id-token-verifier.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import type { ResourceId } from '../../ids.ts';
import {
  declares,
  emptyVariable,
  settingsReader,
  variableOf,
  type SettingNames,
} from '../service-settings.ts';
import { parseClaimAliases, parseEnforcedClaims } from './claim-rules.ts';
import type { RestrictionRules } from './restrictions.ts';
import { signingKeysOf, signingKeyVariables, type SigningKeyVariable } from './signing-keys.ts';
import { verificationOf, type VerificationVariable } from './verification.ts';

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

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority changes.
 * What policy declares must have a value, but for `identity-path` beside an identity in the URL,
 * which has no use for it.
 *
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`, and those of what is wrong with a value
 */
export const jwtServiceOf = settingsReader<VariableName, JwtService>(
  (state, webservice): SettingNames<VariableName> => ({
    required: [],
    optional: signingKeyVariables,
    mayBeUnset: laterVariables(state, webservice),
  }),
  ({ state, webservice, values }) => {
    // Where the keys come from is judged before another variable is found without a value, as in Conjur.
    signingKeysOf(values as ReadonlyMap<SigningKeyVariable, string>);
    const unset = laterVariables(state, webservice).find(
      (name) => declares(state, webservice, name) && !values.has(name),
    );
    if (unset !== undefined) throw emptyVariable(variableOf(webservice, unset));
    return toService(webservice, values);
  },
);

function laterVariables(state: AccountState, webservice: ResourceId): readonly VariableName[] {
  const identity = declares(state, webservice, 'token-app-property')
    ? (['token-app-property', 'identity-path'] as const)
    : [];
  return ['audience', 'algorithms', 'enforced-claims', 'claim-aliases', ...identity];
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
