import type { ResourceId } from '../ids.ts';
import type { IssuerRecord } from '../records/issuers.ts';

/** The issuers of one account in memory, by their policies. Their data stays sealed. */
export class Issuers {
  readonly #byPolicy = new Map<ResourceId, IssuerRecord>();

  put(issuer: IssuerRecord): void {
    this.#byPolicy.set(issuer.policy, issuer);
  }

  /** No fault when there is none. */
  remove(policy: ResourceId): void {
    this.#byPolicy.delete(policy);
  }

  get(policy: ResourceId): IssuerRecord | undefined {
    return this.#byPolicy.get(policy);
  }

  get count(): number {
    return this.#byPolicy.size;
  }

  /** By code points of their policies' ids. */
  all(): readonly IssuerRecord[] {
    return [...this.#byPolicy.values()].sort((one, other) => (one.policy < other.policy ? -1 : 1));
  }
}
