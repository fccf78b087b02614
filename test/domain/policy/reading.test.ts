import assert from 'node:assert/strict';
import { LatchkeyError } from '../../../src/domain/errors.ts';
import { adminOf, rootPolicyOf } from '../../../src/domain/ids.ts';
import { readText } from '../../../src/domain/policy/reading.ts';
import type { ResolvedPolicy } from '../../../src/domain/policy/statements.ts';
import { account, meaning, refusal } from './meaning.ts';
import { policyText } from '../../../scripts/benchmark/policy-text.ts';

const branch = { account, branch: rootPolicyOf(account), branchOwner: adminOf(account) };
/** More than is read at once. */
const large = policyText(1_700);

async function read(text: string): Promise<ResolvedPolicy> {
  const of = await readText(Buffer.from(text), {}).meaningIn(branch);
  return of();
}

async function faultOf(text: string): Promise<LatchkeyError> {
  try {
    await read(text);
  } catch (error) {
    if (error instanceof LatchkeyError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('readText', () => {
  it('reads a large text as it reads a small one', async () => {
    const { definitions, grants, permits } = await read(large);
    assert.equal(definitions.length + grants.length + permits.length, meaning(large).length);
    assert.deepEqual(
      permits.map(({ role, privilege, resource }) => `permit ${role} ${privilege} on ${resource}`),
      meaning(large)
        .filter((line) => line.startsWith('permit'))
        .map((line) => line.replace(/(permit |on )/g, '$1acct:')),
    );
  });

  it('finds the same faults in a large text, and says where', async () => {
    for (const end of ['- !nonsense x\n', '- !group a\n- !group a\n', '- !grant { role: !group , : ]\n']) {
      const [fault, expected] = [await faultOf(large + end), refusal(large + end)];
      assert.deepEqual(
        [fault.code, fault.message, fault.at, fault.advice],
        [expected.code, expected.message, expected.at, expected.advice],
      );
    }
  });

  it('tells a fault of the text at once, and one of its meaning where the meaning is asked for', async () => {
    await assert.rejects(readText(Buffer.from(`${large}- !nonsense x\n`), {}).meaningIn(branch));
    const of = await readText(Buffer.from(`${large}- !group a\n- !group a\n`), {}).meaningIn(branch);
    assert.throws(of, LatchkeyError);
  });

  it('reads several large texts, one after the other', async () => {
    const texts = [1_600, 1_700, 1_800].map((statements) => policyText(statements));
    const read = await Promise.all(texts.map((text) => readText(Buffer.from(text), {}).meaningIn(branch)));
    assert.deepEqual(
      read.map((of) => of().grants.length),
      texts.map((text) => meaning(text).filter((line) => line.startsWith('grant')).length),
    );
  });
});
