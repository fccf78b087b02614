import { actorView } from '../actor-view.ts';
import type { AccountState } from '../accounts/account-state.ts';
import type { AccountView } from '../accounts/authority.ts';
import { compareIds } from '../collation.ts';
import { inAccount } from '../accounts/in-account.ts';
import { LatchkeyError } from '../errors.ts';
import { isIdText, partsOf, toResourceId, type Account, type ResourceId } from '../ids.ts';
import { partOn, type Page } from '../paging.ts';
import { visible } from '../rbac/check.ts';
import { secretKey } from '../records/keys.ts';
import type { ActorRequest } from '../request.ts';
import type { Services } from '../services.ts';
import { identifierOf, kindOfType, nameOfWebservice, webserviceNamed, type ManagedName } from './kinds.ts';
import { mayRead, shownData, type SettingValues } from './settings.ts';
import { openNewest } from '../secrets/open-recorded.ts';
import { textOf } from '../utf8.ts';

export type ShowServices = Pick<Services, 'authority' | 'keyring' | 'audit' | 'clock'>;

/** An authenticator as the versioned API shows it. */
export interface ShownAuthenticator {
  /** For example `jwt`. */
  readonly type: string;
  /** The policy of its kind, for example `conjur/authn-jwt`. */
  readonly branch: string;
  readonly name: string;
  /** Whether it was enabled over the API; configuration is not looked at. */
  readonly enabled: boolean;
  /** Of its webservice. */
  readonly owner: { readonly id: string; readonly kind: string };
  /** Its settings, by their fields; undefined for a kind without any. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Of its webservice; undefined when it has none. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface AuthenticatorList {
  readonly authenticators: readonly ShownAuthenticator[];
  /** On all pages. */
  readonly count: number;
}

/**
 * Shows one authenticator.
 * @throws LatchkeyError `AUTHENTICATOR_NOT_FOUND`: missing, or its webservice is invisible to the role
 * @throws LatchkeyError `SEALED_VALUE_INVALID`: a stored setting was altered or moved
 * @see Conjur: GET /authenticators/{account}/{type}/{name}
 */
export async function showAuthenticator(
  services: ShowServices,
  request: ActorRequest,
  account: Account,
  type: string,
  name: string,
): Promise<ShownAuthenticator> {
  return showOne(services, request, account, name, (state) => findAuthenticator(state, request, type, name));
}

/**
 * Shows an authenticator to whoever just made it: that takes no privilege on its webservice.
 * @throws LatchkeyError `AUTHENTICATOR_NOT_FOUND`: it was removed meanwhile
 */
export async function showMadeAuthenticator(
  services: ShowServices,
  request: ActorRequest,
  account: Account,
  named: ManagedName,
): Promise<ShownAuthenticator> {
  return showOne(services, request, account, named.name, ({ graph }) => {
    const webservice = webserviceNamed(account, named);
    return webservice !== undefined && graph.hasResource(webservice) ? webservice : undefined;
  });
}

async function showOne(
  services: ShowServices,
  request: ActorRequest,
  account: Account,
  name: string,
  find: (state: AccountState) => ResourceId | undefined,
): Promise<ShownAuthenticator> {
  const { authenticators } = await showChosen(services, request, account, (state) => {
    const webservice = find(state);
    return webservice === undefined ? { page: [], count: 0 } : { page: [webservice], count: 1 };
  });
  const [shown] = authenticators;
  if (shown === undefined) throw authenticatorMissing(account, name);
  return shown;
}

/**
 * The authenticators that the role may know of, by their ids. An unknown type has none, and so has
 * an account that does not exist.
 * @param page what is shown; all are counted
 * @see Conjur: GET /authenticators/{account}
 */
export async function listAuthenticators(
  services: ShowServices,
  request: ActorRequest,
  account: Account,
  type: string | undefined,
  page: Page,
): Promise<AuthenticatorList> {
  const wanted = type === undefined ? undefined : kindOfType(type);
  if (type !== undefined && wanted === undefined) return { authenticators: [], count: 0 };
  return showChosen(services, request, account, ({ graph }) => {
    const all = graph
      .visibleTo(request.actor.role)
      .filter((resource) => {
        const named = nameOfWebservice(resource);
        return named !== undefined && (wanted === undefined || named.managed === wanted);
      })
      .sort(compareIds);
    return { page: partOn(all, page), count: all.length };
  });
}

/** The webservice of an authenticator that the role may know of. */
export function findAuthenticator(
  { account, graph }: AccountState,
  { actor }: ActorRequest,
  type: string,
  name: string,
): ResourceId | undefined {
  const managed = kindOfType(type);
  const webservice = managed === undefined ? undefined : webserviceNamed(account, { managed, name });
  return webservice !== undefined && visible(graph, actor.role, webservice) ? webservice : undefined;
}

/** `AUTHENTICATOR_NOT_FOUND`, by the name or id that Conjur's messages give at this place. */
export function authenticatorMissing(account: string, name: string): LatchkeyError {
  return new LatchkeyError('AUTHENTICATOR_NOT_FOUND', {
    detail: `Authenticator: ${name} not found in account '${account}'`,
  });
}

interface Chosen {
  readonly page: readonly ResourceId[];
  readonly count: number;
}

const maxAttempts = 5;

/**
 * Which values are needed is known only from the account's state. So it is guessed from the state
 * in memory, and the guess holds unless the account changed: one read of the store in most cases.
 */
async function showChosen(
  services: ShowServices,
  request: ActorRequest,
  account: Account,
  choose: (state: AccountState) => Chosen,
): Promise<AuthenticatorList> {
  let guess = await services.authority.recent(account);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const variables = guess === undefined ? [] : readableVariables(guess, request, choose(guess).page);
    const reading = actorView(services, request.actor, account, variables.map(secretKey));
    const view = await inAccount(reading, () => undefined);
    if (view === undefined) return { authenticators: [], count: 0 };
    const { page, count } = choose(view.state);
    const known = new Set(variables);
    const missing = readableVariables(view.state, request, page).some((variable) => !known.has(variable));
    if (!missing) {
      const values = await openValues(services, request, variables, view);
      return { authenticators: page.map((webservice) => present(view, request, webservice, values)), count };
    }
    guess = view.state;
  }
  throw new LatchkeyError('STORE_BUSY');
}

/** The variables whose values the caller is shown. */
function readableVariables(
  state: AccountState,
  { actor }: ActorRequest,
  webservices: readonly ResourceId[],
): readonly ResourceId[] {
  const variables: ResourceId[] = [];
  for (const webservice of webservices) {
    const named = nameOfWebservice(webservice);
    for (const setting of named?.managed.settings ?? []) {
      const variable = variableOf(state, named, setting.variable);
      if (variable !== undefined && mayRead(state, actor, setting, variable)) variables.push(variable);
    }
  }
  return variables;
}

function variableOf(
  { account, graph }: AccountState,
  named: ManagedName | undefined,
  variable: string,
): ResourceId | undefined {
  if (named === undefined) return undefined;
  const identifier = `${identifierOf(named)}/${variable}`;
  if (!isIdText(account, 'variable', identifier)) return undefined;
  const resource = toResourceId(account, 'variable', identifier);
  return graph.hasResource(resource) ? resource : undefined;
}

async function openValues(
  services: ShowServices,
  request: ActorRequest,
  variables: readonly ResourceId[],
  { records }: AccountView,
): Promise<ReadonlyMap<ResourceId, string>> {
  const values = new Map<ResourceId, string>();
  for (const [index, variable] of variables.entries()) {
    const record = records[index];
    if (record === undefined) continue;
    values.set(variable, textOf(await openNewest(services, request, request.actor.role, variable, record)));
  }
  return values;
}

function present(
  { state }: AccountView,
  { actor }: ActorRequest,
  webservice: ResourceId,
  opened: ReadonlyMap<ResourceId, string>,
): ShownAuthenticator {
  const { graph } = state;
  const named = nameOfWebservice(webservice);
  const owner = graph.resource(webservice)?.owner;
  const { kind = '', identifier = '' } = owner === undefined ? {} : partsOf(owner);
  const values: SettingValues = (setting) => {
    const variable = variableOf(state, named, setting.variable);
    if (variable === undefined) return undefined;
    if (!mayRead(state, actor, setting, variable)) return 'masked';
    return { text: opened.get(variable) ?? '' };
  };
  const { managed, name } = named ?? { managed: undefined, name: '' };
  const annotations = graph.annotationsOf(webservice);
  return {
    type: managed?.type ?? '',
    branch: `conjur/${managed?.kind ?? ''}`,
    name,
    enabled: graph.enabled(webservice) === true,
    owner: { id: identifier, kind },
    ...(managed?.settings === undefined ? {} : { data: shownData(managed.settings, values) }),
    ...(annotations.length === 0
      ? {}
      : { annotations: Object.fromEntries(annotations.map((row) => [row.name, row.value])) }),
  };
}
