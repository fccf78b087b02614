import type { ClientRecord } from '../../../domain/provider/registry/records.ts';
import type { DecisionFacts } from '../../../domain/provider/vault/flow/audited-decision.ts';
import type { TokenFacts } from '../../../domain/provider/vault/flow/token-checks.ts';
import type { Issuer } from './issuer.ts';

/** What is found out of whom a token request is about. */
export type Found = Partial<Pick<DecisionFacts, 'role' | 'scope'>>;

/** A token request of a client that may make it here, with this grant. */
export interface AdmittedRequest {
  readonly facts: TokenFacts;
  readonly issuer: Issuer;
  readonly client: ClientRecord;
  /** Tells the audit. */
  readonly about: (found: Found) => void;
}
