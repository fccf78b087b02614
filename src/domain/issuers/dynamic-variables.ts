/** Variables whose values issuers are to make: those below `data/dynamic/`. */
import type { AccountState } from '../accounts/account-state.ts';
import { LatchkeyError } from '../errors.ts';
import { partsOf, storedResourceId, type ResourceId, type RoleId } from '../ids.ts';
import { invalid } from '../policy/invalid.ts';
import type { Definition, ResolvedPolicy } from '../policy/statements.ts';
import { decide } from '../rbac/check.ts';
import type { AccessGraph } from '../rbac/graph.ts';
import { missingText } from '../record-missing.ts';
import type { IssuerRecord } from '../records/issuers.ts';
import type { DomainSettings } from '../services.ts';
import { issuerPolicyOf } from './issuer.ts';

const place = 'data/dynamic/';
const issuerAnnotation = 'dynamic/issuer';
const methodAnnotation = 'dynamic/method';
const ttlAnnotation = 'dynamic/ttl';

/** By `dynamic/method`: how it is called in messages, and the longest TTL. */
const methods: ReadonlyMap<string, { readonly shown: string; readonly maxTtlSeconds: number }> = new Map([
  ['federation-token', { shown: 'federation token', maxTtlSeconds: 12 * 60 * 60 }],
  ['assume-role', { shown: 'assumed role', maxTtlSeconds: 36 * 60 * 60 }],
]);
const minTtlSeconds = 900;

/** Whether the value of a resource is to be made by an issuer, which nobody can set. */
export function isDynamic(
  resource: ResourceId,
  settings: Pick<DomainSettings, 'dynamicSecretsEnabled'>,
): boolean {
  if (!settings.dynamicSecretsEnabled) return false;
  const { kind, identifier } = partsOf(resource);
  return kind === 'variable' && identifier.startsWith(place);
}

/**
 * The refusal to read the value of a dynamic variable: no engine that makes such values is part of
 * the service.
 * @see Conjur: the same without an engine beside it
 */
export function dynamicUnavailable({ account, graph }: AccountState, variable: ResourceId): LatchkeyError {
  const issuer = graph.annotation(variable, issuerAnnotation)?.value ?? '';
  const policy = issuerPolicyOf(account, issuer);
  if (policy === undefined || graph.issuers.get(policy) === undefined) {
    return new LatchkeyError('DYNAMIC_SECRET_UNAVAILABLE', {
      detail: `Issuer assigned to ${variable} was not found`,
    });
  }
  return new LatchkeyError('DYNAMIC_SECRET_UNAVAILABLE');
}

/** The dynamic variables that name an issuer, sorted. Looks at every resource. */
export function variablesOf(graph: AccessGraph, account: string, issuer: string): readonly ResourceId[] {
  const found: ResourceId[] = [];
  const start = `${account}:variable:${place}`;
  for (const resource of graph.resources()) {
    if (resource.startsWith(start) && graph.annotation(resource, issuerAnnotation)?.value === issuer)
      found.push(resource);
  }
  return found.sort();
}

/**
 * Checks what a policy says of dynamic variables: those below `data/dynamic/` name an issuer that the
 * role may `use`, a method and perhaps a TTL that fit it; others name none.
 * @throws LatchkeyError `POLICY_INVALID`, at the definition, in Conjur's words
 */
export function requireDynamicVariables(
  policy: ResolvedPolicy,
  state: Pick<AccountState, 'account' | 'graph'>,
  role: RoleId,
): void {
  for (const definition of policy.definitions) {
    if (definition.tag === 'variable') requireDynamic(definition, state, role);
  }
}

function requireDynamic(
  definition: Definition,
  state: Pick<AccountState, 'account' | 'graph'>,
  role: RoleId,
): void {
  const { at } = definition;
  const { identifier } = partsOf(storedResourceId(definition.id));
  const issuer = annotationOf(definition, issuerAnnotation);
  if (!identifier.startsWith(place)) {
    if (issuer === undefined) return;
    throw invalid(at, `The dynamic variable '${identifier}' is not in the correct path`);
  }
  if (issuer === undefined)
    throw invalid(at, `The dynamic variable '${identifier}' has no issuer annotation`);
  const missing = missingText(`${state.account}:issuer:${issuer}`);
  const issuerPolicy = issuerPolicyOf(state.account, issuer);
  const record = issuerPolicy === undefined ? undefined : state.graph.issuers.get(issuerPolicy);
  if (record === undefined) throw invalid(at, missing);
  // Before all else that depends on the issuer, as who may not use it is not to learn its limits.
  const mayUse = decide(state.graph, role, 'use', record.policy).allowed;
  if (!mayUse) throw invalid(at, missing);
  const fault = faultOf(definition, identifier, record);
  if (fault !== undefined) throw invalid(at, fault);
}

function faultOf(definition: Definition, identifier: string, issuer: IssuerRecord): string | undefined {
  const method = annotationOf(definition, methodAnnotation);
  if (method === undefined) {
    return `The variable definition for dynamic secret "${identifier}" requires a 'method' annotation.`;
  }
  const rule = methods.get(method);
  if (rule === undefined) {
    return (
      `The 'method' annotation in the variable definition for dynamic secret "${identifier}" is not valid. ` +
      'Allowed values: assume-role, federation-token'
    );
  }
  const ttl = annotationOf(definition, ttlAnnotation);
  if (ttl === undefined) return undefined;
  const ttlSeconds = /^\d{1,9}$/.test(ttl) ? Number(ttl) : 0;
  if (ttlSeconds < minTtlSeconds || ttlSeconds > rule.maxTtlSeconds) {
    return (
      `The TTL defined for dynamic secret '${identifier}' (method=${rule.shown}) is out of the allowed range: ` +
      `${minTtlSeconds}-${rule.maxTtlSeconds.toLocaleString('en-US')} seconds.`
    );
  }
  if (ttlSeconds > issuer.maxTtlSeconds) {
    return (
      'The TTL of the dynamic secret must be less than or equal to the maximum TTL defined in the issuer. ' +
      `(Max TTL: ${issuer.maxTtlSeconds})`
    );
  }
  return undefined;
}

function annotationOf({ annotations }: Definition, name: string): string | undefined {
  return annotations.findLast((annotation) => annotation.name === name)?.value;
}
