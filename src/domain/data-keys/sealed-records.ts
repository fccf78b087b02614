/**
 * Where sealed values are in records, and for what place each was sealed. Every collection is listed, so that
 * none can be added without saying what of it is sealed.
 */
import type { RecordKey } from '../ids.ts';
import { collectionOf, keyCheckKey, keyParts, type Collection } from '../records/keys.ts';
import { apiKeySealName, resealCredential } from '../records/credentials.ts';
import { decodeIssuer, encodeIssuer, issuerSealName } from '../records/issuers.ts';
import { decodeSecretHead, encodeSecretHead, secretSealName } from '../records/secrets.ts';
import { fullIdOf } from '../issuers/issuer.ts';
import {
  cookieSealName,
  pairSealName,
  secretSealName as clientSecretSealName,
  type ClientRecord,
  type IdentifiersRecord,
  type KeyRecord,
} from '../provider/registry/records.ts';
import { storedResourceId, storedRoleId } from '../ids.ts';
import { resealSigningKey, signingKeySealName } from '../tokens/signing-keys.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { textOf } from '../utf8.ts';

/**
 * Given a sealed value and the place that it was sealed for, answers the one to put there: the very same
 * bytes where there is nothing to do.
 */
export type Reseal = (sealed: Uint8Array, sealName: string) => Uint8Array;

export interface SealedCollection {
  /**
   * Whether processes keep the sealed values in memory, and write them back with what they change: then
   * they must hear of it when one was resealed.
   */
  readonly inMemory: boolean;
  /** The record's value with every sealed value in it resealed; the very same where none was. */
  readonly reseal: (key: RecordKey, record: StoredRecord, reseal: Reseal) => Uint8Array;
}

const nothing = undefined;

/** By collection; undefined where nothing is sealed. */
export const sealedCollections: Readonly<Record<Collection, SealedCollection | undefined>> = {
  rows: nothing,
  role: nothing,
  resource: nothing,
  membership: nothing,
  permission: nothing,
  annotation: nothing,
  authenticator: nothing,
  'policy-head': nothing,
  'policy-version': nothing,
  // Tokens are kept as hashes.
  'host-factory-token': nothing,
  'oidc-provider': nothing,
  'oidc-scope': nothing,
  'oidc-assignment': nothing,
  'oidc-role': nothing,
  'oidc-token-policy': nothing,
  'oidc-login-policy': nothing,
  'key-holder': nothing,
  'key-check': {
    inMemory: false,
    reseal: (key, { value }, reseal) => (key === keyCheckKey() ? reseal(value, key) : value),
  },
  credential: {
    inMemory: false,
    reseal: (key, record, reseal) => {
      const role = storedRoleId(firstPart(key));
      return resealCredential(record, (sealed) => reseal(sealed, apiKeySealName(role)));
    },
  },
  secret: {
    inMemory: false,
    reseal: (key, { value }, reseal) => {
      const head = decodeSecretHead(value);
      const name = secretSealName(storedResourceId(firstPart(key)), head.version);
      const sealed = reseal(head.sealed, name);
      return sealed === head.sealed ? value : encodeSecretHead({ ...head, sealed });
    },
  },
  'secret-version': {
    inMemory: false,
    reseal: (key, { value }, reseal) => {
      const [variable = '', version = ''] = keyParts(key);
      return reseal(value, secretSealName(storedResourceId(variable), Number(version)));
    },
  },
  'signing-key': {
    inMemory: false,
    reseal: (key, { value }, reseal) => {
      const name = signingKeySealName(firstPart(key));
      return resealSigningKey(value, (sealed) => reseal(sealed, name));
    },
  },
  issuer: {
    inMemory: true,
    reseal: (key, { value }, reseal) => {
      const issuer = decodeIssuer(key, value);
      const id = fullIdOf(issuer);
      const fields = [...issuer.sealedData];
      const resealed = fields.map(
        ([field, sealed]) => [field, reseal(sealed, issuerSealName(id, field))] as const,
      );
      const same = resealed.every(([, sealed], index) => sealed === fields[index]?.[1]);
      return same ? value : encodeIssuer({ ...issuer, sealedData: new Map(resealed) });
    },
  },
  'oidc-key': {
    inMemory: true,
    reseal: (_key, { value }, reseal) =>
      changed<KeyRecord>(value, reseal, (record, text) => ({
        ...record,
        pairs: record.pairs.map((pair) => ({
          ...pair,
          sealedPrivateJwk: text(pair.sealedPrivateJwk, pairSealName(pair.kid)),
        })),
      })),
  },
  'oidc-client': {
    inMemory: true,
    reseal: (_key, { value }, reseal) =>
      changed<ClientRecord>(value, reseal, (record, text) => ({
        ...record,
        secrets: record.secrets.map((secret) =>
          secret.sealed === undefined
            ? secret
            : { ...secret, sealed: text(secret.sealed, clientSecretSealName(record.clientId, secret.id)) },
        ),
      })),
  },
  'oidc-settings': {
    inMemory: true,
    reseal: (_key, { value }, reseal) =>
      changed<IdentifiersRecord>(value, reseal, (record, text) => ({
        ...record,
        sealedCookieKeys: record.sealedCookieKeys.map((sealed) =>
          text(sealed, cookieSealName(record.customerId)),
        ),
      })),
  },
};

/** What is sealed of a record; undefined where nothing of its collection is. */
export function sealedCollectionOf(key: RecordKey): SealedCollection | undefined {
  return byName.get(collectionOf(key));
}

const byName = new Map<string, SealedCollection | undefined>(Object.entries(sealedCollections));

/** Changes a record that is JSON and holds sealed values as base64. */
function changed<Json>(
  value: Uint8Array,
  reseal: Reseal,
  change: (record: Json, text: (sealed: string, sealName: string) => string) => Json,
): Uint8Array {
  const changes = { made: 0 };
  const made = change(JSON.parse(textOf(value)) as Json, (text, sealName) => {
    const sealed = Buffer.from(text, 'base64');
    const resealed = reseal(sealed, sealName);
    if (resealed === sealed) return text;
    changes.made += 1;
    return Buffer.from(resealed).toString('base64');
  });
  return changes.made === 0 ? value : Buffer.from(JSON.stringify(made));
}

function firstPart(key: RecordKey): string {
  return keyParts(key)[0] ?? '';
}
