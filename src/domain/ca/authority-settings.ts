/** What the annotations of a certificate authority's webservice say. */
import { LatchkeyError } from '../errors.ts';
import { isIdText, toResourceId, partsOf, type ResourceId } from '../ids.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { durationSeconds } from './durations.ts';

export interface AuthoritySettings {
  /** The variables that hold chain, private key and, where it is encrypted, its password. */
  readonly chain: ResourceId;
  readonly privateKey: ResourceId;
  readonly password: ResourceId | undefined;
  readonly maxTtlSeconds: number;
}

/** @throws LatchkeyError `CA_MISCONFIGURED`: an annotation is missing or cannot be read */
export function authoritySettings(graph: AccessGraph, webservice: ResourceId): AuthoritySettings {
  const annotation = (name: string): string | undefined => graph.annotation(webservice, name)?.value;
  const maxTtl = annotation('ca/max_ttl');
  const maxTtlSeconds = maxTtl === undefined ? undefined : durationSeconds(maxTtl);
  if (maxTtlSeconds === undefined) throw misconfigured(webservice, 'ca/max_ttl');
  const password = annotation('ca/private-key-password');
  return {
    chain: variableOf(webservice, 'ca/certificate-chain', annotation('ca/certificate-chain')),
    privateKey: variableOf(webservice, 'ca/private-key', annotation('ca/private-key')),
    password:
      password === undefined ? undefined : variableOf(webservice, 'ca/private-key-password', password),
    maxTtlSeconds,
  };
}

function variableOf(webservice: ResourceId, name: string, identifier: string | undefined): ResourceId {
  const { account } = partsOf(webservice);
  if (identifier === undefined || !isIdText(account, 'variable', identifier)) {
    throw misconfigured(webservice, name);
  }
  return toResourceId(account, 'variable', identifier);
}

function misconfigured(webservice: ResourceId, name: string): LatchkeyError {
  return new LatchkeyError('CA_MISCONFIGURED', {
    detail: `The annotation ${name} of ${webservice} is missing or cannot be read`,
  });
}
