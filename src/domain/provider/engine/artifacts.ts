/**
 * What an issuer hands out or remembers for a while: codes, tokens, grants, sessions and sign-ins that
 * are under way. Nothing of it can be used by whoever reads the store: entries are found by the
 * SHA-256 of their id, which is the bearer value of codes and tokens and is not kept, and their
 * content is sealed for that one place.
 */
import { hash } from 'node:crypto';
import type { EphemeralEntry, EphemeralRecord } from '../../../ports/ephemeral-store.ts';
import type { Account } from '../../ids.ts';
import type { Services } from '../../services.ts';
import { textOf } from '../../utf8.ts';

/** Members as oidc-provider names them; times are in seconds since the epoch. */
export interface Artifact {
  readonly iat?: number;
  readonly exp?: number;
  readonly clientId?: string;
  /** When the client was made: one of the same id that comes later is another. */
  readonly clientCreatedAt?: number;
  /** The subject key of the role. */
  readonly accountId?: string;
  /** Of the role's credential when the role proved itself. */
  readonly credentialRevision?: number;
  /** What it goes with when it is revoked. */
  readonly grantId?: string;
  /** The same where there is no grant. Of a code, which is not revoked itself: what is issued on it. */
  readonly familyId?: string;
  readonly scope?: string;
  /** Set where it was used up. */
  readonly consumed?: true;
  readonly [member: string]: unknown;
}

export interface NewArtifact {
  readonly kind: string;
  readonly id: string;
  readonly content: Artifact;
  readonly ttlSeconds: number;
}

/** The artifacts of one issuer: those of another are not found, whatever their ids. */
export class Artifacts {
  readonly #services: Pick<Services, 'ephemeral' | 'keyring'>;
  readonly #account: Account;
  readonly #issuerId: string;

  constructor(services: Pick<Services, 'ephemeral' | 'keyring'>, account: Account, issuerId: string) {
    this.#services = services;
    this.#account = account;
    this.#issuerId = issuerId;
  }

  /** Keeps artifacts, all or none, in one write. What was there under the same id is replaced. */
  async put(artifacts: readonly NewArtifact[]): Promise<void> {
    await this.#services.ephemeral.put(
      this.#account,
      artifacts.map((artifact) => this.#entryOf(artifact)),
    );
  }

  /** Those that have not expired, used up or not, in the order asked for. */
  async find(
    ...wanted: readonly (readonly [kind: string, id: string])[]
  ): Promise<readonly (Artifact | undefined)[]> {
    const keys = wanted.map(([kind, id]) => this.#key(kind, id));
    const records = await this.#services.ephemeral.get(this.#account, keys);
    return records.map((record, index) => this.#open(keys[index] ?? '', record));
  }

  /** Gets an artifact and removes it: of any number of callers in any number of processes one has it. */
  async take(kind: string, id: string): Promise<Artifact | undefined> {
    const key = this.#key(kind, id);
    return this.#open(key, await this.#services.ephemeral.take(this.#account, key));
  }

  /**
   * Uses an artifact up; of any number of callers one is told `first`. It is still found afterwards.
   * @param artifacts are kept along with the first use, in the same write
   */
  async use(
    kind: string,
    id: string,
    artifacts: readonly NewArtifact[] = [],
  ): Promise<'first' | 'again' | 'missing'> {
    const entries = artifacts.map((artifact) => this.#entryOf(artifact));
    return this.#services.ephemeral.use(this.#account, this.#key(kind, id), entries);
  }

  async remove(kind: string, id: string): Promise<void> {
    await this.#services.ephemeral.remove(this.#account, [this.#key(kind, id)]);
  }

  /** Removes a grant and all that came of it, or a family without a grant. */
  async revoke(grantId: string): Promise<void> {
    await this.#services.ephemeral.removeGroup(this.#account, this.#group(grantId));
  }

  #entryOf({ kind, id, content, ttlSeconds }: NewArtifact): EphemeralEntry {
    const key = this.#key(kind, id);
    const kept = Buffer.from(JSON.stringify(content));
    const family = kind === 'AuthorizationCode' ? undefined : content.familyId;
    const grantId = kind === 'Grant' ? id : (content.grantId ?? family);
    return {
      key,
      value: this.#services.keyring.seal(kept, this.#sealName(key)),
      ttlMs: Math.max(1, Math.ceil(ttlSeconds * 1_000)),
      ...(grantId === undefined ? {} : { group: this.#group(grantId) }),
    };
  }

  #open(key: string, record: EphemeralRecord | undefined): Artifact | undefined {
    if (record === undefined) return undefined;
    const content = JSON.parse(
      textOf(this.#services.keyring.open(record.value, this.#sealName(key))),
    ) as Artifact;
    return record.used ? { ...content, consumed: true } : content;
  }

  #key(kind: string, id: string): string {
    return `oidc ${this.#issuerId} ${kind} ${hashOf(id)}`;
  }

  #group(grantId: string): string {
    return `oidc ${this.#issuerId} grant ${hashOf(grantId)}`;
  }

  #sealName(key: string): string {
    return `${this.#account} ${key}`;
  }
}

function hashOf(id: string): string {
  return hash('sha256', id, 'base64url');
}
