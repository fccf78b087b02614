/** Reading and writing secrets. */
import { isUtf8 } from 'node:buffer';
import { LatchkeyError } from '../../domain/errors.ts';
import { isIdText, toResourceId, toSecretVersion, type SecretVersion } from '../../domain/ids.ts';
import { fetchSecret } from '../../domain/secrets/fetch.ts';
import { setSecret } from '../../domain/secrets/set.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import { accountOf, queryParameter, resourceOfPath } from './path.ts';
import { actorRequest, type Handler } from './routing.ts';

const defaultType = 'application/octet-stream';
/** What may stand in a header: an annotation's value is free text. */
const typeForm = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;\s*[\x20-\x7e]*)?$/;

/** GET /secrets/:account/variable/*identifier */
export function getSecret(services: Services): Handler {
  return async (ctx, params) => {
    const account = accountOf(params.account);
    const identifier = params.identifier ?? '';
    if (!isIdText(account, 'variable', identifier)) {
      const variable = `${account}:variable:${identifier}`;
      throw new LatchkeyError('SECRET_NOT_FOUND', { detail: `Variable ${variable} is empty or not found.` });
    }
    const variable = toResourceId(account, 'variable', identifier);
    const { value, mimeType } = await fetchSecret(services, actorRequest(ctx), variable, versionOf(ctx));
    ctx.set('Content-Type', mimeType !== undefined && typeForm.test(mimeType) ? mimeType : defaultType);
    ctx.set('Content-Disposition', 'attachment');
    ctx.set('Content-Transfer-Encoding', 'binary');
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    // One write for head and body; what is not text goes as it is.
    ctx.body = isUtf8(bytes) ? bytes.toString() : bytes;
    ctx.status = 200;
  };
}

/** POST /secrets/:account/:kind/*identifier */
export function postSecret(services: Services, kind: 'variable' | 'public_key'): Handler {
  return async (ctx, params) => {
    // To have a value rotated is another request of Conjur's; it must not be taken for a new value.
    if (queryParameter(ctx, 'expirations') !== undefined) throw new LatchkeyError('ROUTE_NOT_FOUND');
    const value = await readBody(ctx, services.settings.maxSecretBytes);
    const resource = resourceOfPath(accountOf(params.account), kind, params.identifier);
    await setSecret(services, actorRequest(ctx), resource, value);
    ctx.status = 201;
    ctx.body = '';
  };
}

function versionOf(ctx: RequestContextOf): SecretVersion | undefined {
  const text = queryParameter(ctx, 'version');
  if (text === undefined) return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new LatchkeyError('SECRET_VERSION_INVALID');
  return toSecretVersion(Number(text));
}
