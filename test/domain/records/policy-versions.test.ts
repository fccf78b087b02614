import assert from 'node:assert/strict';
import { adminOf, rootPolicyOf, toAccount } from '../../../src/domain/ids.ts';
import { policyHeadKey, policyVersionKey } from '../../../src/domain/records/keys.ts';
import {
  changesToAddVersion,
  changesToRemoveVersions,
  decodePolicyHead,
  decodePolicyVersion,
  type PolicyHead,
  type PolicyVersion,
} from '../../../src/domain/records/policy-versions.ts';

const account = toAccount('acct');
const policy = rootPolicyOf(account);

function versionOf(version: number): PolicyVersion {
  const text = Buffer.from(`- !user user-${String(version)}\n`);
  return {
    version,
    text,
    sha256: 'ab',
    role: adminOf(account),
    clientIp: '::1',
    createdAt: 1,
    finishedAt: 2,
  };
}

function afterLoads(
  count: number,
  kept: number,
): { readonly head: PolicyHead; readonly records: Map<string, Uint8Array> } {
  const records = new Map<string, Uint8Array>();
  let head: PolicyHead | undefined;
  for (let version = 1; version <= count; version += 1) {
    for (const { key, value } of changesToAddVersion(policy, head, versionOf(version), kept)) {
      if (value === undefined) records.delete(key);
      else records.set(key, value);
    }
    head = decodePolicyHead(records.get(policyHeadKey(policy)) ?? new Uint8Array());
  }
  assert.ok(head !== undefined);
  return { head, records };
}

describe('the records of a policy’s versions', () => {
  it('keep the text and who loaded it', () => {
    const { records } = afterLoads(2, 20);
    const kept = decodePolicyVersion(records.get(policyVersionKey(policy, 2)) ?? new Uint8Array());
    assert.equal(Buffer.from(kept.text).toString(), '- !user user-2\n');
    assert.deepEqual({ ...kept, text: undefined }, { ...versionOf(2), text: undefined });
  });

  it('keep the newest, and number on', () => {
    const { head, records } = afterLoads(25, 20);
    assert.equal(head.version, 25);
    assert.deepEqual(
      head.kept,
      Array.from({ length: 20 }, (_, index) => index + 6),
    );
    assert.equal(records.size, 21);
  });

  it('go with the policy, but for the number', () => {
    const { head, records } = afterLoads(3, 20);
    for (const { key, value } of changesToRemoveVersions(policy, head)) {
      if (value === undefined) records.delete(key);
      else records.set(key, value);
    }
    assert.equal(records.size, 1);
    const left = decodePolicyHead(records.get(policyHeadKey(policy)) ?? new Uint8Array());
    assert.deepEqual(left, { version: 3, kept: [] });
  });

  it('follow one another without a gap', () => {
    assert.throws(() => changesToAddVersion(policy, undefined, versionOf(2), 20));
  });
});
