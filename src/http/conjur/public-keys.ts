/** Public keys, for whoever asks. */
import { LatchkeyError } from '../../domain/errors.ts';
import { listPublicKeys } from '../../domain/public-keys/list.ts';
import type { Services } from '../../domain/services.ts';
import { accountOf } from './path.ts';
import type { Handler, Route } from './routing.ts';

const kinds: ReadonlySet<string> = new Set(['user', 'public_key']);

export function publicKeyRoutes(services: Services): readonly Route[] {
  return [['get', '/public_keys/:account/:kind/*identifier', getPublicKeys(services)]];
}

/** GET /public_keys/:account/:kind/*identifier: a key a line; a lone line end where there are none. */
function getPublicKeys(services: Services): Handler {
  return async (ctx, params) => {
    const { kind = '', identifier = '' } = params;
    const account = accountOf(params.account);
    if (!kinds.has(kind)) throw new LatchkeyError('ROUTE_NOT_FOUND');
    const keys = await listPublicKeys(services, ctx.state.request, account, kind, identifier);
    ctx.set('Content-Type', 'text/plain; charset=utf-8');
    ctx.body = `${keys.join('\n').trim()}\n`;
  };
}
