/** Certificates for hosts. */
import { signCertificate } from '../../domain/ca/sign.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { Services } from '../../domain/services.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './json.ts';
import { bodyParameters } from './parameters.ts';
import { accountOf } from './path.ts';
import { actorRequest, type Handler, type Route } from './routing.ts';

const maxBytes = 64 * 1_024;
const pemType = 'application/x-pem-file';

export function caRoutes(services: Services): readonly Route[] {
  return [['post', '/ca/:account/:service/sign', postSign(services)]];
}

/** POST /ca/:account/:service/sign */
function postSign(services: Services): Handler {
  return async (ctx, params) => {
    const service = params.service ?? '';
    if (hasRawDot(ctx)) throw new LatchkeyError('ROUTE_NOT_FOUND');
    const type = ctx.accepts('application/json', pemType);
    if (type === false) throw new LatchkeyError('CERTIFICATE_FORM_NOT_ACCEPTED');
    const parameters = await bodyParameters(ctx, { maxBytes });
    const { pem } = await signCertificate(services, actorRequest(ctx), accountOf(params.account), service, {
      csr: parameters.text('csr'),
      ttl: parameters.text('ttl'),
    });
    ctx.status = 201;
    if (type === pemType) {
      ctx.set('Content-Type', pemType);
      ctx.body = pem;
    } else {
      sendJson(ctx, { certificate: pem });
    }
  };
}

/** The name of a service is matched as it was sent, up to a dot. */
function hasRawDot(ctx: RequestContextOf): boolean {
  return (ctx.path.split('/')[3] ?? '').includes('.');
}
