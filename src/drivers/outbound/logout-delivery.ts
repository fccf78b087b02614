/** Logout tokens on their way to relying parties. */
import { setTimeout as pause } from 'node:timers/promises';
import { LatchkeyError } from '../../domain/errors.ts';
import type { LogoutDelivery } from '../../ports/logout-delivery.ts';
import { openOutbound } from './outbound.ts';

const limits = { connectTimeoutMs: 2_000, maxResponseBytes: 16 * 1_024 };
const maxAttempts = 2;
const attemptTimeoutMs = 3_000;
const pauseMs = 250;
/** Deliveries under way; what comes beyond is given up at once. */
const maxDeliveries = 64;
const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/**
 * @param certificates replace the system's trust store; PEM, one certificate each
 */
export function openLogoutDelivery(certificates?: readonly string[]): LogoutDelivery {
  let underWay = 0;
  return {
    deliver: async (uri, logoutToken) => {
      const url = addressOf(uri);
      if (underWay >= maxDeliveries) throw undelivered(url, 'too many deliveries at once');
      underWay += 1;
      try {
        await attempts(url, new URLSearchParams({ logout_token: logoutToken }).toString(), certificates);
      } finally {
        underWay -= 1;
      }
    },
  };
}

function addressOf(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const allowed =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && loopbackHosts.includes(url.hostname));
  if (url !== undefined && allowed) return url;
  throw new LatchkeyError('LOGOUT_UNDELIVERED', { detail: 'the back-channel logout URI may not be called' });
}

async function attempts(url: URL, body: string, certificates: readonly string[] | undefined): Promise<void> {
  let failure: unknown;
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    if (attempt > 1) await pause(pauseMs);
    const outbound = openOutbound(certificates, limits);
    try {
      const response = await outbound.post(url, body, form, AbortSignal.timeout(attemptTimeoutMs));
      if (response.status === 200 || response.status === 204) return;
      failure = undelivered(url, `status ${String(response.status)}`);
      // A client that says no (section 2.8) will say it again.
      if (response.status < 500) break;
    } catch (error) {
      failure = undelivered(url, 'no answer', error);
    } finally {
      await outbound.close();
    }
  }
  throw failure;
}

function undelivered(url: URL, why: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('LOGOUT_UNDELIVERED', { detail: `${url.origin}: ${why}`, cause });
}
