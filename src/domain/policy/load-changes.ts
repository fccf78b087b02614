/** From a plan to the records of one commit: rows, credentials, values and the policy's version. */
import { newApiKey, sealApiKey } from '../authn/api-key.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { rowChanges } from '../accounts/row-changes.ts';
import { resourceOf, roleOf, rootPolicyOf, type RecordKey, type ResourceId, type RoleId } from '../ids.ts';
import type { Change, ExpectedRevision, StoredRecord } from '../../ports/store.ts';
import {
  authenticatorKey,
  credentialKey,
  hostFactoryTokenKey,
  issuerKey,
  policyHeadKey,
  secretKey,
} from '../records/keys.ts';
import { decodeCredential, encodeCredential } from '../records/credentials.ts';
import {
  changesToAddVersion,
  changesToRemoveVersions,
  decodePolicyHead,
} from '../records/policy-versions.ts';
import { changesToAdd, changesToRemove, decodeSecretHead, secretSealName } from '../records/secrets.ts';
import type { ActorRequest } from '../request.ts';
import { Pace } from '../slices.ts';
import { editsOf } from './apply-plan.ts';
import type { CreatedRole, GivenPasswords, LoadRequest, LoadServices } from './load-request.ts';
import type { Plan } from './plan.ts';

export interface RecordedPlan {
  readonly changes: readonly Change[];
  /** Values that the commit removes or follows on from must not change meanwhile. */
  readonly expectRevisions: readonly ExpectedRevision[];
  readonly createdRoles: readonly CreatedRole[];
  readonly version: number;
}

/**
 * The changes of one commit, besides rows: later changes replace earlier ones, as what was removed may be
 * made anew by the same load.
 */
class ChangeSet {
  readonly #changes = new Map<RecordKey, Change>();
  readonly #expected = new Map<RecordKey, number>();

  add(...changes: readonly Change[]): void {
    for (const change of changes) this.#changes.set(change.key, change);
  }

  remove(key: RecordKey): void {
    this.#changes.set(key, { key, value: undefined });
  }

  expect(key: RecordKey, record: StoredRecord | undefined): void {
    this.#expected.set(key, record?.revision ?? 0);
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  get expectRevisions(): readonly ExpectedRevision[] {
    return [...this.#expected].map(([key, revision]) => ({ key, revision }));
  }
}

/** @throws LatchkeyError `SEALED_VALUE_INVALID`: a public key that is replaced does not open */
export async function recordChanges(
  services: LoadServices,
  request: ActorRequest,
  state: AccountState,
  plan: Plan,
  load: LoadRequest,
  passwords: GivenPasswords,
): Promise<RecordedPlan> {
  const set = new ChangeSet();
  const createdRoles = await addPlan(services, state, plan, set, passwords);
  const version = await writeVersion(services, request, state, plan, load, set);
  return { changes: set.changes, expectRevisions: set.expectRevisions, createdRoles, version };
}

/**
 * As {@link recordChanges}, for a change that is no load of a text: no version of a policy is kept.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`: a public key that is replaced does not open
 */
export async function planChanges(
  services: LoadServices,
  state: AccountState,
  plan: Plan,
): Promise<Omit<RecordedPlan, 'version'>> {
  const set = new ChangeSet();
  const createdRoles = await addPlan(services, state, plan, set);
  return { changes: set.changes, expectRevisions: set.expectRevisions, createdRoles };
}

async function addPlan(
  services: LoadServices,
  state: AccountState,
  plan: Plan,
  set: ChangeSet,
  passwords?: GivenPasswords,
): Promise<readonly CreatedRole[]> {
  set.add(...(await rowChanges(services, state, editsOf(plan), plan.removals.length + plan.puts.length)));
  for (const role of plan.rolesRemoved) set.remove(credentialKey(role));
  for (const resource of plan.resourcesRemoved) {
    if (state.graph.enabled(resource) !== undefined) set.remove(authenticatorKey(resource));
    for (const { hash } of state.graph.hostFactoryTokens.of(resource)) set.remove(hostFactoryTokenKey(hash));
    if (state.graph.issuers.get(resource) !== undefined) set.remove(issuerKey(resource));
  }
  await removeValues(services, state, plan, set);
  const createdRoles = await writeCredentials(services, state, plan, set, passwords);
  await writePublicKeys(services, state, plan, set);
  return createdRoles;
}

async function removeValues(
  services: LoadServices,
  state: AccountState,
  plan: Plan,
  set: ChangeSet,
): Promise<void> {
  const holders = plan.resourcesRemoved.filter((resource) =>
    /^[^:]*:(?:variable|public_key):/.test(resource),
  );
  for (const [resource, record] of await readAll(services, state, holders, secretKey)) {
    set.expect(secretKey(resource), record);
    if (record !== undefined) set.add(...changesToRemove(resource, decodeSecretHead(record.value)));
  }
  for (const [policy, record] of await readAll(services, state, plan.policiesRemoved, policyHeadKey)) {
    if (record !== undefined) set.add(...changesToRemoveVersions(policy, decodePolicyHead(record.value)));
  }
}

/**
 * New users and hosts get an API key; a changed restriction, and a password that is given, are
 * written beside the key that is there.
 */
async function writeCredentials(
  services: LoadServices,
  state: AccountState,
  plan: Plan,
  set: ChangeSet,
  passwords: GivenPasswords = noPasswords,
): Promise<readonly CreatedRole[]> {
  const updatedAt = services.clock.now();
  const restrictions = new Map(plan.restrictions.map(({ role, cidrs }) => [role, cidrs]));
  const created = new Set<RoleId>(plan.rolesCreated);
  const given = new Set<RoleId>(passwords.roles);
  const createdRoles: CreatedRole[] = [];
  const pace = new Pace();
  for (const role of created) {
    if (pace.due) await pace.pause();
    const apiKey = newApiKey();
    const value = encodeCredential({
      sealedApiKey: sealApiKey(services.keyring, role, apiKey),
      passwordHash: given.has(role) ? await passwords.hash(role, undefined) : undefined,
      restrictedTo: restrictions.get(role) ?? [],
      updatedAt,
    });
    set.add({ key: credentialKey(role), value });
    createdRoles.push({ role, apiKey });
  }
  const present = [...new Set([...restrictions.keys(), ...given])].filter((role) => !created.has(role));
  for (const [resource, record] of await readAll(services, state, present.map(resourceOf), (resource) =>
    credentialKey(roleOf(resource)),
  )) {
    const role = roleOf(resource);
    const credential = record === undefined ? noCredential : decodeCredential(record.value);
    const passwordHash = given.has(role)
      ? await passwords.hash(role, credential.passwordHash)
      : credential.passwordHash;
    const restrictedTo = restrictions.get(role) ?? credential.restrictedTo;
    if (passwordHash === credential.passwordHash && !restrictions.has(role)) continue;
    const value = encodeCredential({ ...credential, passwordHash, restrictedTo, updatedAt });
    set.add({ key: credentialKey(role), value });
  }
  return createdRoles;
}

const noPasswords: GivenPasswords = { roles: [], hash: () => Promise.resolve('') };
const noCredential = { sealedApiKey: undefined, passwordHash: undefined, restrictedTo: [] };

async function writePublicKeys(
  services: LoadServices,
  state: AccountState,
  plan: Plan,
  set: ChangeSet,
): Promise<void> {
  const removed = new Set(plan.resourcesRemoved);
  const values = new Map(plan.publicKeys.map(({ resource, value }) => [resource, Buffer.from(value)]));
  for (const [resource, record] of await readAll(services, state, [...values.keys()], secretKey)) {
    const value = values.get(resource) ?? Buffer.alloc(0);
    const head = record === undefined || removed.has(resource) ? undefined : decodeSecretHead(record.value);
    if (head !== undefined) {
      const newest = services.keyring.open(head.sealed, secretSealName(resource, head.version));
      if (value.equals(newest)) continue;
    }
    const sealed = services.keyring.seal(value, secretSealName(resource, (head?.version ?? 0) + 1));
    set.expect(secretKey(resource), record);
    set.add(...changesToAdd(resource, head, sealed, services.settings.secretVersions));
  }
}

async function writeVersion(
  services: LoadServices,
  request: ActorRequest,
  state: AccountState,
  plan: Plan,
  load: LoadRequest,
  set: ChangeSet,
): Promise<number> {
  const key = policyHeadKey(load.policy);
  const { records } = await services.authority.records(state.account, [key]);
  const head = records[0] === undefined ? undefined : decodePolicyHead(records[0].value);
  const version = (head?.version ?? 0) + 1;
  // A load may delete the very policy that it is loaded to; then there is nothing to keep a version of.
  if (plan.policiesRemoved.includes(load.policy) && load.policy !== rootPolicyOf(state.account))
    return version;
  const now = services.clock.now();
  const entry = {
    version,
    text: load.text,
    sha256: load.sha256,
    role: request.actor.role,
    clientIp: request.clientIp,
    createdAt: now,
    finishedAt: now,
  };
  set.add(...changesToAddVersion(load.policy, head, entry, services.settings.policyVersions, load.deflated));
  return version;
}

const chunkSize = 1_000;

/** Reads one record for each resource, some at a time. */
async function readAll(
  services: LoadServices,
  state: AccountState,
  resources: readonly ResourceId[],
  keyFor: (resource: ResourceId) => RecordKey,
): Promise<readonly (readonly [ResourceId, StoredRecord | undefined])[]> {
  const found: (readonly [ResourceId, StoredRecord | undefined])[] = [];
  for (let from = 0; from < resources.length; from += chunkSize) {
    const chunk = resources.slice(from, from + chunkSize);
    const { records } = await services.authority.records(state.account, chunk.map(keyFor));
    for (const [index, resource] of chunk.entries()) found.push([resource, records[index]]);
  }
  return found;
}
