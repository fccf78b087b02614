import type { AccountView } from '../../accounts/authority.ts';
import { originAllowed } from '../../cidr.ts';
import { LatchkeyError } from '../../errors.ts';
import { loginOf, partsOf, type RoleId } from '../../ids.ts';
import { credentialRevisionIn } from '../../records/credentials.ts';
import { credentialKey } from '../../records/keys.ts';
import { randomBase62 } from '../random-text.ts';
import {
  entryOf,
  hashOfSession,
  newToken,
  type KeptSession,
  type Session,
  type SessionServices,
  type TokenForm,
} from './session.ts';

const accessorLength = 24;

export interface NewSession {
  /** A user or host that has just proved itself. */
  readonly role: RoleId;
  /** The address that it proved itself from. */
  readonly clientIp: string;
  /** See {@link Session.method}. */
  readonly method: string;
  /**
   * The revision of the credential that was proven, as `proveByCredential` answers it in its view, so that one
   * that was replaced meanwhile begins nothing. By default the present one, for other proofs.
   */
  readonly credentialRevision?: number;
  readonly form: TokenForm;
  /** At least 1; the most that is allowed where it is more. */
  readonly ttlSeconds: number;
  readonly maxTtlSeconds: number;
  readonly renewable: boolean;
  readonly displayName: string;
  /** When the role proved itself, where that was not just now. */
  readonly authenticatedAt?: number;
}

/** The one time that a token is told. */
export interface StartedSession {
  readonly token: string;
  readonly session: Session;
}

/**
 * Starts a session for a role that has proved itself. Who it is was audited with the proof; that it started is
 * the caller's to audit.
 * @throws LatchkeyError `AUTHENTICATION_ROLE_NOT_FOUND`: there is no such role
 * @throws LatchkeyError `CREDENTIALS_INVALID`: the credential that was proven has just been replaced
 * @throws LatchkeyError `ORIGIN_REFUSED`: the role is restricted to other addresses
 * @throws LatchkeyError `ACCOUNT_NOT_FOUND`, `STORE_UNAVAILABLE`
 */
export async function startSession(services: SessionServices, wanted: NewSession): Promise<StartedSession> {
  const { role, method, form, maxTtlSeconds, renewable, displayName } = wanted;
  const { account } = services.settings;
  if (partsOf(role).account !== account)
    throw new LatchkeyError('INTERNAL', { detail: `${role} is of an account without a provider` });
  const view = await services.authority.read(account, [credentialKey(role)]);
  const createdAt = services.clock.now();
  const ttlSeconds = Math.min(wanted.ttlSeconds, maxTtlSeconds);
  return keepNew(services, form, {
    account,
    role,
    ...factsOf(view, wanted),
    method,
    authenticatedAt: wanted.authenticatedAt ?? createdAt,
    createdAt,
    expiresAt: createdAt + ttlSeconds * 1_000,
    ttlSeconds,
    maxTtlSeconds,
    renewable,
    displayName,
    ancestors: [],
  });
}

/** Keeps a session under a token, and with an accessor, of its own. */
export async function keepNew(
  services: SessionServices,
  form: TokenForm,
  session: Omit<KeptSession, 'accessor'>,
): Promise<StartedSession> {
  const token = newToken(form);
  const hash = hashOfSession(token);
  const kept: KeptSession = { ...session, accessor: randomBase62(accessorLength) };
  await services.ephemeral.put(kept.account, [entryOf(services, hash, kept)]);
  return { token, session: kept };
}

function factsOf(
  { state, records }: AccountView,
  { role, clientIp, credentialRevision }: NewSession,
): Pick<KeptSession, 'roleCreatedAt' | 'credentialRevision'> {
  const row = state.graph.role(role);
  if (row === undefined) {
    throw new LatchkeyError('AUTHENTICATION_ROLE_NOT_FOUND', { detail: `'${loginOf(role)}' not found` });
  }
  const present = credentialRevisionIn(records[0]);
  if (credentialRevision !== undefined && credentialRevision !== present)
    throw new LatchkeyError('CREDENTIALS_INVALID', { detail: 'the credential was just replaced' });
  if (!originAllowed(state.graph.restrictedTo(role), clientIp)) throw new LatchkeyError('ORIGIN_REFUSED');
  return { roleCreatedAt: row.createdAt, credentialRevision: present };
}
