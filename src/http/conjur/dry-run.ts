/** What a dry run answers: what would change, or what is wrong with the text. */
import { isFailure, type ErrorCode, type LatchkeyError } from '../../domain/errors.ts';
import { partsOf, type ResourceId } from '../../domain/ids.ts';
import type { Item } from '../../domain/policy/difference.ts';
import type { Rehearsal } from '../../domain/policy/dry-run.ts';
import { problemOf } from '../../domain/policy/invalid.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './json.ts';
import { adviceFor } from './policy-advice.ts';

/** The failures that are about the text; all others are answered as those of a load. */
const textFaults: readonly ErrorCode[] = [
  'POLICY_INVALID',
  'POLICY_UNRESOLVED',
  'POLICY_TEXT_MISSING',
  'POLICY_TEXT_DELETES',
  'PASSWORD_WEAK',
];

export function isTextFault(error: unknown): error is LatchkeyError {
  return isFailure(error, ...textFaults);
}

export function sendRehearsal(ctx: RequestContextOf, { difference, warnings }: Rehearsal): void {
  const { created, before, after, deleted } = difference;
  sendJson(ctx, {
    status: 'Valid YAML',
    created: { items: created.map(shape) },
    updated: { before: { items: before.map(shape) }, after: { items: after.map(shape) } },
    deleted: { items: deleted.map(shape) },
    ...(warnings.length === 0 ? {} : { warnings }),
  });
}

/**
 * A fault of the text. Only one that keeps it from being read has line and column, as in Conjur;
 * the place of the others is told beside them.
 */
export function sendTextFault(ctx: RequestContextOf, policy: ResourceId, error: LatchkeyError): void {
  const { code, at } = error;
  const unread = code === 'POLICY_INVALID' ? at : undefined;
  const position =
    unread === undefined && at !== undefined ? { line: at.line, column: at.column } : undefined;
  const problem = problemOf(error);
  ctx.status = 422;
  ctx.message = 'Unprocessable Content';
  sendJson(ctx, {
    status: 'Invalid YAML',
    errors: [
      {
        line: unread?.line ?? null,
        column: unread?.column ?? null,
        message: `${problem}\n${adviceFor(problem) ?? error.advice ?? ''}`,
        context: {
          policy_id: partsOf(policy).identifier,
          offending_lines: unread === undefined ? [] : [unread.line],
          ...(position === undefined ? {} : { position }),
        },
      },
    ],
  });
}

function shape(item: Item): unknown {
  const { id } = item;
  const { kind: type, identifier } = partsOf(id);
  if (item.form === 'hidden') return { identifier: id, type };
  const common = { identifier: id, id: identifier, type, owner: item.owner, policy: item.policy ?? null };
  const annotations = Object.fromEntries(item.annotations);
  if (item.form === 'resource') {
    return { ...common, permitted: Object.fromEntries(item.permitted), annotations };
  }
  return {
    ...common,
    permissions: Object.fromEntries(item.permissions),
    annotations,
    members: item.members,
    memberships: item.memberships,
    restricted_to: item.restrictedTo,
  };
}
