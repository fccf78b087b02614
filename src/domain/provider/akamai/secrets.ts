/** Secrets of clients: several at a time, so that a new one can be handed out before the old one ends. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { LatchkeyError } from '../../errors.ts';
import type { Decision } from '../registry/change.ts';
import type { ClientRecord, ClientSecret } from '../registry/records.ts';
import {
  configure,
  type Access,
  type Act,
  type ConfigurationRequest,
  type ConfigurationServices,
  type ReadBody,
} from './access.ts';
import { makeSecret } from './client-secrets.ts';
import { clientOf, unchanged } from './clients.ts';
import { fieldInvalid, type Body } from './fields.ts';
import { secretValid } from './holders.ts';
import { withoutMember } from './members.ts';

const maxSecrets = 10;
const maxSeconds = 10 * 365 * 86_400;
const maxHours = 168;

/** A secret that was just made: its text is shown only here. */
export interface MadeSecret {
  readonly record: ClientSecret;
  readonly secret: string;
}

/** The secrets that a client has, without their texts, the oldest first. */
export async function listSecrets(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  clientId: string,
): Promise<readonly ClientSecret[]> {
  return configure(services, request, onSecrets('list', clientId), ({ registry, now }) =>
    unchanged(valid(clientOf(registry, clientId).secrets, now)),
  );
}

/**
 * Gives a client another secret.
 * @param body `expiresIn`: seconds that it is good for, by default for ever; `expireOthersIn`: seconds that the
 *   client's other secrets are still good for, by default as long as they were
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`, `REGISTRY_FIELD_INVALID`
 */
export async function addSecret(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  clientId: string,
  body: ReadBody,
): Promise<MadeSecret> {
  const act = onSecrets('create', clientId);
  return configure(services, request, act, async (access) => {
    const wanted = await body();
    const expiresIn = seconds(wanted, 'expiresIn', 1);
    const othersIn = seconds(wanted, 'expireOthersIn', 0);
    requireOnly(wanted, ['expiresIn', 'expireOthersIn']);
    return added(access, clientId, expiresIn, othersIn);
  });
}

/**
 * Gives a client another secret in place of those that it has.
 * @param body `hoursToLive`, 0 to 168: how long the others are still good, 0 by default
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`, `REGISTRY_FIELD_INVALID`
 * @see Akamai: POST /{customerId}/config/clients/{id}/secret
 */
export async function resetSecret(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  clientId: string,
  body: ReadBody,
): Promise<MadeSecret> {
  const path = ['config', 'clients', clientId, 'secret'] as const;
  return configure(services, request, { ...onSecrets('create', clientId), path }, async (access) => {
    const wanted = await body();
    requireOnly(wanted, ['hoursToLive']);
    const hours = whole(wanted, 'hoursToLive', 0, maxHours) ?? 0;
    return added(access, clientId, undefined, hours * 3_600);
  });
}

/**
 * Says when a secret ends.
 * @param body `expiresIn`: seconds from now; null: never
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`, `REGISTRY_FIELD_INVALID`
 */
export async function changeSecret(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  clientId: string,
  secretId: string,
  body: ReadBody,
): Promise<ClientSecret> {
  return configure(services, request, onSecret('update', clientId, secretId), async (access) => {
    const wanted = await body();
    const client = clientOf(access.registry, clientId);
    const kept = withoutMember(secretOf(client, secretId, access.now), 'expiresAt');
    requireOnly(wanted, ['expiresIn']);
    if (!('expiresIn' in wanted)) throw fieldInvalid('expiresIn', 'is missing');
    const expiresIn = wanted['expiresIn'] === null ? undefined : seconds(wanted, 'expiresIn', 1);
    const record = { ...kept, ...expiry(access.now, expiresIn) };
    const secrets = client.secrets.map((each) => (each.id === secretId ? record : each));
    return withSecrets(access, client, secrets, record);
  });
}

/** @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND` */
export async function deleteSecret(
  services: ConfigurationServices,
  request: ConfigurationRequest,
  clientId: string,
  secretId: string,
): Promise<void> {
  return configure(services, request, onSecret('delete', clientId, secretId), (access) => {
    const client = clientOf(access.registry, clientId);
    secretOf(client, secretId, access.now);
    const secrets = client.secrets.filter(({ id }) => id !== secretId);
    return withSecrets(access, client, secrets, undefined);
  });
}

function added(
  access: Access,
  clientId: string,
  expiresIn: number | undefined,
  othersIn: number | undefined,
): Decision<MadeSecret> {
  const { registry, now } = access;
  const client = clientOf(registry, clientId);
  if (client.type === 'public') throw fieldInvalid('type', 'a public client has no secret');
  const others = valid(client.secrets, now).flatMap((each) => {
    const until = othersIn === undefined ? undefined : now + othersIn * 1_000;
    return until === undefined ? [each] : ended(each, until, now);
  });
  if (others.length >= maxSecrets)
    throw fieldInvalid('body', `there are ${String(maxSecrets)} secrets already`);
  const { expiresAt } = expiry(now, expiresIn);
  const made = makeSecret(randomUUID(), now, expiresAt);
  return withSecrets(access, client, [...others, made.record], made);
}

/** The secret as it is until a time, unless it ends before; none where that has come. */
function ended(secret: ClientSecret, until: number, now: number): readonly ClientSecret[] {
  const expiresAt = Math.min(until, secret.expiresAt ?? until);
  return expiresAt <= now ? [] : [{ ...secret, expiresAt }];
}

function withSecrets<T>(
  access: Access,
  client: ClientRecord,
  secrets: readonly ClientSecret[],
  result: T,
): Decision<T> {
  const record = { ...client, secrets: valid(secrets, access.now), updatedAt: access.now };
  return access.change({ kind: 'oidc-client', id: client.clientId, record }, result);
}

function secretOf(client: ClientRecord, id: string, now: number): ClientSecret {
  const secret = valid(client.secrets, now).find((each) => each.id === id);
  if (secret === undefined) throw new LatchkeyError('REGISTRY_RECORD_NOT_FOUND');
  return secret;
}

function valid(secrets: readonly ClientSecret[], now: number): readonly ClientSecret[] {
  return secrets.filter((secret) => secretValid(secret, now));
}

function expiry(now: number, expiresIn: number | undefined): { readonly expiresAt?: number } {
  return expiresIn === undefined ? {} : { expiresAt: now + expiresIn * 1_000 };
}

function seconds(body: Body, field: string, min: number): number | undefined {
  return whole(body, field, min, maxSeconds);
}

function whole(body: Body, field: string, min: number, max: number): number | undefined {
  if (body[field] === undefined) return undefined;
  const result = z.number().int().min(min).max(max).safeParse(body[field]);
  if (result.success) return result.data;
  throw fieldInvalid(field, `must be a whole number from ${String(min)} to ${String(max)}`);
}

function requireOnly(body: Body, fields: readonly string[]): void {
  if (Object.keys(body).some((name) => !fields.includes(name))) {
    throw fieldInvalid('body', `has a member that is not known; there are ${fields.join(', ')}`);
  }
}

const methodOf = { list: 'GET', create: 'POST', update: 'PATCH', delete: 'DELETE' } as const;

function onSecrets(operation: 'list' | 'create', clientId: string) {
  const path = ['config', 'clients', clientId, 'secrets'] as const;
  return {
    operation,
    kind: 'clients',
    name: `${clientId}/secrets`,
    method: methodOf[operation],
    path,
  } as const;
}

function onSecret(operation: 'update' | 'delete', clientId: string, secretId: string) {
  const path = ['config', 'clients', clientId, 'secrets', secretId] as const;
  const name = `${clientId}/secrets/${secretId}`;
  return { operation, kind: 'clients', name, method: methodOf[operation], path } as const satisfies Act;
}
