/** The authentication methods of Vault's dialect: logins by password, and the tokens that they yield. */
import { createHash } from 'node:crypto';
import { ensureIdentifiers } from '../identifiers.ts';
import { storedRoleId } from '../../ids.ts';
import type { Services } from '../../services.ts';
import { identifierOf } from '../identity/subject.ts';
import { sessionMaxTtlSeconds, sessionTtlSeconds } from './tokens.ts';

/** A mount of `auth/`. */
export interface AuthMount {
  /** With a slash at the end. */
  readonly path: string;
  readonly type: string;
  /** Names the mount in aliases and templates; it never changes. */
  readonly accessor: string;
  readonly uuid: string;
  readonly description: string;
  readonly defaultTtlSeconds: number;
  readonly maxTtlSeconds: number;
}

/**
 * The mounts, in ascending order of their paths.
 * @throws LatchkeyError those of `ensureIdentifiers`
 * @see Vault: GET sys/auth
 */
export async function authMounts(
  services: Pick<Services, 'authority' | 'keyring' | 'settings'>,
): Promise<readonly AuthMount[]> {
  const { mountAccessor } = await ensureIdentifiers(services, services.settings.account);
  const tokens = createHash('sha256').update(`token ${mountAccessor}`).digest('hex').slice(0, 8);
  const ttls = { defaultTtlSeconds: sessionTtlSeconds, maxTtlSeconds: sessionMaxTtlSeconds };
  return [
    {
      path: 'token/',
      type: 'token',
      accessor: `auth_token_${tokens}`,
      uuid: uuidOf(`auth_token_${tokens}`),
      description: 'token based credentials',
      ...ttls,
    },
    {
      path: 'userpass/',
      type: 'userpass',
      accessor: mountAccessor,
      uuid: uuidOf(mountAccessor),
      description: 'users and hosts, by password or API key',
      ...ttls,
    },
  ];
}

/** As lasting as the accessor, from which it is made. */
function uuidOf(accessor: string): string {
  return identifierOf({ role: storedRoleId(accessor), createdAt: 0 });
}
