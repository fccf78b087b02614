/** The settings of one authn-oidc service, where it takes authorization codes. */
import type { CodeClient } from '../../../ports/code-exchange.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { partsOf, type ResourceId } from '../../ids.ts';
import { declaredName, emptyVariable, itemsOf, settingsReader, variableOf } from '../service-settings.ts';
import { titleOf } from './title.ts';

export interface CodeService {
  readonly client: CodeClient;
  /** The claim whose value names the user. */
  readonly claimMapping: string;
  /** Separated by blanks. */
  readonly scope: string;
  readonly responseType: string;
  /** What people call it. */
  readonly name: string;
  /** How long access tokens live, as it was written; see `readTokenTtl`. */
  readonly tokenTtl: string | undefined;
}

const names = {
  required: ['provider-uri', 'client-id', 'client-secret', 'claim-mapping'],
  optional: [],
  // Policies for Conjur declare these whether or not they set them.
  mayBeUnset: ['redirect-uri', 'response-type', 'provider-scope', 'name', 'token-ttl', 'ca-cert'],
} as const;
type VariableName = (typeof names)[keyof typeof names][number];

const standardScopes = ['openid', 'email', 'profile'];

/** Whether policy means a service to take authorization codes. */
export function takesCodes(state: AccountState, webservice: ResourceId): boolean {
  return declaredName(state, webservice, 'client-id') !== undefined;
}

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority changes.
 *
 * @throws LatchkeyError `SERVICE_VARIABLE_MISSING`: a required variable is not in policy
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`: a required variable has no value
 */
export const codeServiceOf = settingsReader<string, CodeService>(
  (state, webservice) => {
    const spelled = spelling(state, webservice);
    return {
      required: names.required.map(spelled),
      optional: names.optional.map(spelled),
      mayBeUnset: names.mayBeUnset.map(spelled),
    };
  },
  ({ state, webservice, values }) => toService(webservice, spelling(state, webservice), values),
);

/** How policy spells each name. */
function spelling(state: AccountState, webservice: ResourceId): (name: VariableName) => string {
  return (name) => declaredName(state, webservice, name) ?? name;
}

function toService(
  webservice: ResourceId,
  spelled: (name: VariableName) => string,
  values: ReadonlyMap<string, string>,
): CodeService {
  const given = (name: VariableName): string | undefined => {
    const value = values.get(spelled(name))?.trim();
    return value === '' ? undefined : value;
  };
  const valueOf = (name: VariableName): string => {
    const value = given(name);
    if (value === undefined) throw emptyVariable(variableOf(webservice, spelled(name)));
    return value;
  };
  const caCert = given('ca-cert');
  const redirectUri = given('redirect-uri');
  const clientId = valueOf('client-id');
  const serviceId = partsOf(webservice).identifier.split('/').at(-1) ?? '';
  return {
    client: {
      issuer: { providerUri: valueOf('provider-uri'), ...(caCert === undefined ? {} : { caCert }) },
      clientId,
      // Not trimmed: a secret is what it is.
      clientSecret: values.get(spelled('client-secret')) ?? valueOf('client-secret'),
      ...(redirectUri === undefined ? {} : { redirectUri }),
    },
    claimMapping: valueOf('claim-mapping'),
    scope: [...new Set([...standardScopes, ...itemsOf(given('provider-scope') ?? '')])].join(' '),
    responseType: given('response-type') ?? 'code',
    name: given('name') ?? titleOf(serviceId),
    tokenTtl: given('token-ttl'),
  };
}
