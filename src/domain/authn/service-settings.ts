/** The settings of an authenticator: the values of the variables below its webservice. */
import type { AccountState } from '../accounts/account-state.ts';
import { Derived } from '../accounts/derived.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, toResourceId, type ResourceId } from '../ids.ts';
import { secretKey } from '../records/keys.ts';
import type { RequestContext } from '../request.ts';
import { openNewest } from '../secrets/open-recorded.ts';
import type { Services } from '../services.ts';
import { textOf } from '../utf8.ts';
import type { Epoch } from '../../ports/epoch.ts';

/** What reading the settings of an authenticator takes. */
export type SettingsServices = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock'>;

/** The variables of an authenticator. */
export interface SettingNames<Name extends string> {
  readonly required: readonly Name[];
  readonly optional: readonly Name[];
  /** Optional variables that count as not declared while they have no value. */
  readonly mayBeUnset?: readonly Name[];
}

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

/**
 * The name by which policy declares a variable: as it is, or like `redirect_uri` for `redirect-uri`.
 * @see Conjur: the variables of services that take authorization codes
 */
export function declaredName(state: AccountState, webservice: ResourceId, name: string): string | undefined {
  return [name, name.replaceAll('-', '_')].find((spelled) => declares(state, webservice, spelled));
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
 * @throws LatchkeyError `SERVICE_VARIABLE_MISSING`: a required variable is not in policy
 * @throws LatchkeyError `SERVICE_VARIABLE_EMPTY`: a variable has no value
 */
export async function readServiceSettings<Name extends string>(
  services: SettingsServices,
  request: RequestContext,
  state: AccountState,
  webservice: ResourceId,
  names: SettingNames<Name>,
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
    values.set(name, textOf(await openNewest(services, request, webservice, variable, record)));
  }
  return { values, epoch };
}

/** What the settings of one service are made of. */
export interface SettingsSource<Name extends string, Needs> {
  readonly services: SettingsServices & Needs;
  readonly state: AccountState;
  readonly webservice: ResourceId;
  readonly values: ReadonlyMap<Name, string>;
}

/**
 * Makes a function that reads the settings of a service as of the state's epoch, and keeps them until
 * authority changes. It throws what {@link readServiceSettings} and `toSettings` throw.
 * @param names the variables, or those of one service
 */
export function settingsReader<Name extends string, Settings, Needs = unknown>(
  names: SettingNames<Name> | ((state: AccountState, webservice: ResourceId) => SettingNames<Name>),
  toSettings: (source: SettingsSource<Name, Needs>) => Settings,
): (
  services: SettingsServices & Needs,
  request: RequestContext,
  state: AccountState,
  webservice: ResourceId,
) => Promise<Settings> {
  const known = new Derived<ResourceId, Settings>();
  return async (services, request, state, webservice) => {
    const kept = known.of(state, webservice);
    if (kept !== undefined) return kept;
    const wanted = typeof names === 'function' ? names(state, webservice) : names;
    const { values, epoch } = await readServiceSettings(services, request, state, webservice, wanted);
    const settings = toSettings({ services, state, webservice, values });
    known.keep(state, webservice, settings, epoch);
    return settings;
  };
}

/** The items of a list that is written with commas or white space between them. */
export function itemsOf(list: string): readonly string[] {
  return list.split(/[\s,]+/).filter(Boolean);
}

/** `SERVICE_VARIABLE_EMPTY`, in Conjur's words. */
export function emptyVariable(variable: ResourceId): LatchkeyError {
  return new LatchkeyError('SERVICE_VARIABLE_EMPTY', { detail: `Missing value for resource: ${variable}` });
}

function missing(variable: ResourceId): LatchkeyError {
  return new LatchkeyError('SERVICE_VARIABLE_MISSING', { detail: `Missing required resource: ${variable}` });
}
