/** The parameters by which apps are made and changed. */
import type { AppSettings } from '../../domain/provider/akeyless/app.ts';
import { readAssignment } from '../../domain/provider/akeyless/assignment.ts';
import {
  invalid,
  readAudiences,
  readDescription,
  readRedirectUris,
  readScopes,
  readSwitch,
  readTags,
} from '../../domain/provider/akeyless/fields.ts';
import { given, textOf, type Parameters } from './body.ts';

type AppType = 'confidential' | 'public';

/**
 * What is to be set of an app. A list that is absent or null is not set; one that is an empty text is
 * set to nothing.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function appSettings(parameters: Parameters): AppSettings {
  const of = <T>(name: string, read: (value: unknown) => T): T | undefined => {
    const value = given(parameters, name);
    return value === undefined ? undefined : read(value);
  };
  return defined({
    redirectUris: of('redirect-uris', readRedirectUris),
    scopes: of('scopes', readScopes),
    audiences: of('audience', readAudiences),
    permissions: of('permission-assignment', readAssignment),
    ...itemSettings(parameters),
    tags: of('tags', (value) => readTags(value, 'tags')),
  });
}

/** What is said about an item of any kind. */
export function itemSettings(parameters: Parameters): AppSettings {
  const description = textOf(parameters, 'description', 'metadata', 'new-metadata');
  const protection = given(parameters, 'delete_protection');
  return defined({
    description: description === undefined ? undefined : readDescription(description),
    deleteProtection: protection === undefined ? undefined : readSwitch(protection, 'delete_protection'),
  });
}

/** The client type that is asked for; undefined where nothing is said. */
export function appType(parameters: Parameters): AppType | undefined {
  const value = given(parameters, 'public');
  if (value === undefined) return undefined;
  return readSwitch(value, 'public') ? 'public' : 'confidential';
}

/**
 * Refuses what would be a promise that is not kept: an encryption key of one's own, a personal folder.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function refuseUnkept(parameters: Parameters): void {
  if (textOf(parameters, 'key') !== undefined)
    throw invalid('key', 'is not supported: apps have no secret that is kept');
  if (textOf(parameters, 'accessibility') === 'personal') {
    throw invalid('accessibility', 'personal is not supported');
  }
}

type Undefinable<T> = { readonly [K in keyof T]: T[K] | undefined };

function defined(settings: Undefinable<AppSettings>): AppSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
