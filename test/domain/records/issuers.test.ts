import assert from 'node:assert/strict';
import { toResourceId } from '../../../src/domain/ids.ts';
import {
  decodeIssuer,
  encodeIssuer,
  issuerSealName,
  type IssuerRecord,
} from '../../../src/domain/records/issuers.ts';
import { authorityCollections, collectionOf, issuerKey } from '../../../src/domain/records/keys.ts';

const issuer: IssuerRecord = {
  policy: toResourceId('acct', 'policy', 'conjur/issuers/aws-1'),
  type: 'aws',
  maxTtlSeconds: 900,
  sealedData: new Map([
    ['access_key_id', Buffer.from([0, 255, 1])],
    ['secret_access_key', Buffer.from([2])],
  ]),
  createdAt: 1,
  modifiedAt: 2,
};

describe('the record of an issuer', () => {
  it('reads as it was written', () => {
    assert.deepEqual(decodeIssuer(issuerKey(issuer.policy), encodeIssuer(issuer)), issuer);
  });

  it('is part of authority', () => {
    assert.ok((authorityCollections as readonly string[]).includes(collectionOf(issuerKey(issuer.policy))));
  });

  it('seals each field under the name of its issuer and its own', () => {
    assert.equal(
      issuerSealName('acct:issuer:aws-1', 'secret_access_key'),
      'issuer acct:issuer:aws-1 secret_access_key',
    );
  });
});
