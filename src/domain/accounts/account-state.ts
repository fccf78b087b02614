/** One account's authority in memory, as of one epoch. */
import type { Account, RecordKey } from '../ids.ts';
import { storedResourceId, storedRoleId } from '../ids.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Change, Epoch } from '../../ports/store.ts';
import { Registry } from '../provider/registry/registry.ts';
import { isRegistryKind } from '../provider/registry/records.ts';
import { AccessGraph } from '../rbac/graph.ts';
import { decodeCredential } from '../records/credentials.ts';
import { decodeHostFactoryToken } from '../records/host-factory-tokens.ts';
import { decodeIssuer } from '../records/issuers.ts';
import { collectionOf, keyParts } from '../records/keys.ts';
import { decodeRow } from '../records/rows.ts';
import { openSigningKey, type SigningKey } from '../tokens/signing-keys.ts';

/** Folds changes of authority into the graph and what goes with it. Nothing else writes to it. */
export class AccountState {
  readonly account: Account;
  readonly graph = new AccessGraph();
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

  /** Applies changes and moves to the epoch that they lead to. Applying a change twice does no harm. */
  advance(changes: readonly Change[], epoch: Epoch): void {
    for (const change of changes) this.#apply(change);
    this.#epoch = epoch;
  }

  /** Moves to an epoch by changes that the caller makes to the graph itself. */
  advanceBy(fold: (graph: AccessGraph) => void, epoch: Epoch): void {
    fold(this.graph);
    this.#epoch = epoch;
  }

  #apply({ key, value }: Change): void {
    const collection = collectionOf(key);
    if (isRegistryKind(collection)) {
      this.registry.apply(collection, key, value);
      return;
    }
    switch (collection) {
      case 'credential': {
        const restrictedTo = value === undefined ? [] : decodeCredential(value).restrictedTo;
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
      default: {
        if (value === undefined) {
          this.graph.remove(key);
          return;
        }
        const row = decodeRow(key, value);
        if (row !== undefined) this.graph.put(row);
      }
    }
  }

  #applySigningKey(key: RecordKey, value: Uint8Array | undefined): void {
    if (value === undefined) this.#signingKeys.delete(firstPart(key));
    else this.#signingKeys.set(firstPart(key), openSigningKey(key, value, this.#keyring));
    this.#newestKey = undefined;
    for (const candidate of this.#signingKeys.values()) {
      if (this.#newestKey === undefined || candidate.createdAt >= this.#newestKey.createdAt)
        this.#newestKey = candidate;
    }
  }
}

/** The value of an authenticator's record: one byte. */
export function encodeEnabled(enabled: boolean): Uint8Array {
  return Uint8Array.of(enabled ? 1 : 0);
}

function firstPart(key: RecordKey): string {
  return keyParts(key)[0] ?? '';
}
