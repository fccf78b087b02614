/** Claims templates, filled in for somebody. */
import type { Entity, EntityAlias } from '../identity/entities.ts';
import { invalidTemplate, parseTemplate, type Directive, type Segment } from './parse.ts';

/** For whom, and when, a template is filled in. */
export interface TemplateSubject {
  /** Undefined: nobody, with empty names and no groups. */
  readonly entity:
    Pick<Entity, 'id' | 'name' | 'metadata' | 'groupIds' | 'groupNames' | 'aliases'> | undefined;
  readonly nowSeconds: number;
}

export type Claims = Readonly<Record<string, unknown>>;

/** Far more than fits in a token, and little enough to make and to parse. */
const maxRenderedCharacters = 256 * 1024;
const maxDepth = 32;

/**
 * The claims that a template makes. Strings are JSON strings, whatever characters are in them. The
 * empty template makes none.
 * @throws LatchkeyError `CLAIMS_TEMPLATE_INVALID`: it does not parse, or what it makes is not a JSON
 *   object, is over 256 Ki characters, nests over 32 levels deep, or has a member `__proto__` or a
 *   number beyond 2^53, which would not survive
 */
export function renderClaims(template: string, subject: TemplateSubject): Claims {
  return template === '' ? {} : claimsIn(fill(parseTemplate(template), subject));
}

function fill(segments: readonly Segment[], subject: TemplateSubject): string {
  const rendered: string[] = [];
  let characters = 0;
  for (const segment of segments) {
    const text = typeof segment === 'string' ? segment : JSON.stringify(valueOf(segment, subject));
    if ((characters += text.length) > maxRenderedCharacters) throw invalidTemplate('it makes too much');
    rendered.push(text);
  }
  return rendered.join('');
}

function valueOf(directive: Directive, { entity, nowSeconds }: TemplateSubject): unknown {
  switch (directive.kind) {
    case 'entity-id':
      return entity?.id ?? '';
    case 'entity-name':
      return entity?.name ?? '';
    case 'group-ids':
      return nullIfEmpty(entity?.groupIds);
    case 'group-names':
      return nullIfEmpty(entity?.groupNames);
    case 'metadata':
      return entity?.metadata ?? {};
    case 'metadata-value':
      return member(entity?.metadata, directive.key);
    case 'time':
      return nowSeconds + directive.offsetSeconds;
    case 'alias':
      return aliasValue(
        directive,
        entity?.aliases.find((alias) => alias.mountAccessor === directive.accessor),
      );
  }
}

type AliasDirective = Extract<Directive, { readonly kind: 'alias' }>;

function aliasValue({ field, key }: AliasDirective, alias: EntityAlias | undefined): unknown {
  switch (field) {
    case 'id':
    case 'name':
      return alias?.[field] ?? '';
    case 'metadata':
      return key === undefined ? (alias?.metadata ?? {}) : member(alias?.metadata, key);
    case 'custom_metadata':
      return key === undefined ? (alias?.customMetadata ?? {}) : member(alias?.customMetadata, key);
  }
}

/** In Vault, who is in no group has `null` for groups. */
function nullIfEmpty(list: readonly string[] = []): readonly string[] | null {
  return list.length === 0 ? null : list;
}

function member(values: Readonly<Record<string, string>> | undefined, key: string): string {
  return values !== undefined && Object.hasOwn(values, key) ? (values[key] ?? '') : '';
}

function claimsIn(text: string): Claims {
  let claims: unknown;
  try {
    claims = JSON.parse(text);
  } catch {
    // The parser's own words may repeat what is in the text.
    throw invalidTemplate('it does not make JSON');
  }
  if (!isObject(claims)) throw invalidTemplate('it does not make a JSON object');
  requirePlain(claims, maxDepth);
  return claims;
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is merged and serialized later must survive that: no depth without bound, no prototype, no number out of range. */
function requirePlain(value: unknown, levels: number): void {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw invalidTemplate('it has a number that is too large');
  }
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw invalidTemplate('it nests too deeply');
  for (const [name, inner] of Object.entries(value)) {
    if (name === '__proto__') throw invalidTemplate('it has a member that is called __proto__');
    requirePlain(inner, levels - 1);
  }
}
