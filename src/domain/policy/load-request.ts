/** What the parts of a policy load hand to one another. */
import type { ResourceId, RoleId } from '../ids.ts';
import type { Services } from '../services.ts';
import type { PlanMode } from './plan.ts';

export type LoadServices = Pick<Services, 'authority' | 'keyring' | 'clock' | 'audit' | 'settings'>;

export interface LoadRequest {
  readonly policy: ResourceId;
  readonly mode: PlanMode;
  readonly text: Uint8Array;
  /** Of the text, in hex. */
  readonly sha256: string;
  /** The text as its version keeps it. */
  readonly deflated: Uint8Array;
}

/** A user or host that a load made. */
export interface CreatedRole {
  readonly role: RoleId;
  readonly apiKey: string;
}

/** Passwords to hand out with a load. */
export interface GivenPasswords {
  readonly roles: readonly RoleId[];
  /** The hash for a role's password; the present one, if it is of that very password. */
  hash(role: RoleId, present: string | undefined): Promise<string>;
}
