import type { AccountState } from '../accounts/account-state.ts';
import { inAccount } from '../accounts/in-account.ts';
import { LatchkeyError } from '../errors.ts';
import {
  isIdText,
  roleOf,
  storedResourceId,
  toResourceId,
  toRoleId,
  type Account,
  type ResourceId,
  type RoleId,
} from '../ids.ts';
import { commitSmallPolicy, type SmallPolicy } from '../policy/commit-plan.ts';
import { composedPolicy, composedRecord, nowhere } from '../policy/compose.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { planLoad } from '../policy/plan.ts';
import type { Definition, PermissionEntry } from '../policy/statements.ts';
import { decide, visible } from '../rbac/check.ts';
import type { ActorRequest } from '../request.ts';
import type { JsonObject } from './fields.ts';
import { identifierOf, isOnlyOne } from './kinds.ts';
import { readNewAuthenticator, type NewAuthenticator } from './request.ts';
import { showMadeAuthenticator, type ShownAuthenticator } from './show.ts';

/**
 * Makes an authenticator in one commit: its policy with the webservice and its status, the groups
 * `operators` and `apps` with their privileges, a variable with its value for each setting, and
 * whether it is enabled.
 *
 * @param body the request: `type`, `name`, `enabled`, `owner`, `data`, `annotations`
 * @throws LatchkeyError those of `readNewAuthenticator`
 * @throws LatchkeyError `AUTHENTICATOR_NOT_FOUND`: the policy of its kind, or the owner, is missing or
 *   invisible to the role
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `create` on the policy of its kind
 * @throws LatchkeyError `AUTHENTICATOR_EXISTS`: it, or a part of it, is there
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: POST /authenticators/{account}
 */
export async function createAuthenticator(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  body: JsonObject,
): Promise<ShownAuthenticator> {
  const wanted = readNewAuthenticator(account, body);
  const branch = toResourceId(account, 'policy', `conjur/${wanted.managed.kind}`);
  const commit = commitSmallPolicy(services, request, account, (state) => {
    requireCreate(state, request, branch);
    const owner = ownerFor(state, request, wanted, branch);
    return planAuthenticator(state, wanted, branch, owner, services.clock.now());
  });
  await inAccount(commit, () => {
    throw missing(account, branch);
  });
  return showMadeAuthenticator(services, request, account, wanted);
}

function missing(account: string, id: string): LatchkeyError {
  return new LatchkeyError('AUTHENTICATOR_NOT_FOUND', { detail: `${id} not found in account ${account}` });
}

function requireCreate({ account, graph }: AccountState, { actor }: ActorRequest, branch: ResourceId): void {
  const decision = decide(graph, actor.role, 'create', branch);
  if (decision.allowed) return;
  if (decision.reason !== 'privilege_missing') throw missing(account, branch);
  throw new LatchkeyError('PRIVILEGE_MISSING', { subject: branch });
}

function ownerFor(
  { account, graph }: AccountState,
  { actor }: ActorRequest,
  { owner }: NewAuthenticator,
  branch: ResourceId,
): RoleId {
  if (owner === undefined) return roleOf(branch);
  const { kind, id } = owner;
  if (!isIdText(account, kind, id)) throw missing(account, `${account}:${kind}:${id}`);
  const resource = toResourceId(account, kind, id);
  const found = visible(graph, actor.role, resource) && graph.hasRole(roleOf(resource));
  if (!found) throw missing(account, resource);
  return roleOf(resource);
}

function planAuthenticator(
  { account, graph }: AccountState,
  wanted: NewAuthenticator,
  branch: ResourceId,
  owner: RoleId,
  now: number,
): SmallPolicy<undefined> {
  const identifier = identifierOf(wanted);
  const policy = toRoleId(account, 'policy', identifier);
  const operators = toResourceId(account, 'group', `${identifier}/operators`);
  const apps = toResourceId(account, 'group', `${identifier}/apps`);
  const webservice = toResourceId(account, 'webservice', identifier);
  const status = toResourceId(account, 'webservice', `${identifier}/status`);
  const values = new Map(
    [...wanted.variables].map(([name, value]) => [
      toResourceId(account, 'variable', `${identifier}/${name}`),
      value,
    ]),
  );
  const definitions: Definition[] = [
    ...(isOnlyOne(wanted.managed)
      ? []
      : [composedRecord('policy', toResourceId(account, 'policy', identifier), owner)]),
    composedRecord('group', operators, policy),
    composedRecord('group', apps, policy),
    composedRecord('webservice', webservice, policy, wanted.annotations),
    composedRecord('webservice', status, policy),
    ...[...values.keys()].map((variable) => composedRecord('variable', variable, policy)),
  ];
  const ids = definitions.map(({ id }) => storedResourceId(id));
  if (ids.some((id) => graph.hasResource(id))) throw new LatchkeyError('AUTHENTICATOR_EXISTS');
  const permits = [
    permit(operators, 'read', webservice),
    permit(apps, 'read', webservice),
    permit(apps, 'authenticate', webservice),
    permit(operators, 'read', status),
  ];
  return {
    plan: planLoad(graph, composedPolicy(account, branch, { definitions, permits }), 'create', now),
    values: new Map(
      [...values].filter(([, value]) => value !== '').map(([id, value]) => [id, Buffer.from(value)]),
    ),
    enabled: new Map([[webservice, wanted.enabled]]),
    result: undefined,
  };
}

function permit(group: ResourceId, privilege: string, resource: ResourceId): PermissionEntry {
  return { role: roleOf(group), privilege, resource, at: nowhere };
}
