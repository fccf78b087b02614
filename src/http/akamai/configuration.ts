/** `GET /{customerId}/config`: where everything is. */
import { configCollections } from '../../domain/provider/akamai/api-scopes.ts';
import { configure } from '../../domain/provider/akamai/access.ts';
import type { Services } from '../../domain/services.ts';
import { sendJson } from './errors.ts';
import { hrefOf, links } from './render.ts';
import { configurationRequest } from './request.ts';
import type { Handler } from './routing.ts';

export function getConfiguration(services: Services): Handler {
  return async (ctx, { customerId = '' }) => {
    const act = { operation: 'read', kind: 'config', name: '', method: 'GET', path: ['config'] } as const;
    const request = configurationRequest(ctx, customerId);
    await configure(services, request, act, () => ({ changes: [], result: undefined }));
    const entries = configCollections.map((each) => [each, { href: hrefOf(customerId, each) }] as const);
    sendJson(ctx, { _links: { ...links(hrefOf(customerId)), ...Object.fromEntries(entries) } });
  };
}
