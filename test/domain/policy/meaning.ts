/** What a policy text comes to, one short line for each thing, the account left out. */
import { LatchkeyError } from '../../../src/domain/errors.ts';
import { adminOf, toAccount, toResourceId } from '../../../src/domain/ids.ts';
import type { PolicyLimits } from '../../../src/domain/policy/limits.ts';
import { parsePolicy } from '../../../src/domain/policy/parse.ts';
import { resolvePolicy } from '../../../src/domain/policy/resolve.ts';
import type { Definition, ResolvedPolicy } from '../../../src/domain/policy/statements.ts';

export const account = toAccount('acct');

export interface Load {
  /** The policy that the text is loaded to. */
  readonly branch?: string;
  readonly limits?: Partial<PolicyLimits>;
}

export function resolved(
  text: string | Uint8Array,
  { branch = 'root', limits = {} }: Load = {},
): ResolvedPolicy {
  const statements = parsePolicy(typeof text === 'string' ? Buffer.from(text) : text, limits);
  return resolvePolicy(statements, {
    account,
    branch: toResourceId(account, 'policy', branch),
    branchOwner: adminOf(account),
  });
}

/**
 * `group:ops of user:admin`, with `{name=value}` for annotations, `from` for restrictions, `key` for
 * public keys, `with` for layers; then `grant`, `permit`, `revoke`, `deny`, `delete`.
 */
export function meaning(text: string, load: Load = {}): readonly string[] {
  const { definitions, grants, permits, revokes, denies, deletes } = resolved(text, load);
  return [
    ...definitions.filter((definition) => !definition.implied).map(describeDefinition),
    ...grants.map((entry) => `grant ${entry.role} to ${entry.member}${entry.admin ? ' as admin' : ''}`),
    ...permits.map((entry) => `permit ${entry.role} ${entry.privilege} on ${entry.resource}`),
    ...revokes.map((entry) => `revoke ${entry.role} from ${entry.member}`),
    ...denies.map((entry) => `deny ${entry.role} ${entry.privilege} on ${entry.resource}`),
    ...deletes.map((entry) => `delete ${entry.id}`),
  ].map((line) => line.replaceAll('acct:', ''));
}

function describeDefinition(definition: Definition): string {
  const { id, owner, annotations, restrictedTo, publicKeys, layers, hasResource } = definition;
  return [
    hasResource ? `${id} of ${owner}` : id,
    ...annotations.map(({ name, value }) => ` {${name}=${value}}`),
    restrictedTo === undefined ? '' : ` from [${restrictedTo.join(', ')}]`,
    ...publicKeys.map(({ name, line }) => ` key ${name}: ${line}`),
    layers.length === 0 ? '' : ` with ${layers.join(', ')}`,
  ].join('');
}

/** The error of a text that must be refused. */
export function refusal(text: string | Uint8Array, load: Load = {}): LatchkeyError {
  try {
    resolved(text, load);
  } catch (error) {
    if (error instanceof LatchkeyError) return error;
    throw error;
  }
  throw new Error(
    `The text was accepted: ${typeof text === 'string' ? text : Buffer.from(text).toString('hex')}`,
  );
}
