import { LatchkeyError } from '../../errors.ts';
import type { ActorRequest } from '../../request.ts';
import type { ClientSecret } from '../registry/records.ts';
import { putRecord } from '../registry/registry.ts';
import { newSecret, sealSecret } from './clients.ts';
import { clients, type ClientServices } from './clients-manage.ts';
import { fieldInvalid } from './fields.ts';
import { rotateObject } from './objects.ts';

/** A secret that was made in place of another. */
export interface RotatedSecret {
  readonly clientId: string;
  readonly secret: string;
  /** When the one before ends, in milliseconds since the epoch; absent where it has ended. */
  readonly previousExpiresAt?: number;
}

const maxOverlapSeconds = 90 * 24 * 60 * 60;
/** Those of rotations in quick succession, the oldest given up first. */
const maxEarlierSecrets = 4;

/**
 * Gives a client another secret.
 * @param overlapSeconds how long the one before still is good, up to 90 days; with 0 every earlier one
 *   ends at once
 * @throws LatchkeyError `REGISTRY_RECORD_NOT_FOUND`
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`: a public client, or a longer overlap
 * @throws LatchkeyError `REGISTRY_PRIVILEGE_MISSING`: no `update`
 * @throws LatchkeyError `STORE_BUSY`
 */
export async function rotateClientSecret(
  services: ClientServices,
  request: ActorRequest,
  name: string,
  overlapSeconds: number,
): Promise<RotatedSecret> {
  return rotateObject(services, request, clients, name, (_state, client) => {
    if (client === undefined) throw new LatchkeyError('REGISTRY_RECORD_NOT_FOUND');
    if (client.type === 'public') throw fieldInvalid('a public client has no client_secret');
    if (overlapSeconds > maxOverlapSeconds) throw fieldInvalid('overlap may be up to 90 days');
    const now = services.clock.now();
    const secret = newSecret();
    const earlier = overlapSeconds === 0 ? [] : endingBy(client.secrets, now + overlapSeconds * 1_000, now);
    const secrets = [sealSecret(services.keyring, client.clientId, secret, now), ...earlier];
    const previousExpiresAt = earlier[0]?.expiresAt;
    return {
      changes: [putRecord('oidc-client', { ...client, secrets, updatedAt: now })],
      result: {
        clientId: client.clientId,
        secret,
        ...(previousExpiresAt === undefined ? {} : { previousExpiresAt }),
      },
    };
  });
}

/** The secrets that are still good, newest first, each ending then at the latest. */
function endingBy(secrets: readonly ClientSecret[], end: number, now: number): readonly ClientSecret[] {
  return secrets
    .map((secret) => ({ ...secret, expiresAt: Math.min(secret.expiresAt ?? end, end) }))
    .filter(({ expiresAt }) => expiresAt > now)
    .sort((one, other) => other.createdAt - one.createdAt)
    .slice(0, maxEarlierSecrets);
}
