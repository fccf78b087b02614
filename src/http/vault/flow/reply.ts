/** Answers of the protocol endpoints. */
import type { Refusal, FlowError } from '../../../domain/provider/vault/flow/refusal.ts';
import type { Raw } from '../envelope.ts';

/** Bodies of requests that speak OAuth. */
export const maxFlowBodyBytes = 64 * 1024;

/** What must not be kept anywhere (RFC 6749 section 5.1). */
export const tokenHeaders = { 'Cache-Control': 'no-store', Pragma: 'no-cache' } as const;

const statuses: Partial<Record<FlowError, number>> = {
  invalid_client: 401,
  server_error: 500,
};

/** A refusal at the token endpoint, and at its neighbours (RFC 6749 section 5.2). */
export function refusedToken({ refused, description }: Refusal): Raw {
  return {
    raw: { error: refused, error_description: description },
    status: statuses[refused] ?? 400,
    headers: refused === 'invalid_client' ? { ...tokenHeaders, ...challenge } : tokenHeaders,
  };
}

/** Whether or not the client tried this scheme: of the two that there are, it is the one with a name. */
export const challenge = { 'WWW-Authenticate': 'Basic' } as const;
