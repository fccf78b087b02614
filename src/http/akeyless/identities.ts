/** The calls that tell which ids there are to assign apps to. */
import { ensureIdentifiers } from '../../domain/provider/identifiers.ts';
import { listAuthMethods, listGroups } from '../../domain/provider/akeyless/read.ts';
import type { Services } from '../../domain/services.ts';
import { textOf, typesOf } from './body.ts';
import type { Call } from './call.ts';
import { pageOf } from './pages.ts';
import { rulesTypeOf, shownAuthMethod, shownGroup } from './render.ts';

export function identityCalls(services: Services): Readonly<Record<string, Call>> {
  const groups = groupListing(services);
  return { 'list-auth-methods': methodListing(services), 'list-groups': groups, 'list-group': groups };
}

function methodListing(services: Services): Call {
  return async (request, parameters) => {
    const { account } = services.settings;
    const { accountId } = await ensureIdentifiers(services, account);
    const types = typesOf(parameters);
    const all = await listAuthMethods(services, request, account, textOf(parameters, 'filter'));
    const wanted = all.filter((method) => types.length === 0 || types.includes(rulesTypeOf(method)));
    const { page, nextPage } = pageOf(wanted, parameters);
    return {
      auth_methods: page.map((method) => shownAuthMethod(method, accountId)),
      ...(nextPage === undefined ? {} : { next_page: nextPage }),
    };
  };
}

function groupListing(services: Services): Call {
  return async (request, parameters) => {
    const { account } = services.settings;
    const { accountId } = await ensureIdentifiers(services, account);
    const all = await listGroups(services, request, account, textOf(parameters, 'filter'));
    const { page, nextPage } = pageOf(all, parameters);
    return {
      groups: page.map((group) => shownGroup(group, accountId)),
      ...(nextPage === undefined ? {} : { next_page: nextPage }),
    };
  };
}
