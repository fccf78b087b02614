/** The settings of one authn-oidc service: the variables of its policy. */
import { LatchkeyError } from '../../errors.ts';
import { partsOf, toResourceId, type ResourceId } from '../../ids.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import type { IssuerSettings } from '../../../ports/id-token-verifier.ts';
import { secretKey } from '../../records/keys.ts';
import { newestOf, secretSealName } from '../../records/secrets.ts';
import type { RequestContext } from '../../request.ts';
import { openRecorded } from '../../secrets/open-recorded.ts';
import type { Services } from '../../services.ts';

export interface OidcService {
  readonly issuer: IssuerSettings;
  /** The claim whose value names the role. */
  readonly idTokenUserProperty: string;
}

const required = ['provider-uri', 'id-token-user-property'] as const;
const optional = ['ca-cert', 'issuer', 'audience'] as const;
type VariableName = (typeof required)[number] | (typeof optional)[number];

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority
 * changes. A variable that policy declares must have a value: an `audience` that was declared
 * and not set must not mean "any audience".
 *
 * `issuer` and `audience` hold one value or several, separated by commas or white space.
 *
 * @throws LatchkeyError `SERVICE_VARIABLE_MISSING`: a required variable is not in policy
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`: a variable has no value
 */
export async function oidcServiceOf(
  services: Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock'>,
  request: RequestContext,
  state: AccountState,
  webservice: ResourceId,
): Promise<OidcService> {
  const known = state.derived(webservice);
  if (isOidcService(known)) return known;
  const variables = declaredVariables(state, webservice);
  const names = [...variables.keys()];
  const keys = names.map((name) => secretKey(variableOf(webservice, name)));
  const { epoch, records } = await services.authority.records(state.account, keys);
  const values = new Map<VariableName, string>();
  for (const [index, name] of names.entries()) {
    const variable = variableOf(webservice, name);
    const record = records[index];
    if (record === undefined) throw emptyVariable(variable);
    const { version, sealed } = newestOf(record.value);
    const value = await openRecorded(
      services,
      request,
      webservice,
      sealed,
      secretSealName(variable, version),
    );
    values.set(name, Buffer.from(value).toString().trim());
  }
  const service = toService(webservice, values);
  state.keepDerived(webservice, service, epoch);
  return service;
}

function declaredVariables(state: AccountState, webservice: ResourceId): ReadonlySet<VariableName> {
  const declared = new Set<VariableName>();
  for (const name of [...required, ...optional]) {
    const variable = variableOf(webservice, name);
    if (state.graph.hasResource(variable)) declared.add(name);
    else if ((required as readonly string[]).includes(name)) {
      throw new LatchkeyError('SERVICE_VARIABLE_MISSING', {
        detail: `Missing required resource: ${variable}`,
      });
    }
  }
  return declared;
}

function toService(webservice: ResourceId, values: ReadonlyMap<VariableName, string>): OidcService {
  const valueOf = (name: VariableName): string => {
    const value = values.get(name);
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

function variableOf(webservice: ResourceId, name: VariableName): ResourceId {
  const { account, identifier } = partsOf(webservice);
  return toResourceId(account, 'variable', `${identifier}/${name}`);
}

function emptyVariable(variable: ResourceId): LatchkeyError {
  return new LatchkeyError('SERVICE_VARIABLE_EMPTY', { detail: `Missing value for resource: ${variable}` });
}

function isOidcService(value: unknown): value is OidcService {
  return typeof value === 'object' && value !== null && 'idTokenUserProperty' in value;
}
