/** What a host is to be like, read from what a client asked for. */
import { LatchkeyError } from '../errors.ts';
import { hasControlCharacter, isIdText, toRoleId, type Account, type RoleId } from '../ids.ts';
import { defaultPolicyLimits } from '../policy/limits.ts';

/** As a client gave it. */
export interface HostOrder {
  /** The identifier of the host, from the root: the place of its factory does not count. */
  readonly id: string | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

const maxAnnotations = 100;

/**
 * The role that an order names. Ids are as strict as in a policy.
 * @throws LatchkeyError `HOST_ID_MISSING`
 * @throws LatchkeyError `PARAMETER_INVALID`: below `conjur/`, which is for the service's own records; with an
 *   empty element or `..`; too long; or annotations beyond what a policy may say
 */
export function hostOf(account: Account, { id, annotations }: HostOrder): RoleId {
  if (id === undefined || id === '') throw new LatchkeyError('HOST_ID_MISSING');
  if (!isHostIdentifier(account, id)) throw invalid(`Invalid id: ${id.slice(0, 200)}`);
  if (annotations.size > maxAnnotations) throw invalid(`More than ${maxAnnotations} annotations`);
  for (const [name, value] of annotations) requireAnnotation(name, value);
  return toRoleId(account, 'host', id);
}

function isHostIdentifier(account: Account, id: string): boolean {
  return (
    !/^\/?conjur\//.test(id) &&
    !id.split('/').some((element) => element === '' || element === '..') &&
    id.trim() !== '' &&
    isIdText(account, 'host', id)
  );
}

function requireAnnotation(name: string, value: string): void {
  const { maxAnnotationNameBytes, maxAnnotationValueBytes } = defaultPolicyLimits;
  if (name === '' || hasControlCharacter(name) || Buffer.byteLength(name) > maxAnnotationNameBytes) {
    throw invalid('The name of an annotation is empty, too long, or has a control character');
  }
  if (Buffer.byteLength(value) > maxAnnotationValueBytes)
    throw invalid('The value of an annotation is too long');
}

function invalid(detail: string): LatchkeyError {
  return new LatchkeyError('PARAMETER_INVALID', { detail });
}
