/** The settings of one authn-oidc service, where it takes ID tokens. */
import type { IssuerSettings } from '../../../ports/id-token-verifier.ts';
import type { ResourceId } from '../../ids.ts';
import { emptyVariable, itemsOf, settingsReader, variableOf } from '../service-settings.ts';

export interface OidcService {
  readonly issuer: IssuerSettings;
  /** The claim whose value names the role. */
  readonly idTokenUserProperty: string;
}

const names = {
  required: ['provider-uri', 'id-token-user-property'],
  optional: ['issuer', 'audience'],
  // Conjur's own policies declare it whether or not they set it.
  mayBeUnset: ['ca-cert'],
} as const;
type VariableName = (typeof names)[keyof typeof names][number];

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority
 * changes.
 *
 * `issuer` and `audience` hold one value or several, separated by commas or white space.
 *
 * @throws LatchkeyError `SERVICE_VARIABLE_MISSING`: a required variable is not in policy
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`: a variable other than `ca-cert` has no value
 */
export const oidcServiceOf = settingsReader<VariableName, OidcService>(names, ({ webservice, values }) =>
  toService(webservice, values),
);

function toService(webservice: ResourceId, values: ReadonlyMap<VariableName, string>): OidcService {
  const valueOf = (name: VariableName): string => {
    const value = values.get(name)?.trim();
    if (value === undefined || value === '') throw emptyVariable(variableOf(webservice, name));
    return value;
  };
  return {
    idTokenUserProperty: valueOf('id-token-user-property'),
    issuer: {
      providerUri: valueOf('provider-uri'),
      ...(values.has('ca-cert') ? { caCert: valueOf('ca-cert') } : {}),
      ...(values.has('issuer') ? { issuers: itemsOf(valueOf('issuer')) } : {}),
      ...(values.has('audience') ? { audiences: itemsOf(valueOf('audience')) } : {}),
    },
  };
}
