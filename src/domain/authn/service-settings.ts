/** The settings of an authenticator: the values of the variables below its webservice. */
import type { AccountState } from '../accounts/account-state.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, toResourceId, type ResourceId } from '../ids.ts';
import { secretKey } from '../records/keys.ts';
import { newestOf, secretSealName } from '../records/secrets.ts';
import type { RequestContext } from '../request.ts';
import { openRecorded } from '../secrets/open-recorded.ts';
import type { Services } from '../services.ts';
import type { Epoch } from '../../ports/store.ts';

/** What reading the settings of an authenticator takes. */
export type SettingsServices = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock'>;

/** Values by the names of their variables, below the webservice: `provider-uri`, `ca/key`. */
export interface ServiceSettings<Name extends string> {
  readonly values: ReadonlyMap<Name, string>;
  /** The epoch at which they were read. */
  readonly epoch: Epoch;
}

/** Whether policy declares a variable of an authenticator, with or without a value. */
export function declares(state: AccountState, webservice: ResourceId, name: string): boolean {
  return state.graph.hasResource(variableOf(webservice, name));
}

/** The variable of an authenticator: `acct:variable:conjur/authn-oidc/okta/provider-uri`. */
export function variableOf(webservice: ResourceId, name: string): ResourceId {
  const { account, identifier } = partsOf(webservice);
  return toResourceId(account, 'variable', `${identifier}/${name}`);
}

/**
 * Reads those of the named variables that policy declares. What is declared must have a value: an
 * `audience` that was declared and not set must not mean "any audience".
 *
 * @param names.mayBeUnset optional variables that count as not declared while they have no value
 * @throws LatchkeyError `SERVICE_VARIABLE_MISSING`: a required variable is not in policy
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`: a variable has no value
 */
export async function readServiceSettings<Name extends string>(
  services: SettingsServices,
  request: RequestContext,
  state: AccountState,
  webservice: ResourceId,
  names: {
    readonly required: readonly Name[];
    readonly optional: readonly Name[];
    readonly mayBeUnset?: readonly Name[];
  },
): Promise<ServiceSettings<Name>> {
  for (const name of names.required) {
    if (!declares(state, webservice, name)) throw missing(variableOf(webservice, name));
  }
  const mayBeUnset = names.mayBeUnset ?? [];
  const optional = [...names.optional, ...mayBeUnset].filter((name) => declares(state, webservice, name));
  const declared = [...names.required, ...optional];
  const keys = declared.map((name) => secretKey(variableOf(webservice, name)));
  const { epoch, records } = await services.authority.records(state.account, keys);
  const values = new Map<Name, string>();
  for (const [index, name] of declared.entries()) {
    const variable = variableOf(webservice, name);
    const record = records[index];
    if (record === undefined && mayBeUnset.includes(name)) continue;
    if (record === undefined) throw emptyVariable(variable);
    const { version, sealed } = newestOf(record.value);
    const sealName = secretSealName(variable, version);
    const value = await openRecorded(services, request, webservice, sealed, sealName);
    values.set(name, Buffer.from(value).toString());
  }
  return { values, epoch };
}

/** `SERVICE_VARIABLE_EMPTY`, in Conjur's words. */
export function emptyVariable(variable: ResourceId): LatchkeyError {
  return new LatchkeyError('SERVICE_VARIABLE_EMPTY', { detail: `Missing value for resource: ${variable}` });
}

function missing(variable: ResourceId): LatchkeyError {
  return new LatchkeyError('SERVICE_VARIABLE_MISSING', { detail: `Missing required resource: ${variable}` });
}
