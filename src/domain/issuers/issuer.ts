/** Issuers: what makes credentials for a short time on demand, and the longest time that they may live. */
import { textOf } from '../utf8.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { actorView } from '../actor-view.ts';
import { inAccount } from '../accounts/in-account.ts';
import { LatchkeyError } from '../errors.ts';
import { adminOf, isIdText, partsOf, toResourceId, type Account, type ResourceId } from '../ids.ts';
import { decide } from '../rbac/check.ts';
import { recordMissing } from '../record-missing.ts';
import { issuerSealName, type IssuerRecord } from '../records/issuers.ts';
import type { ActorRequest } from '../request.ts';
import { openRecorded } from '../secrets/open-recorded.ts';
import type { Services } from '../services.ts';

/** An issuer as it is shown to those who may see it. */
export interface Issuer {
  readonly id: string;
  readonly account: Account;
  readonly maxTtlSeconds: number;
  readonly type: string;
  /** By field; what is secret is masked. */
  readonly data: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

const baseIdentifier = 'conjur/issuers';
const mask = '*****';
const secretFields: ReadonlySet<string> = new Set(['secret_access_key']);

/** The policy that all issuers stand in. */
export function basePolicyOf(account: Account): ResourceId {
  return toResourceId(account, 'policy', baseIdentifier);
}

/** The policy of one issuer; undefined for an id that none can have. */
export function issuerPolicyOf(account: Account, id: string): ResourceId | undefined {
  const identifier = `${baseIdentifier}/${id}`;
  return isIdText(account, 'policy', identifier) ? toResourceId(account, 'policy', identifier) : undefined;
}

/** `acct:issuer:ID`, as records and messages name it. */
export function fullIdOf({ policy }: IssuerRecord): string {
  return `${partsOf(policy).account}:issuer:${idOf(policy)}`;
}

function idOf(policy: ResourceId): string {
  return partsOf(policy).identifier.slice(baseIdentifier.length + 1);
}

/**
 * Requires a privilege on the policy that all issuers stand in.
 * @param unseen the refusal of who may not know of that policy, given why
 * @throws LatchkeyError `PRIVILEGE_MISSING`: visible, but the role lacks the privilege
 */
export function requireOnBase(
  { account, graph }: AccountState,
  { actor }: ActorRequest,
  privilege: 'create' | 'update',
  unseen: (missing: LatchkeyError) => LatchkeyError,
): void {
  const base = basePolicyOf(account);
  const decision = decide(graph, actor.role, privilege, base);
  if (decision.allowed) return;
  if (decision.reason === 'privilege_missing')
    throw new LatchkeyError('PRIVILEGE_MISSING', { subject: base });
  throw unseen(recordMissing(base));
}

/** To those who may not know of the policy of all issuers, some acts are forbidden instead of missing. */
export function forbidden(missing: LatchkeyError): LatchkeyError {
  return new LatchkeyError('PRIVILEGE_MISSING', { cause: missing });
}

/** @param cause why, where the caller is not to know */
export function issuerMissing(id: string, cause?: LatchkeyError): LatchkeyError {
  return new LatchkeyError('ISSUER_NOT_FOUND', { subject: id, ...(cause === undefined ? {} : { cause }) });
}

/** @throws LatchkeyError `ISSUER_NOT_FOUND` */
export function requireIssuer({ account, graph }: AccountState, id: string): IssuerRecord {
  const policy = issuerPolicyOf(account, id);
  const record = policy === undefined ? undefined : graph.issuers.get(policy);
  if (record === undefined) throw issuerMissing(id);
  return record;
}

/**
 * The account as it is now.
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is none; its administrator is what is missing
 * @throws LatchkeyError those of `actorView`
 */
export async function stateFor(
  services: Pick<Services, 'authority'>,
  { actor }: ActorRequest,
  account: Account,
): Promise<AccountState> {
  return (await withAdministrator(account, actorView(services, actor, account, []))).state;
}

/** @throws LatchkeyError `RESOURCE_NOT_FOUND`: there is no such account; its administrator is what is missing */
export async function withAdministrator<T>(account: Account, result: Promise<T>): Promise<T> {
  return inAccount(result, () => {
    throw recordMissing(adminOf(account));
  });
}

/**
 * Shows an issuer. Of its data only what is not secret is opened.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`: the stored data was altered or moved
 */
export async function showIssuer(
  services: Pick<Services, 'keyring' | 'audit' | 'clock'>,
  request: ActorRequest,
  account: Account,
  record: IssuerRecord,
): Promise<Issuer> {
  const data = new Map<string, string>();
  for (const [field, sealed] of record.sealedData) {
    data.set(
      field,
      secretFields.has(field) ? mask : await openField(services, request, record, field, sealed),
    );
  }
  const { type, maxTtlSeconds, createdAt, modifiedAt } = record;
  return { id: idOf(record.policy), account, type, maxTtlSeconds, data, createdAt, modifiedAt };
}

async function openField(
  services: Pick<Services, 'keyring' | 'audit' | 'clock'>,
  request: ActorRequest,
  record: IssuerRecord,
  field: string,
  sealed: Uint8Array,
): Promise<string> {
  const sealName = issuerSealName(fullIdOf(record), field);
  const value = await openRecorded(services, request, request.actor.role, sealed, sealName);
  return textOf(value);
}

/** Seals every field of an issuer's data. */
export function sealData(
  { keyring }: Pick<Services, 'keyring'>,
  account: Account,
  id: string,
  data: ReadonlyMap<string, string>,
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    [...data].map(([field, value]) => [
      field,
      keyring.seal(Buffer.from(value), issuerSealName(`${account}:issuer:${id}`, field)),
    ]),
  );
}
