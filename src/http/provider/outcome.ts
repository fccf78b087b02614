/** How the pages of a sign-in end it. */
import { LatchkeyError } from '../../domain/errors.ts';
import type { RoleId } from '../../domain/ids.ts';
import type { RoleRow } from '../../domain/records/rows.ts';
import type { Services } from '../../domain/services.ts';

/** The role as it is now. @throws LatchkeyError `SIGN_IN_EXPIRED`: it went meanwhile */
export async function roleRow(
  services: Pick<Services, 'authority' | 'settings'>,
  role: RoleId,
): Promise<RoleRow> {
  const { state } = await services.authority.read(services.settings.account, []);
  const row = state.graph.role(role);
  if (row === undefined) throw new LatchkeyError('SIGN_IN_EXPIRED');
  return row;
}

/** Back to the client, with the reason for the audit. */
export function denied(reason: string): { readonly kind: 'denied'; readonly reason: string } {
  return { kind: 'denied', reason };
}
