/** Whether a record is what this release stores, and the data key opens what is sealed in it. */
import type { Keyring } from '../../ports/keyring.ts';
import type { TransferredRecord } from '../../ports/store-transfer.ts';
import { sealedCollections } from '../data-keys/sealed-records.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import type { Account } from '../ids.ts';
import { decodeHostFactoryToken } from '../records/host-factory-tokens.ts';
import { collectionOf, collections, type Collection } from '../records/keys.ts';
import { decodePolicyHead, decodePolicyVersion } from '../records/policy-versions.ts';
import { decodeBatch } from '../records/row-batches.ts';
import { keyOfRow } from '../records/rows.ts';
import { textOf } from '../utf8.ts';
import { unreadable } from './frames.ts';

const maxKeyBytes = 4 * 1024;
const maxValueBytes = 16 * 1024 * 1024;

/**
 * @throws LatchkeyError `BACKUP_INVALID`: it is none of a store's, cannot be read, or was sealed for another record
 * @throws LatchkeyError `DATA_KEY_UNKNOWN`: it is sealed under a data key that the keyring does not hold
 */
export function checkRecord(keyring: Keyring, account: Account, record: TransferredRecord): void {
  const { key, value } = record;
  const collection = collectionOf(key);
  if (Buffer.byteLength(key) > maxKeyBytes || value.byteLength > maxValueBytes) {
    throw unreadable(`a record of the account ${account} is larger than a store may hold`);
  }
  if (!isCollection(collection)) throw unreadable(`the account ${account} has a record of an unknown kind`);
  try {
    decoders[collection](record);
    sealedCollections[collection]?.reseal(key, { value, revision: 0 }, (sealed, name) => {
      if (sealed.byteLength > 0) keyring.open(sealed, name);
      return sealed;
    });
  } catch (error) {
    if (isFailure(error, 'DATA_KEY_UNKNOWN')) {
      const detail = `the backup has a record (${collection}) ${error.message}, which is not among those that were given`;
      throw new LatchkeyError('DATA_KEY_UNKNOWN', { detail, cause: error });
    }
    throw unreadable(`a record of the account ${account} (${collection}) cannot be read`, error);
  }
}

function isCollection(text: string): text is Collection {
  return (collections as readonly string[]).includes(text);
}

type Decoder = (record: TransferredRecord) => void;

/** Opening what is sealed in it reads all of it. */
const sealed: Decoder = () => undefined;

const json: Decoder = ({ value }) => {
  JSON.parse(textOf(value));
};

const neverStored: Decoder = () => {
  throw new LatchkeyError('INTERNAL', { detail: 'rows are stored in batches' });
};

const decoders: Readonly<Record<Collection, Decoder>> = {
  rows: ({ value }) => {
    [...decodeBatch(value)].forEach(({ row }) => keyOfRow(row));
  },
  role: neverStored,
  resource: neverStored,
  membership: neverStored,
  permission: neverStored,
  annotation: neverStored,
  authenticator: ({ value }) => {
    if (value.byteLength !== 1) throw new RangeError('an authenticator is one byte');
  },
  'host-factory-token': ({ key, value }) => {
    decodeHostFactoryToken(key, value);
  },
  'policy-head': ({ value }) => {
    decodePolicyHead(value);
  },
  'policy-version': ({ value }) => {
    decodePolicyVersion(value);
  },
  credential: sealed,
  'signing-key': sealed,
  issuer: sealed,
  secret: sealed,
  'secret-version': sealed,
  'key-check': sealed,
  'key-holder': json,
  'oidc-key': sealed,
  'oidc-client': sealed,
  'oidc-settings': sealed,
  'oidc-provider': json,
  'oidc-scope': json,
  'oidc-assignment': json,
  'oidc-role': json,
  'oidc-token-policy': json,
  'oidc-login-policy': json,
};
