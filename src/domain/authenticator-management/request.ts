/** A request for a new authenticator, read and checked. */
import { LatchkeyError } from '../errors.ts';
import { recordMissing } from '../record-missing.ts';
import { requireData } from './data-rules.ts';
import {
  annotationNameRule,
  annotationValueRule,
  booleanIn,
  fieldOf,
  nameRule,
  objectIn,
  ownerIdRule,
  refuseUnknown,
  requireGiven,
  requireText,
  textIn,
  type JsonObject,
} from './fields.ts';
import { gcpName, isOnlyOne, kindOfType, type ManagedName } from './kinds.ts';
import { storedValue } from './settings.ts';

export interface NewAuthenticator extends ManagedName {
  /** Whether it is enabled once it is made; by default it is. */
  readonly enabled: boolean;
  /** Of its policy; by default the policy of its kind. */
  readonly owner: { readonly kind: string; readonly id: string } | undefined;
  /** Values by variable, the empty ones included: a variable without a value. */
  readonly variables: ReadonlyMap<string, string>;
  /** Of its webservice. */
  readonly annotations: ReadonlyMap<string, string>;
}

const fields = ['type', 'name', 'enabled', 'owner', 'data', 'annotations'];

/**
 * Reads a request, checking in Conjur's order; the first fault counts.
 * @throws LatchkeyError `FIELD_INVALID`, `FIELD_MISSING`, `FIELD_TYPE_INVALID`, `FIELD_VALUE_INVALID`
 * @throws LatchkeyError `AUTHENTICATOR_FIELD_INVALID`: no type, or one that is not supported
 * @throws LatchkeyError `RESOURCE_NOT_FOUND`: the one of GCP by another name than its own
 */
export function readNewAuthenticator(account: string, body: JsonObject): NewAuthenticator {
  refuseUnknown(body, fields);
  const nameValue = fieldOf(body, 'name');
  requireGiven('name', nameValue);
  const name = textIn('name', nameValue) ?? '';
  requireText('name', name, nameRule);
  const enabled = booleanIn('enabled', fieldOf(body, 'enabled'));
  const owner = objectIn('owner', fieldOf(body, 'owner'));
  const data = objectIn('data', fieldOf(body, 'data'));
  const annotations = objectIn('annotations', fieldOf(body, 'annotations'));
  const type = textIn('type', fieldOf(body, 'type'));
  const namedOwner = owner === undefined ? undefined : readOwner(owner);
  requireData(type ?? '', data);
  const texts = readAnnotations(annotations ?? {});
  const managed = kindFor(type);
  if (isOnlyOne(managed) && name !== gcpName) {
    throw recordMissing(`${account}:webservice:conjur/gcp/${name}`);
  }
  return {
    managed,
    name,
    enabled: enabled ?? true,
    owner: namedOwner,
    variables: variablesOf(managed, data ?? {}),
    annotations: texts,
  };
}

function kindFor(type: string | undefined): ManagedName['managed'] {
  if (type === undefined) {
    throw new LatchkeyError('AUTHENTICATOR_FIELD_INVALID', { detail: 'Authenticator type is required' });
  }
  const managed = kindOfType(type);
  if (managed !== undefined) return managed;
  throw new LatchkeyError('AUTHENTICATOR_FIELD_INVALID', {
    detail: `'authn-${type}' authenticators are not supported.`,
  });
}

const ownerKinds = ['user', 'host', 'group'];

function readOwner(owner: JsonObject): { readonly kind: string; readonly id: string } {
  refuseUnknown(owner, ['id', 'kind']);
  const id = fieldOf(owner, 'id');
  requireGiven('id', id);
  const idText = textIn('id', id) ?? '';
  requireText('id', idText, ownerIdRule);
  const kind = fieldOf(owner, 'kind');
  requireGiven('kind', kind);
  const kindText = textIn('kind', kind) ?? '';
  if (!ownerKinds.includes(kindText)) {
    throw new LatchkeyError('FIELD_VALUE_INVALID', {
      detail:
        `The value in the Resource '${idText}' kind parameter is not valid. ` +
        'Error: Allowed values are ["user", "host", "group"]',
    });
  }
  return { kind: kindText, id: idText };
}

function readAnnotations(given: JsonObject): ReadonlyMap<string, string> {
  for (const name of Object.keys(given)) requireText('annotation name', name, annotationNameRule);
  return new Map(
    Object.keys(given).map((name) => {
      const value = fieldOf(given, name);
      requireGiven('annotation value', value);
      const text = textIn('annotation value', value) ?? '';
      requireText('annotation value', text, annotationValueRule);
      return [name, text];
    }),
  );
}

/** Null is as good as absent: a variable that is declared without a value would switch a feature on. */
function variablesOf(managed: ManagedName['managed'], data: JsonObject): ReadonlyMap<string, string> {
  const identity = (fieldOf(data, 'identity') ?? {}) as JsonObject;
  const variables = new Map<string, string>();
  for (const setting of managed.settings ?? []) {
    const value = fieldOf(setting.identity ? identity : data, setting.field);
    if (value !== undefined) variables.set(setting.variable, storedValue(setting, value));
  }
  return variables;
}
