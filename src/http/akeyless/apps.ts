/** The calls about apps. */
import { ensureIdentifiers } from '../../domain/provider/identifiers.ts';
import { readName, readNumber, readTags } from '../../domain/provider/akeyless/fields.ts';
import { itemIdOf } from '../../domain/provider/akeyless/ids.ts';
import {
  createApp,
  deleteApp,
  overlapSeconds,
  rotateSecret,
  updateApp,
  updateItem,
} from '../../domain/provider/akeyless/manage.ts';
import { describeApp, listApps } from '../../domain/provider/akeyless/read.ts';
import type { Services } from '../../domain/services.ts';
import { appSettings, appType, itemSettings, refuseUnkept } from './app-settings.ts';
import { given, textOf, typesOf } from './body.ts';
import type { Call } from './call.ts';
import { issuerOf } from './issuer.ts';
import { pageOf } from './pages.ts';
import { shownItem } from './render.ts';

export function appCalls(services: Services): Readonly<Record<string, Call>> {
  const rotate = rotation(services);
  return {
    'create-oidc-app': creation(services),
    'update-oidc-app': update(services),
    'update-item': itemUpdate(services),
    'delete-item': deletion(services),
    'list-items': listing(services),
    'describe-item': description(services),
    'rotate-oidc-app-secret': rotate,
    'rotate-oidc-client-secret': rotate,
  };
}

function creation(services: Services): Call {
  return async (request, parameters) => {
    const { account } = services.settings;
    refuseUnkept(parameters);
    const name = readName(parameters['name']);
    const type = appType(parameters) ?? 'confidential';
    await ensureIdentifiers(services, account);
    const app = await createApp(services, request, account, name, type, appSettings(parameters));
    const { clientId, clientSecret } = app;
    return {
      name,
      client_id: clientId,
      ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    };
  };
}

function update(services: Services): Call {
  return async (request, parameters) => {
    refuseUnkept(parameters);
    const name = readName(parameters['name']);
    const settings = appSettings(parameters);
    await updateApp(services, request, services.settings.account, name, settings, appType(parameters));
    return {};
  };
}

function itemUpdate(services: Services): Call {
  return async (request, parameters) => {
    const name = readName(parameters['name']);
    const newName = textOf(parameters, 'new-name');
    await updateItem(services, request, services.settings.account, name, {
      ...(newName === undefined ? {} : { newName: readName(newName, 'new-name') }),
      addTags: readTags(given(parameters, 'add-tag') ?? [], 'add-tag'),
      removeTags: readTags(given(parameters, 'rm-tag') ?? [], 'rm-tag'),
      settings: itemSettings(parameters),
    });
    return { updated: true };
  };
}

function deletion(services: Services): Call {
  return async (request, parameters) => {
    const name = readName(parameters['name']);
    const clientId = await deleteApp(services, request, services.settings.account, name);
    return { item_id: itemIdOf(clientId), item_name: name, version_deleted: -1 };
  };
}

/** What Akeyless, and this service, call the type of an app; any other has no items here. */
const appTypes = ['oidc_client', 'oidc-client', 'oidc-app'];

function listing(services: Services): Call {
  return async (request, parameters) => {
    const { account } = services.settings;
    const folder = (textOf(parameters, 'path') ?? '').replace(/^\/+|\/+$/g, '');
    const part = textOf(parameters, 'filter', 'advanced-filter');
    const tag = textOf(parameters, 'tag');
    const changedAfter = given(parameters, 'modified-after');
    const identifiers = await ensureIdentifiers(services, account);
    const { apps, folders } = await listApps(services, request, account, {
      folder,
      ...(part === undefined ? {} : { part }),
      ...(tag === undefined ? {} : { tag }),
      ...(changedAfter === undefined ? {} : { changedAfter: millisecondsOf(changedAfter) }),
    });
    const paged = textOf(parameters, 'auto-pagination') === 'disabled';
    const types = typesOf(parameters);
    const wanted = types.length === 0 || types.some((type) => appTypes.includes(type)) ? apps : [];
    const { page, nextPage } = pageOf(wanted, parameters, paged ? undefined : wanted.length);
    const issuer = issuerOf(services, identifiers);
    const minimal = given(parameters, 'minimal-view') === true;
    return {
      items: page.map((app) => shownItem(app, issuer, minimal)),
      folders,
      ...(nextPage === undefined ? {} : { next_page: nextPage }),
    };
  };
}

/** Akeyless counts in seconds; 0 is its default and means all. */
function millisecondsOf(value: unknown): number {
  const largest = 2 ** 40;
  return readNumber(value, 'modified-after', 0, largest) * 1_000;
}

function description(services: Services): Call {
  return async (request, parameters) => {
    const { account } = services.settings;
    const name = readName(parameters['name']);
    const identifiers = await ensureIdentifiers(services, account);
    return shownItem(await describeApp(services, request, account, name), issuerOf(services, identifiers));
  };
}

function rotation(services: Services): Call {
  return async (request, parameters) => {
    const name = readName(parameters['name']);
    const overlap = given(parameters, 'overlap-seconds') ?? overlapSeconds.usual;
    const seconds = readNumber(overlap, 'overlap-seconds', 0, overlapSeconds.most);
    const rotated = await rotateSecret(services, request, services.settings.account, name, seconds);
    const { clientId, clientSecret } = rotated;
    // `new_secret` is the member that Akeyless' own clients read.
    return { name, client_id: clientId, client_secret: clientSecret, new_secret: clientSecret };
  };
}
