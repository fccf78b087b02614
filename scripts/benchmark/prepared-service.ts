/** A service with secrets and sign-ins, and the requests that it is asked with. */
import { join } from 'node:path';
import { startIssuer } from './issuer.ts';
import {
  authenticateRequests,
  authenticators,
  fetchRequests,
  populate,
  writeRequests,
} from './hot-requests.ts';
import { startService, type Service } from './service.ts';
import type { Stage } from './stage.ts';

export interface PreparedService {
  readonly service: Service;
  /** Files of requests: as hosts fetch secrets, and as users sign in with ID tokens (RS256). */
  readonly fetch: string;
  readonly authenticate: string;
}

/** What a measurement of a service of its own is told. */
export interface ServiceMeasurement {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  /** For the files of a run. */
  readonly folder: string;
  readonly say: (text: string) => void;
}

/**
 * Starts a service on the embedded store.
 * @param name of its files
 * @param core the one that it has
 */
export async function prepareService(
  stage: Stage,
  folder: string,
  name: string,
  settings: Readonly<Record<string, string>> = {},
  core?: number | 'any',
): Promise<PreparedService> {
  const issuer = await stage.open(startIssuer(), (opened) => opened.close());
  const starting = startService({ LATCHKEY_AUTHENTICATORS: authenticators, ...settings }, core);
  const service = await stage.open(starting, (opened) => opened.stop());
  const keys = await populate(service, issuer);
  const file = (kind: string): string => join(folder, `${name}-${kind}.requests`);
  return {
    service,
    fetch: writeRequests(file('fetch'), await fetchRequests(service, keys)),
    authenticate: writeRequests(file('authenticate'), authenticateRequests(issuer, 'RS256')),
  };
}
