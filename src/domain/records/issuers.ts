/** The record of an issuer. Its data is sealed field by field; the rest is not secret. */
import { textOf } from '../utf8.ts';
import { storedResourceId, type RecordKey, type ResourceId } from '../ids.ts';
import { keyParts } from './keys.ts';

/** An issuer as it is stored, and kept in memory: what it proves itself with stays sealed there, too. */
export interface IssuerRecord {
  /** `acct:policy:conjur/issuers/ID`: the issuer goes when this does. */
  readonly policy: ResourceId;
  /** As it was given: `aws`, in whatever case. */
  readonly type: string;
  /** The longest that a secret of this issuer may live. */
  readonly maxTtlSeconds: number;
  /** By field: the value, sealed under {@link issuerSealName}. */
  readonly sealedData: ReadonlyMap<string, Uint8Array>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** The associated data under which one field is sealed: it cannot pass for another issuer's or field's. */
export function issuerSealName(issuer: string, field: string): string {
  return `issuer ${issuer} ${field}`;
}

/** The stored form of what the key does not say: a JSON array. */
export function encodeIssuer(issuer: IssuerRecord): Uint8Array {
  const { type, maxTtlSeconds, createdAt, modifiedAt, sealedData } = issuer;
  const data = [...sealedData].map(([field, sealed]) => [field, Buffer.from(sealed).toString('base64')]);
  return Buffer.from(JSON.stringify([type, maxTtlSeconds, createdAt, modifiedAt, data]));
}

/** Reads a record that {@link encodeIssuer} wrote. */
export function decodeIssuer(key: RecordKey, value: Uint8Array): IssuerRecord {
  const [type, maxTtlSeconds, createdAt, modifiedAt, data] = JSON.parse(textOf(value)) as [
    string,
    number,
    number,
    number,
    readonly (readonly [string, string])[],
  ];
  const [policy = ''] = keyParts(key);
  return {
    policy: storedResourceId(policy),
    type,
    maxTtlSeconds,
    sealedData: new Map(data.map(([field, sealed]) => [field, Buffer.from(sealed, 'base64')])),
    createdAt,
    modifiedAt,
  };
}
