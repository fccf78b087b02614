import { isFailure } from '../errors.ts';
import type { ResourceId } from '../ids.ts';
import { occurrence } from '../occurrence.ts';
import type { StoredRecord } from '../../ports/store.ts';
import { newestOf, secretSealName } from '../records/secrets.ts';
import type { RequestContext } from '../request.ts';
import type { Services } from '../services.ts';

/**
 * Opens a sealed value of a record. One that was altered, swapped with another record's or
 * sealed under a foreign key is refused, and the refusal has an audit record of its own.
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export async function openRecorded(
  services: Pick<Services, 'keyring' | 'audit' | 'clock'>,
  request: RequestContext,
  role: string,
  sealed: Uint8Array,
  sealName: string,
): Promise<Uint8Array> {
  try {
    return services.keyring.open(sealed, sealName);
  } catch (error) {
    if (isFailure(error, 'SEALED_VALUE_INVALID', 'DATA_KEY_UNKNOWN')) {
      await services.audit.record({
        type: 'integrity',
        ...occurrence(services, request, error),
        role,
        record: sealName,
      });
    }
    throw error;
  }
}

/**
 * Opens the newest value of a variable, as {@link openRecorded} does.
 * @param record the variable's secret record
 * @throws LatchkeyError `SEALED_VALUE_INVALID`, `DATA_KEY_UNKNOWN`
 */
export async function openNewest(
  services: Pick<Services, 'keyring' | 'audit' | 'clock'>,
  request: RequestContext,
  role: string,
  variable: ResourceId,
  record: StoredRecord,
): Promise<Uint8Array> {
  const { version, sealed } = newestOf(record.value);
  return openRecorded(services, request, role, sealed, secretSealName(variable, version));
}
