/** The settings of one authn-oidc service, where it takes authorization codes. */
import type { CodeClient } from '../../../ports/code-exchange.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { Derived } from '../../accounts/derived.ts';
import { partsOf, type ResourceId } from '../../ids.ts';
import type { RequestContext } from '../../request.ts';
import {
  declares,
  emptyVariable,
  readServiceSettings,
  variableOf,
  type SettingsServices,
} from '../service-settings.ts';
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

const known = new Derived<ResourceId, CodeService>();

/** Whether policy means a service to take authorization codes. */
export function takesCodes(state: AccountState, webservice: ResourceId): boolean {
  return declares(state, webservice, 'client-id');
}

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority changes.
 *
 * @throws LatchkeyError `SERVICE_VARIABLE_MISSING`: a required variable is not in policy
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`: a required variable has no value
 */
export async function codeServiceOf(
  services: SettingsServices,
  request: RequestContext,
  state: AccountState,
  webservice: ResourceId,
): Promise<CodeService> {
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

function toService(webservice: ResourceId, values: ReadonlyMap<VariableName, string>): CodeService {
  const given = (name: VariableName): string | undefined => {
    const value = values.get(name)?.trim();
    return value === '' ? undefined : value;
  };
  const valueOf = (name: VariableName): string => {
    const value = given(name);
    if (value === undefined) throw emptyVariable(variableOf(webservice, name));
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
      clientSecret: values.get('client-secret') ?? valueOf('client-secret'),
      ...(redirectUri === undefined ? {} : { redirectUri }),
    },
    claimMapping: valueOf('claim-mapping'),
    scope: [...new Set([...standardScopes, ...listOf(given('provider-scope') ?? '')])].join(' '),
    responseType: given('response-type') ?? 'code',
    name: given('name') ?? titleOf(serviceId),
    tokenTtl: given('token-ttl'),
  };
}

function listOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}
