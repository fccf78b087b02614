/** Signing in at the issuer of an authn-oidc service, and coming back from there. */
import { createHash, randomBytes } from 'node:crypto';
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import {
  beginSignIn,
  endSignIn,
  type ReturnedSignIn,
} from '../../domain/provider/sign-in/by-code-service.ts';
import { countBegun } from '../../domain/provider/sign-in/begun.ts';
import { recordingRefusals } from '../../domain/provider/sign-in/recorded.ts';
import type { Services } from '../../domain/services.ts';
import { parseJson } from '../../parse-json.ts';
import type { RequestContextOf } from '../context.ts';
import type { Engine } from '../engine/engine-types.ts';
import { showSignIn, type FailedAttempt } from './form.ts';
import { denied, roleRow } from './outcome.ts';
import type { PageRoute } from './page-route.ts';
import { callbackPath, factsOf, pendingOf, signInPath, type PendingView } from './pending.ts';

/** What is kept while somebody signs in elsewhere. */
interface Underway {
  readonly issuer: string;
  readonly uid: string;
  readonly serviceId: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

const stateBytes = 32;
const underwayTtlMs = 10 * 60 * 1_000;
const maxStateCharacters = 200;
const maxCodeCharacters = 8 * 1024;

export function upstreamRoutes(services: Services, engine: Engine): readonly PageRoute[] {
  return [
    ['get', callbackPath, getCallback(services)],
    ['get', `${signInPath}/with/:service`, getElsewhere(services, engine)],
    ['get', `${signInPath}/back`, getBack(services, engine)],
  ];
}

/** Sends the browser to the issuer's sign-in page. */
function getElsewhere(services: Services, engine: Engine): PageRoute[2] {
  return async (ctx, params) => {
    const shown = await pendingOf(services, engine, ctx, params);
    const { view, pending } = shown;
    const { issuer = '', uid = '', service = '' } = params;
    await countBegun(services, services.settings.account, ctx.state.request.clientIp);
    const callback = `${pending.issuer.spec.origin}${callbackPath}`;
    try {
      const provider = await beginSignIn(services, ctx.state.request, view.state, service, callback);
      const state = randomBytes(stateBytes).toString('base64url');
      const { nonce, codeVerifier } = provider;
      await keep(services, state, { issuer, uid, serviceId: service, nonce, codeVerifier });
      seeOther(ctx, `${provider.redirectUri}&state=${state}`);
    } catch (error) {
      if (!isAway(error)) throw error;
      await showSignIn(services, ctx, shown, away);
    }
  };
}

/**
 * Where the issuer sends the browser. The cookie of the sign-in is not sent here, so it goes on to
 * the sign-in's own path, which finds out whether it is the browser that went.
 */
function getCallback(services: Services): PageRoute[2] {
  return async (ctx) => {
    await recordingRefusals(services, ctx.state.request, async () => {
      const { state } = answered(ctx);
      const [record] = await services.ephemeral.get(services.settings.account, [keyOf(state)]);
      if (record === undefined) throw expired('a state came back that is unknown, used or too old');
      const { issuer, uid } = open(services, state, record.value);
      const sentOn = `/sign-in/${encodeURIComponent(issuer)}/${encodeURIComponent(uid)}/back`;
      seeOther(ctx, `${sentOn}${ctx.search}`);
    });
  };
}

/** Trades the code for a role and ends the sign-in; what the issuer refused, or answered wrong, ends it without. */
function getBack(services: Services, engine: Engine): PageRoute[2] {
  return async (ctx, params) => {
    await recordingRefusals(services, ctx.state.request, async (about) => {
      const shown = await pendingOf(services, engine, ctx, params);
      const { pending } = shown;
      about(factsOf(pending));
      const { state, code } = answered(ctx);
      const record = await services.ephemeral.take(services.settings.account, keyOf(state));
      if (record === undefined) throw expired('a state came back that is unknown, used or too old');
      const underway = open(services, state, record.value);
      if (underway.uid !== params['uid'] || underway.issuer !== params['issuer']) {
        throw expired('the state is that of another sign-in');
      }
      if (code === undefined) {
        await engine.finishInteraction(ctx, pending, denied('the issuer did not sign the user in'));
        return;
      }
      await finishBack(services, engine, ctx, shown, { ...underway, code });
    });
  };
}

async function finishBack(
  services: Services,
  engine: Engine,
  ctx: RequestContextOf,
  shown: PendingView,
  returned: ReturnedSignIn,
): Promise<void> {
  const { pending } = shown;
  try {
    const role = await endSignIn(services, ctx.state.request, services.settings.account, returned);
    await engine.finishInteraction(ctx, pending, {
      kind: 'signed-in',
      role: await roleRow(services, role),
      attributes: { authenticator: `authn-oidc/${returned.serviceId}` },
      methods: ['fed'],
    });
  } catch (error) {
    if (isAway(error)) {
      await showSignIn(services, ctx, shown, away);
      return;
    }
    if (!isFailure(error) || (error.kind !== 'unauthenticated' && error.kind !== 'forbidden')) throw error;
    await engine.finishInteraction(ctx, pending, denied('the authenticator refused the user'));
  }
}

/** The issuer is not there, which is no fault of whoever signs in: another way may be open. */
function isAway(error: unknown): boolean {
  const reason = isFailure(error, 'CODE_EXCHANGE_FAILED') ? error.cause : error;
  return isFailure(reason, 'ISSUER_UNREACHABLE', 'ISSUER_TIMEOUT', 'ISSUER_INVALID');
}

const away: FailedAttempt = {
  status: 503,
  text: 'One cannot sign in there at the moment. Try again later, or sign in another way.',
};

function seeOther(ctx: RequestContextOf, location: string): void {
  ctx.status = 303;
  ctx.set('Location', location);
  ctx.body = '';
}

function expired(detail: string): LatchkeyError {
  return new LatchkeyError('SIGN_IN_EXPIRED', { detail });
}

function answered(ctx: RequestContextOf): { readonly state: string; readonly code: string | undefined } {
  const query = new URLSearchParams(ctx.querystring);
  const state = query.get('state') ?? '';
  const code = query.get('code') ?? undefined;
  if (state === '' || state.length > maxStateCharacters || (code?.length ?? 0) > maxCodeCharacters) {
    throw expired('a browser came back without a state, or with one that was never made');
  }
  return { state, code };
}

async function keep(services: Services, state: string, underway: Underway): Promise<void> {
  const key = keyOf(state);
  const value = services.keyring.seal(Buffer.from(JSON.stringify(underway)), key);
  await services.ephemeral.put(services.settings.account, [{ key, value, ttlMs: underwayTtlMs }]);
}

function open(services: Services, state: string, sealed: Uint8Array): Underway {
  return parseJson(Buffer.from(services.keyring.open(sealed, keyOf(state))).toString()) as Underway;
}

/** The state is what only the browser knows, so that it is kept as its hash. */
function keyOf(state: string): string {
  return `sign-in-elsewhere ${createHash('sha256').update(state).digest('base64url')}`;
}
