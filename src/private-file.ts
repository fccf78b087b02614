/** Who may read a file that holds a secret. */
import type { Stats } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';

const groupAndOthers = 0o077;
const allButGroupReading = 0o037;
const superuser = 0;
const superusersGroup = 0;

/**
 * Whether others than its owner may open a file that is to be kept from them.
 *
 * The superuser may hand a file to a service that then need not own it; a process of the superuser needs no
 * such thing. Nobody but the superuser may write it, and it is read by
 * - its group, which this process belongs to: as Kubernetes (`fsGroup`) and packages do;
 * - whom an access list names, which shows as the superuser's group reading: so does systemd with the files
 *   directly inside of the folder of credentials that it made for the service.
 *
 * @param path under which the file was opened
 * @param credentialsFolder systemd's, which names it in the environment (systemd.exec(5), LoadCredential=)
 */
export function openToOthers(
  { mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>,
  path: string,
  credentialsFolder = process.env['CREDENTIALS_DIRECTORY'],
): boolean {
  if ((mode & groupAndOthers) === 0) return false;
  if ((mode & allButGroupReading) !== 0 || uid !== superuser || process.getuid?.() === superuser) return true;
  if (gid === superusersGroup && isCredential(path, credentialsFolder)) return false;
  return !ownGroups().includes(gid);
}

function isCredential(path: string, folder = ''): boolean {
  return isAbsolute(folder) && dirname(resolve(path)) === resolve(folder);
}

function ownGroups(): readonly (number | undefined)[] {
  return [process.getegid?.(), ...(process.getgroups?.() ?? [])];
}

/** What is said of such a file. */
export function openToOthersText(path: string): string {
  return `${path} is open to others than its owner; run: chmod 600 ${path}`;
}
