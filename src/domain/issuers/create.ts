import type { AccountState } from '../accounts/account-state.ts';
import { LatchkeyError } from '../errors.ts';
import { roleOf, rootPolicyOf, toResourceId, type Account, type ResourceId } from '../ids.ts';
import { commitSmallPolicy, type SmallPolicy } from '../policy/commit-plan.ts';
import { atOnce } from '../slices.ts';
import { composedPolicy, composedRecord, nowhere } from '../policy/compose.ts';
import type { LoadServices } from '../policy/load-request.ts';
import { mergeRows } from '../policy/plan-merge.ts';
import { declaredRows, type DeclaredRows } from '../policy/plan-rows.ts';
import { planEdit, type Plan } from '../policy/plan.ts';
import { PlannedGraph } from '../policy/planned-graph.ts';
import { decide } from '../rbac/check.ts';
import { recordMissing } from '../record-missing.ts';
import type { IssuerRecord } from '../records/issuers.ts';
import type { ActorRequest } from '../request.ts';
import { auditedIssuers, recordRows } from './audited-issuers.ts';
import { variablesOf } from './dynamic-variables.ts';
import {
  basePolicyOf,
  forbidden,
  withAdministrator,
  issuerPolicyOf,
  requireOnBase,
  sealData,
  showIssuer,
  type Issuer,
} from './issuer.ts';
import { readNewIssuer, type IssuerBody, type NewIssuer } from './request.ts';

/** Every process keeps them in memory. */
const maxIssuers = 10_000;

interface Made {
  readonly record: IssuerRecord;
  readonly plan: Plan;
}

/**
 * Makes an issuer, and in the same commit its policy `conjur/issuers/ID` with the group
 * `delegation/consumers`, which may `read` and `use` it. The policy `conjur/issuers` is made along
 * where it is not there. The attempt is audited, and so is every row of policy that comes.
 *
 * @throws LatchkeyError `PRIVILEGE_MISSING`: no `create` on `conjur/issuers`, be it visible or not; or, where
 *   that is to be made, on the root policy
 * @throws LatchkeyError `ISSUER_FIELD_INVALID`, `ISSUER_DATA_INVALID`
 * @throws LatchkeyError `ISSUER_EXISTS`
 * @throws LatchkeyError `ISSUER_VARIABLES_EXIST`: variables name it already
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such account
 * @throws LatchkeyError `STORE_BUSY`
 * @see Conjur: POST /issuers/{account}
 */
export async function createIssuer(
  services: LoadServices,
  request: ActorRequest,
  account: Account,
  body: IssuerBody,
): Promise<Issuer> {
  const id = body.get('id');
  const act = { operation: 'add', issuer: typeof id === 'string' ? id : '' } as const;
  return auditedIssuers(services, request, account, act, async () => {
    const commit = commitSmallPolicy(services, request, account, (state) =>
      planIssuer(services, request, state, body),
    );
    const { record, plan } = await withAdministrator(account, commit);
    await recordRows(
      services,
      request,
      'add',
      plan.puts.map(({ row }) => row),
    );
    return showIssuer(services, request, account, record);
  });
}

function planIssuer(
  services: LoadServices,
  request: ActorRequest,
  state: AccountState,
  body: IssuerBody,
): SmallPolicy<Made> {
  const { account, graph } = state;
  const now = services.clock.now();
  const base = graph.hasResource(basePolicyOf(account)) ? undefined : baseRows(state, now);
  if (base === undefined) requireOnBase(state, request, 'create', forbidden);
  else requireOnRoot(state, request, base);
  const wanted = readNewIssuer(body);
  const policy = issuerPolicyOf(account, wanted.id);
  // The longest account name leaves room for the longest id of an issuer.
  if (policy === undefined) throw new LatchkeyError('ISSUER_FIELD_INVALID');
  requireNew(state, wanted, policy);
  const plan = planEdit(graph, (draft) => {
    if (base !== undefined) mergeRows(draft, base, false);
    mergeRows(draft, issuerRows(state, policy, now), false);
  });
  const record: IssuerRecord = {
    policy,
    type: wanted.type,
    maxTtlSeconds: wanted.maxTtlSeconds,
    sealedData: sealData(services, account, wanted.id, wanted.data),
    createdAt: now,
    modifiedAt: now,
  };
  return { plan, issuers: [record], result: { record, plan } };
}

/** As loading `- !policy conjur/issuers` to the root would define it. */
function baseRows({ account, graph }: AccountState, now: number): DeclaredRows {
  const root = rootPolicyOf(account);
  const owner = graph.resource(root)?.owner ?? roleOf(root);
  const definitions = [composedRecord('policy', basePolicyOf(account), owner)];
  return atOnce(declaredRows(composedPolicy(account, root, { definitions }), now));
}

/** Whoever may load to the root and will hold what that makes. */
function requireOnRoot({ account, graph }: AccountState, { actor }: ActorRequest, base: DeclaredRows): void {
  const root = rootPolicyOf(account);
  if (!decide(graph, actor.role, 'create', root).allowed) {
    throw new LatchkeyError('PRIVILEGE_MISSING', { subject: root });
  }
  const planned = planEdit(graph, (draft) => {
    mergeRows(draft, base, false);
  });
  if (new PlannedGraph(graph, planned).visibleTo(actor.role)(basePolicyOf(account))) return;
  throw forbidden(recordMissing(basePolicyOf(account)));
}

function requireNew({ account, graph }: AccountState, { id }: NewIssuer, policy: ResourceId): void {
  if (graph.issuers.get(policy) !== undefined) {
    throw new LatchkeyError('ISSUER_EXISTS', { subject: id, detail: `issuer "${id}" already exists` });
  }
  if (variablesOf(graph, account, id).length > 0) throw new LatchkeyError('ISSUER_VARIABLES_EXIST');
  if (graph.issuers.count >= maxIssuers) {
    throw new LatchkeyError('ISSUER_DATA_INVALID', { detail: `There are ${maxIssuers} issuers already` });
  }
}

function issuerRows({ account }: AccountState, policy: ResourceId, now: number): DeclaredRows {
  const identifier = policy.slice(`${account}:policy:`.length);
  const delegation = toResourceId(account, 'policy', `${identifier}/delegation`);
  const consumers = toResourceId(account, 'group', `${identifier}/delegation/consumers`);
  const base = basePolicyOf(account);
  const definitions = [
    composedRecord('policy', policy, roleOf(base)),
    composedRecord('policy', delegation, roleOf(policy)),
    composedRecord('group', consumers, roleOf(delegation)),
  ];
  const permits = ['read', 'use'].map((privilege) => ({
    role: roleOf(consumers),
    privilege,
    resource: policy,
    at: nowhere,
  }));
  return atOnce(declaredRows(composedPolicy(account, base, { definitions, permits }), now));
}
