/** One account's authority in memory, as of one epoch. */
import type { Account, RecordKey } from '../ids.ts';
import { storedResourceId, storedRoleId } from '../ids.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Epoch } from '../../ports/epoch.ts';
import type { Change } from '../../ports/store.ts';
import { Registry } from '../provider/registry/registry.ts';
import { isRegistryKind } from '../provider/registry/records.ts';
import { AccessGraph } from '../rbac/graph.ts';
import type { PreparedEdit, PreparedRows } from '../rbac/prepared-rows.ts';
import { restrictedToIn } from '../records/credentials.ts';
import { decodeHostFactoryToken } from '../records/host-factory-tokens.ts';
import { decodeIssuer } from '../records/issuers.ts';
import { collectionOf, keyParts } from '../records/keys.ts';
import { batchNumberOf, decodeBatch, editsIn, type RowEdit } from '../records/row-batches.ts';
import { RowLog } from '../records/row-log.ts';
import { itemsOfStep, type Steps } from '../slices.ts';
import { openSigningKey, type SigningKey } from '../tokens/signing-keys.ts';

/** Folds changes of authority into the graph and what goes with it. Nothing else writes to it. */
export class AccountState {
  readonly account: Account;
  readonly graph = new AccessGraph();
  /** The batches that the graph's rows are stored in. */
  readonly rowLog = new RowLog();
  /** What the account's OpenID Provider knows. */
  readonly registry = new Registry();
  readonly #keyring: Keyring;
  readonly #signingKeys = new Map<string, SigningKey>();
  #newestKey: SigningKey | undefined;
  #epoch: Epoch;

  constructor(account: Account, epoch: Epoch, keyring: Keyring) {
    this.account = account;
    this.#epoch = epoch;
    this.#keyring = keyring;
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  /** The key that signs now; undefined in an account that was only half made. */
  get newestSigningKey(): SigningKey | undefined {
    return this.#newestKey;
  }

  signingKey(kid: string): SigningKey | undefined {
    return this.#signingKeys.get(kid);
  }

  /**
   * Whether {@link advance} leads to the state that these changes are of: not where a batch of rows came
   * and went unseen, as it may have told of rows that are gone.
   */
  canFollow(changes: readonly Change[]): boolean {
    return changes.every(
      ({ key, value }) => value !== undefined || (batchNumberOf(key) ?? 0) < this.rowLog.next,
    );
  }

  /**
   * Applies changes and moves to the epoch that they lead to. Applying a change twice does no harm.
   * @param prepared the rows in them, if {@link prepare} did that
   */
  advance(changes: readonly Change[], epoch: Epoch, prepared?: PreparedRows): void {
    prepared?.apply();
    for (const change of inOrder(changes)) {
      const number = batchNumberOf(change.key);
      if (number === undefined) this.#apply(change);
      else if (prepared !== undefined) this.#noteBatch(number, change.value);
      else for (const edit of this.#newEdits(number, change.value)) this.#edit(edit);
    }
    this.#epoch = epoch;
  }

  /** Prepares the rows in changes, in steps, for {@link advance}. They must be released afterwards. */
  prepare(changes: readonly Change[]): Steps<PreparedRows> {
    return this.graph.prepare(editsInBatches(changes));
  }

  /** As {@link advance}, in steps: for a state that nobody looks at yet. */
  *advanceInSteps(changes: readonly Change[], epoch: Epoch): Steps<void> {
    let count = 0;
    for (const change of inOrder(changes)) {
      const number = batchNumberOf(change.key);
      if (number === undefined) this.#apply(change);
      else for (const edit of this.#newEdits(number, change.value)) this.#edit(edit);
      count += number === undefined ? 1 : itemsOfStep;
      if (count < itemsOfStep) continue;
      count = 0;
      yield;
    }
    this.#epoch = epoch;
  }

  /** Moves to an epoch by changes whose rows the caller brings to the graph itself, as well as all that goes with it. */
  advanceBy(fold: (graph: AccessGraph) => void, changes: readonly Change[], epoch: Epoch): void {
    fold(this.graph);
    for (const { key, value } of changes) {
      const number = batchNumberOf(key);
      if (number !== undefined) this.#noteBatch(number, value);
    }
    this.#epoch = epoch;
  }

  /** @returns whether it is new */
  #noteBatch(number: number, value: Uint8Array | undefined): boolean {
    if (value === undefined) {
      this.rowLog.remove(number);
      return false;
    }
    const fresh = !this.rowLog.has(number);
    if (fresh) this.rowLog.add(number, editsIn(value));
    return fresh;
  }

  #newEdits(number: number, value: Uint8Array | undefined): Iterable<RowEdit> {
    return this.#noteBatch(number, value) && value !== undefined ? decodeBatch(value) : [];
  }

  #edit({ row, there }: RowEdit): void {
    if (there) this.graph.put(row);
    else this.graph.removeRow(row);
  }

  #apply({ key, value }: Change): void {
    const collection = collectionOf(key);
    if (isRegistryKind(collection)) {
      this.registry.apply(collection, key, value);
      return;
    }
    switch (collection) {
      case 'credential': {
        const restrictedTo = value === undefined ? [] : restrictedToIn(value);
        this.graph.setRestriction(storedRoleId(firstPart(key)), restrictedTo);
        return;
      }
      case 'authenticator':
        this.graph.setEnabled(
          storedResourceId(firstPart(key)),
          value === undefined ? undefined : value[0] === 1,
        );
        return;
      case 'signing-key':
        this.#applySigningKey(key, value);
        return;
      case 'host-factory-token':
        if (value === undefined) this.graph.hostFactoryTokens.remove(firstPart(key));
        else this.graph.hostFactoryTokens.put(decodeHostFactoryToken(key, value));
        return;
      case 'issuer':
        if (value === undefined) this.graph.issuers.remove(storedResourceId(firstPart(key)));
        else this.graph.issuers.put(decodeIssuer(key, value));
        return;
    }
  }

  #applySigningKey(key: RecordKey, value: Uint8Array | undefined): void {
    if (value === undefined) this.#signingKeys.delete(firstPart(key));
    else this.#signingKeys.set(firstPart(key), openSigningKey(key, value, this.#keyring));
    this.#newestKey = undefined;
    for (const candidate of this.#signingKeys.values()) {
      // A key that was replaced may be younger by the clock, if that was wrong.
      if (candidate.expiresAt !== undefined) continue;
      if (this.#newestKey === undefined || candidate.createdAt >= this.#newestKey.createdAt)
        this.#newestKey = candidate;
    }
  }
}

/** Batches of rows in the order of their numbers, which a store does not promise. */
function inOrder(changes: readonly Change[]): readonly Change[] {
  const batches = changes.filter(({ key }) => batchNumberOf(key) !== undefined);
  if (batches.length < 2) return changes;
  batches.sort((one, other) => (one.key < other.key ? -1 : 1));
  return [...batches, ...changes.filter(({ key }) => batchNumberOf(key) === undefined)];
}

function* editsInBatches(changes: readonly Change[]): Generator<PreparedEdit> {
  for (const { key, value } of inOrder(changes)) {
    if (value === undefined || batchNumberOf(key) === undefined) continue;
    for (const { row, there } of decodeBatch(value)) yield { row, there, fresh: false };
  }
}

/** The value of an authenticator's record: one byte. */
export function encodeEnabled(enabled: boolean): Uint8Array {
  return Uint8Array.of(enabled ? 1 : 0);
}

function firstPart(key: RecordKey): string {
  return keyParts(key)[0] ?? '';
}
