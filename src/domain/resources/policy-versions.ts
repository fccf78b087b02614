import type { Account, ResourceId } from '../ids.ts';
import { policyVersionKey } from '../records/keys.ts';
import { decodePolicyVersion, type PolicyVersion } from '../records/policy-versions.ts';
import type { Services } from '../services.ts';

/** A version of a policy; `text` is undefined where an answer has no room for it. */
export type ShownPolicyVersion = Omit<PolicyVersion, 'text'> & { readonly text: string | undefined };

/** So much text is shown in one answer: a few dozen large policies, or all versions of a common one. */
const maxShownBytes = 64 * 1024 * 1024;
/** So many are read at a time: one may be large. */
const batchLength = 4;

/**
 * Reads policy versions for one answer. Every load keeps its text, so that a list of policies could
 * outgrow any memory: once there is too much, the texts of older versions are left out.
 */
export class PolicyTexts {
  readonly #services: Pick<Services, 'authority'>;
  readonly #account: Account;
  #roomBytes: number;

  constructor(services: Pick<Services, 'authority'>, account: Account, roomBytes = maxShownBytes) {
    this.#services = services;
    this.#account = account;
    this.#roomBytes = roomBytes;
  }

  /**
   * The versions with these numbers, in their order; the newest ones get what room there is.
   * @param numbers ascending
   */
  async versionsOf(policy: ResourceId, numbers: readonly number[]): Promise<readonly ShownPolicyVersion[]> {
    const versions: ShownPolicyVersion[] = [];
    for (let end = numbers.length; end > 0; end -= batchLength) {
      const batch = numbers.slice(Math.max(0, end - batchLength), end);
      const keys = batch.map((number) => policyVersionKey(policy, number));
      const { records } = await this.#services.authority.records(this.#account, keys);
      for (const record of [...records].reverse()) {
        // Dropped meanwhile, by a load that made a newer one.
        if (record === undefined) continue;
        const { text, ...facts } = decodePolicyVersion(record.value);
        this.#roomBytes -= text.length;
        versions.push({ ...facts, text: this.#roomBytes < 0 ? undefined : Buffer.from(text).toString() });
      }
    }
    return versions.reverse();
  }
}
