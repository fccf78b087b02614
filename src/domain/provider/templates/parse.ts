/**
 * Claims templates: JSON text with directives between double braces, in the language that Vault
 * has for the templates of scopes and roles. There is no nesting, condition, escape or function.
 */
import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../../errors.ts';
import { readSeconds } from '../vault/duration.ts';

export type AliasField = 'id' | 'name' | 'metadata' | 'custom_metadata';

/** What a directive stands for. Each brings its own quotes, brackets or braces. */
export type Directive =
  | { readonly kind: 'entity-id' | 'entity-name' | 'group-ids' | 'group-names' | 'metadata' }
  | { readonly kind: 'metadata-value'; readonly key: string }
  | {
      readonly kind: 'alias';
      readonly accessor: string;
      readonly field: AliasField;
      /** Which of the metadata; absent: all of them. */
      readonly key: string | undefined;
    }
  | { readonly kind: 'time'; readonly offsetSeconds: number };

/** Text that stays as it is, or a directive. */
export type Segment = string | Directive;

const maxTemplateCharacters = 64 * 1024;

/** By their texts; every request parses the same few. */
const parsed = new LRUCache<string, readonly Segment[]>({
  maxSize: 16 * maxTemplateCharacters,
  sizeCalculation: (_segments, text) => text.length + 1,
});

/**
 * Splits a template.
 * @throws LatchkeyError `CLAIMS_TEMPLATE_INVALID`: over 64 Ki characters, braces without their
 *   counterpart, or a directive that there is not
 */
export function parseTemplate(text: string): readonly Segment[] {
  if (text.length > maxTemplateCharacters) throw invalidTemplate('the template is too long');
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const segments = split(text);
  parsed.set(text, segments);
  return segments;
}

function split(text: string): readonly Segment[] {
  const [before = '', ...pieces] = text.split('{{');
  if (before.includes('}}')) throw unbalanced();
  return [before, ...pieces.flatMap(parsePiece)];
}

function parsePiece(piece: string): readonly Segment[] {
  const [directive, text, ...others] = piece.split('}}');
  if (directive === undefined || text === undefined || others.length > 0) throw unbalanced();
  return [parseDirective(directive.trim()), text];
}

/** The directives that have no parameter. */
const plain: ReadonlyMap<string, Directive> = new Map([
  ['identity.entity.id', { kind: 'entity-id' }],
  ['identity.entity.name', { kind: 'entity-name' }],
  ['identity.entity.metadata', { kind: 'metadata' }],
  ['identity.entity.groups.ids', { kind: 'group-ids' }],
  ['identity.entity.groups.names', { kind: 'group-names' }],
  ['time.now', { kind: 'time', offsetSeconds: 0 }],
]);

function parseDirective(text: string): Directive {
  const directive =
    plain.get(text) ??
    within(text, 'identity.entity.metadata.', (key) => ({ kind: 'metadata-value', key })) ??
    within(text, 'identity.entity.aliases.', parseAlias) ??
    within(text, 'time.now.', parseTime);
  if (directive === undefined) throw invalidTemplate('it has a directive that does not exist');
  return directive;
}

function within(
  text: string,
  prefix: string,
  read: (rest: string) => Directive | undefined,
): Directive | undefined {
  return text.startsWith(prefix) ? read(text.slice(prefix.length)) : undefined;
}

const aliasForm = /^([^.]+)\.(?:(id|name|metadata|custom_metadata)|(metadata|custom_metadata)\.(.*))$/s;

function parseAlias(rest: string): Directive {
  const [, accessor, whole, part, key] = aliasForm.exec(rest) ?? [];
  const field = whole ?? part;
  if (accessor === undefined || field === undefined)
    throw invalidTemplate('an alias is not followed by one of its fields');
  return { kind: 'alias', accessor, field: field as AliasField, key };
}

function parseTime(rest: string): Directive {
  const [, operator, duration] = /^([^.]*)\.(.+)$/s.exec(rest) ?? [];
  if (operator === undefined || duration === undefined) throw invalidTemplate('a time lacks its operand');
  const seconds = readSeconds(duration);
  if (seconds === undefined) throw invalidTemplate('the operand of a time is no duration');
  if (operator === 'plus') return { kind: 'time', offsetSeconds: seconds };
  if (operator === 'minus') return { kind: 'time', offsetSeconds: -seconds };
  throw invalidTemplate('the operator of a time is neither plus nor minus');
}

function unbalanced(): LatchkeyError {
  return invalidTemplate('unbalanced templating characters');
}

/** The one failure of templates; the reason is of the template's text, never of a value that goes into it. */
export function invalidTemplate(reason: string): LatchkeyError {
  return new LatchkeyError('CLAIMS_TEMPLATE_INVALID', { detail: `error parsing template: ${reason}` });
}
