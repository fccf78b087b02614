/** The audit of acts on the registry. */
import type { RegistryEvent } from '../../audit/provider-events.ts';
import { audited } from '../../audited.ts';
import { occurrence } from '../../occurrence.ts';
import type { ActorRequest } from '../../request.ts';
import type { Services } from '../../services.ts';
import type { ManagedKind } from './access.ts';

/** What a record of an act on the registry states. */
export interface RegistryAct {
  readonly operation: RegistryEvent['operation'];
  readonly kind: ManagedKind;
  /** As it was given; absent of a list. */
  readonly name?: string;
}

/**
 * Runs an act on the registry and records it, whatever the outcome, before the result settles.
 * @param act or a function that says it, for what only the act itself finds out
 * @throws LatchkeyError `AUDIT_UNAVAILABLE`: the record could not be written
 */
export async function auditedRegistry<T>(
  services: Pick<Services, 'audit' | 'clock'>,
  request: ActorRequest,
  act: RegistryAct | (() => RegistryAct),
  run: () => Promise<T>,
): Promise<T> {
  return audited(
    services.audit,
    (failure) => {
      const { operation, kind, name = '' } = typeof act === 'function' ? act() : act;
      const { role } = request.actor;
      return {
        type: 'oidc-registry',
        ...occurrence(services, request, failure),
        operation,
        kind,
        name,
        role,
      };
    },
    run,
  );
}
