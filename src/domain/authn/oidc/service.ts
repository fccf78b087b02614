/** The settings of one authn-oidc service, where it takes ID tokens. */
import type { IssuerSettings } from '../../../ports/id-token-verifier.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { Derived } from '../../accounts/derived.ts';
import type { ResourceId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import {
  emptyVariable,
  readServiceSettings,
  variableOf,
  type SettingsServices,
} from '../service-settings.ts';

export interface OidcService {
  readonly issuer: IssuerSettings;
  /** The claim whose value names the role. */
  readonly idTokenUserProperty: string;
}

const names = {
  required: ['provider-uri', 'id-token-user-property'],
  optional: ['ca-cert', 'issuer', 'audience'],
} as const;
type VariableName = (typeof names.required)[number] | (typeof names.optional)[number];

const known = new Derived<ResourceId, OidcService>();

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority
 * changes.
 *
 * `issuer` and `audience` hold one value or several, separated by commas or white space.
 *
 * @throws LatchkeyError `SERVICE_VARIABLE_MISSING`: a required variable is not in policy
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`: a variable has no value
 */
export async function oidcServiceOf(
  services: SettingsServices,
  request: RequestContext,
  state: AccountState,
  webservice: ResourceId,
): Promise<OidcService> {
  const kept = known.of(state, webservice);
  if (kept !== undefined) return kept;
  const { values, epoch } = await readServiceSettings<VariableName>(
    services,
    request,
    state,
    webservice,
    names,
  );
  const service = toService(webservice, values);
  known.keep(state, webservice, service, epoch);
  return service;
}

function toService(webservice: ResourceId, values: ReadonlyMap<VariableName, string>): OidcService {
  const valueOf = (name: VariableName): string => {
    const value = values.get(name)?.trim();
    if (value === undefined || value === '') throw emptyVariable(variableOf(webservice, name));
    return value;
  };
  const listOf = (name: VariableName): readonly string[] =>
    valueOf(name)
      .split(/[\s,]+/)
      .filter(Boolean);
  return {
    idTokenUserProperty: valueOf('id-token-user-property'),
    issuer: {
      providerUri: valueOf('provider-uri'),
      ...(values.has('ca-cert') ? { caCert: valueOf('ca-cert') } : {}),
      ...(values.has('issuer') ? { issuers: listOf('issuer') } : {}),
      ...(values.has('audience') ? { audiences: listOf('audience') } : {}),
    },
  };
}
