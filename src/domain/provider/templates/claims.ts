/** The claims of scopes and roles: what may be written as a template, and what comes of several. */
import { isFailure } from '../../errors.ts';
import type { ScopeRecord } from '../registry/records.ts';
import { invalidTemplate, parseTemplate } from './parse.ts';
import { renderClaims, type Claims, type TemplateSubject } from './render.ts';

type Templated = Pick<ScopeRecord, 'name' | 'template'>;

/** The claims that the issuer itself states; no template may. */
export const reservedClaims = [
  'iat',
  'aud',
  'exp',
  'iss',
  'sub',
  'namespace',
  'nonce',
  'auth_time',
  'at_hash',
  'c_hash',
] as const;

const reserved: ReadonlySet<string> = new Set(reservedClaims);

/** What a template is tried on before anybody asks for it. */
const nobody: TemplateSubject = { entity: undefined, nowSeconds: 0 };

/**
 * Reads a template as it was given: as it is, or in base64, with the padded standard alphabet.
 * @returns the text to store
 * @throws LatchkeyError `CLAIMS_TEMPLATE_INVALID`: for nobody it does not make a JSON object, or that has a reserved claim
 * @see Vault: parameter `template` of a scope and of a role
 */
export function validateTemplate(given: string): string {
  const template = decoded(given);
  const [taken] = Object.keys(renderClaims(template, nobody)).filter((claim) => reserved.has(claim));
  if (taken !== undefined) {
    throw invalidTemplate(
      `top level key ${JSON.stringify(taken)} not allowed. Restricted keys: ${reservedClaims.join(', ')}`,
    );
  }
  return template;
}

const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** No template that makes an object is base64 by accident: it has braces. */
function decoded(given: string): string {
  const text = given.replace(/[\r\n]/g, '');
  if (!base64Form.test(text)) return given;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'base64'));
  } catch {
    throw invalidTemplate('it is base64 of what is not UTF-8');
  }
}

/** A claim that more than one scope makes. */
export interface ClaimConflict {
  readonly claim: string;
  /** The names of the scopes, as they were given. */
  readonly scopes: readonly string[];
}

/** The claims that more than one of these scopes makes, in the order in which they are met. */
export function conflictingClaims(scopes: readonly Templated[]): readonly ClaimConflict[] {
  const makers = new Map<string, string[]>();
  for (const { name, template } of scopes) {
    for (const claim of Object.keys(claimsOrNone(template, nobody))) {
      const known = makers.get(claim);
      if (known === undefined) makers.set(claim, [name]);
      else known.push(name);
    }
  }
  return [...makers].flatMap(([claim, names]) => (names.length > 1 ? [{ claim, scopes: names }] : []));
}

/**
 * The claims that scopes (or roles) make for somebody, without those that are the issuer's to
 * state. A template that cannot be filled in for this one contributes nothing.
 */
export function claimsOf(scopes: readonly Templated[], subject: TemplateSubject): Claims {
  const claims = new Map<string, unknown>();
  for (const { template } of scopes) {
    for (const [claim, value] of Object.entries(claimsOrNone(template, subject))) {
      if (!reserved.has(claim)) claims.set(claim, value);
    }
  }
  return Object.fromEntries(claims);
}

/** Whether a template says anything of the one that it is filled in for. */
export function tellsOfEntity(template: string): boolean {
  return parseTemplate(template).some((segment) => typeof segment !== 'string' && segment.kind !== 'time');
}

function claimsOrNone(template: string, subject: TemplateSubject): Claims {
  try {
    return renderClaims(template, subject);
  } catch (error) {
    if (isFailure(error, 'CLAIMS_TEMPLATE_INVALID')) return {};
    throw error;
  }
}
