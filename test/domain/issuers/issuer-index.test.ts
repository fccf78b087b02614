import assert from 'node:assert/strict';
import { toResourceId, type ResourceId } from '../../../src/domain/ids.ts';
import { Issuers } from '../../../src/domain/issuers/issuer-index.ts';
import type { IssuerRecord } from '../../../src/domain/records/issuers.ts';

const policyOf = (id: string): ResourceId => toResourceId('acct', 'policy', `conjur/issuers/${id}`);
const issuerOf = (id: string, maxTtlSeconds = 900): IssuerRecord => ({
  policy: policyOf(id),
  type: 'aws',
  maxTtlSeconds,
  sealedData: new Map(),
  createdAt: 1,
  modifiedAt: 1,
});

describe('the issuers of an account', () => {
  it('are found by their policies, and listed by them', () => {
    const issuers = new Issuers();
    for (const id of ['b', 'a', 'B']) issuers.put(issuerOf(id));
    assert.deepEqual(
      issuers.all().map(({ policy }) => policy),
      ['B', 'a', 'b'].map(policyOf),
    );
    assert.equal(issuers.get(policyOf('c')), undefined);
    assert.equal(issuers.count, 3);
  });

  it('are replaced, and go, one by one', () => {
    const issuers = new Issuers();
    issuers.put(issuerOf('a'));
    issuers.put(issuerOf('a', 1_000));
    assert.deepEqual([issuers.count, issuers.get(policyOf('a'))?.maxTtlSeconds], [1, 1_000]);
    issuers.remove(policyOf('a'));
    issuers.remove(policyOf('a'));
    assert.equal(issuers.count, 0);
  });
});
