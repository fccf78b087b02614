/** Reading and writing secrets. */
import { isUtf8 } from 'node:buffer';
import { LatchkeyError } from '../../domain/errors.ts';
import { isIdText, toResourceId, toSecretVersion, type SecretVersion } from '../../domain/ids.ts';
import { fetchSecrets } from '../../domain/secrets/batch.ts';
import { expireSecret } from '../../domain/secrets/expire.ts';
import { fetchSecret } from '../../domain/secrets/fetch.ts';
import { setSecret } from '../../domain/secrets/set.ts';
import type { Services } from '../../domain/services.ts';
import { answer } from '../answer.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './json.ts';
import { accountOf, queryParameter, resourceOfPath } from './path.ts';
import { actorRequest, type Handler } from './routing.ts';

const attachment = ['Content-Disposition', 'attachment', 'Content-Transfer-Encoding', 'binary'];
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
    const type = mimeType !== undefined && typeForm.test(mimeType) ? mimeType : defaultType;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    // One write for head and body; what is not text goes as it is.
    answer(ctx, type, isUtf8(bytes) ? bytes.toString() : bytes, attachment);
  };
}

const base64LineLength = 60;

/** GET /secrets?variable_ids=FULLID,FULLID */
export function getSecrets(services: Services): Handler {
  return async (ctx) => {
    const found = await fetchSecrets(services, actorRequest(ctx), requestedIds(ctx));
    const inBase64 = /^base64$/i.test(ctx.get('Accept-Encoding'));
    const values = found.map(({ variable, value }) => [
      variable,
      inBase64 ? mimeBase64(value) : textOf(value),
    ]);
    sendJson(ctx, Object.fromEntries(values));
    if (inBase64) ctx.set('Content-Encoding', 'base64');
  };
}

/** One comma at the end does not count; an empty item anywhere else is a mistake. */
function requestedIds(ctx: RequestContextOf): readonly string[] {
  const ids = (queryParameter(ctx, 'variable_ids') ?? '').replace(/,+$/, '').split(',');
  if (ids.includes('')) throw new LatchkeyError('PARAMETER_MISSING', { detail: 'variable_ids' });
  return ids;
}

/** Lines of 60 characters, each ended (RFC 2045 section 6.8), as Conjur sends them. */
function mimeBase64(value: Uint8Array): string {
  const encoded = Buffer.from(value).toString('base64');
  return encoded.replace(new RegExp(`.{1,${String(base64LineLength)}}`, 'g'), '$&\n');
}

function textOf(value: Uint8Array): string {
  if (!isUtf8(value)) throw new LatchkeyError('SECRET_NOT_TEXT');
  return Buffer.from(value).toString();
}

/** POST /secrets/:account/:kind/*identifier, and the same with `?expirations` */
export function postSecret(services: Services): Handler {
  return async (ctx, params) => {
    const { kind = '' } = params;
    const account = accountOf(params.account);
    if (queryParameter(ctx, 'expirations') !== undefined) {
      if (kind !== 'variable') {
        throw new LatchkeyError('PARAMETER_INVALID', { detail: `Invalid secret kind: ${kind}` });
      }
      await expireSecret(services, actorRequest(ctx), resourceOfPath(account, kind, params.identifier));
    } else {
      if (kind !== 'variable' && kind !== 'public_key') throw new LatchkeyError('ROUTE_NOT_FOUND');
      const value = await readBody(ctx, services.settings.maxSecretBytes);
      await setSecret(services, actorRequest(ctx), resourceOfPath(account, kind, params.identifier), value);
    }
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
