import assert from 'node:assert/strict';
import type { Authority } from '../../../src/domain/accounts/authority.ts';
import {
  storedAccount,
  toResourceId,
  toRoleId,
  type Account,
  type RecordKey,
} from '../../../src/domain/ids.ts';
import { policyVersionKey } from '../../../src/domain/records/keys.ts';
import { encodePolicyVersion } from '../../../src/domain/records/policy-versions.ts';
import { PolicyTexts } from '../../../src/domain/resources/policy-versions.ts';
import type { Snapshot } from '../../../src/ports/store.ts';

const account = storedAccount('acct');
const policy = toResourceId('acct', 'policy', 'app');

/** An authority that has these versions of the policy, each of ten characters. */
function withVersions(...numbers: readonly number[]): Pick<Authority, 'records'> {
  const stored = new Map(
    numbers.map((version) => {
      const facts = {
        version,
        sha256: '',
        role: toRoleId('acct', 'user', 'a'),
        clientIp: '',
        createdAt: 0,
        finishedAt: 0,
      };
      return [
        policyVersionKey(policy, version),
        encodePolicyVersion({ ...facts, text: Buffer.from(`text ${String(version).padStart(5)}`) }),
      ];
    }),
  );
  return {
    records: async (_account: Account, keys: readonly RecordKey[]): Promise<Snapshot> => ({
      epoch: { lineage: 'x', counter: 1 },
      records: keys.map((key) => {
        const value = stored.get(key);
        return value === undefined ? undefined : { value, revision: 1 };
      }),
    }),
  };
}

async function shown(
  numbers: readonly number[],
  kept: readonly number[],
  roomBytes?: number,
): Promise<unknown> {
  const authority = withVersions(...kept) as Authority;
  const versions = await new PolicyTexts({ authority }, account, roomBytes).versionsOf(policy, numbers);
  return versions.map(({ version, text }) => [version, text?.trim().split(/ +/)[1]]);
}

describe('the versions of a policy that are shown', () => {
  it('are all, ascending, over several reads', async () => {
    const numbers = Array.from({ length: 10 }, (_, index) => index + 3);
    assert.deepEqual(
      await shown(numbers, numbers),
      numbers.map((number) => [number, String(number)]),
    );
  });

  it('lack the texts of the older ones where there is no room for them', async () => {
    assert.deepEqual(await shown([1, 2, 3], [1, 2, 3], 20), [
      [1, undefined],
      [2, '2'],
      [3, '3'],
    ]);
  });

  it('leave out what was dropped meanwhile', async () => {
    assert.deepEqual(await shown([1, 2], [2]), [[2, '2']]);
  });
});
