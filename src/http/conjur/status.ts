/** What the service says of itself, and of the caller. */
import { whoami } from '../../domain/authn/whoami.ts';
import { loginOf } from '../../domain/ids.ts';
import type { Services } from '../../domain/services.ts';
import { sendJson } from './json.ts';
import { actorRequest, type Handler } from './routing.ts';

/**
 * The version of Conjur's API that is served: clients switch features on by it.
 */
export const conjurVersion = '1.24.0';

/** The version of the description of that API (CyberArk's conjur-openapi-spec). */
const apiVersion = '5.3.1';

/** What browsers send: they list what they like, and take anything. */
const browserLike = /,\s*\*\/\*|\*\/\*\s*,/;

/** GET /: JSON where JSON comes first among what is accepted, otherwise a page. */
export function getRoot(): Handler {
  return (ctx) => {
    const accept = ctx.get('Accept');
    if (/^\s*application\/json\b/i.test(accept) && !browserLike.test(accept)) {
      sendJson(ctx, { version: conjurVersion });
      return;
    }
    ctx.set('Content-Type', 'text/html; charset=utf-8');
    ctx.body = page;
  };
}

const page = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Latchkey</title></head>
<body>
<h1>Latchkey</h1>
<p>Your Latchkey server is running!</p>
<dl>
<dt>Details:</dt>
<dd>Version ${conjurVersion}</dd>
<dd>API Version <a href="https://github.com/cyberark/conjur-openapi-spec/releases/tag/v${apiVersion}">${apiVersion}</a></dd>
</dl>
</body>
</html>
`;

/** GET /whoami */
export function getWhoami(services: Services): Handler {
  return async (ctx) => {
    const request = actorRequest(ctx);
    const { account, role, issuedAt } = await whoami(services, request);
    sendJson(ctx, {
      client_ip: request.clientIp,
      user_agent: ctx.req.headers['user-agent'] ?? null,
      account,
      username: loginOf(role),
      token_issued_at: new Date(issuedAt * 1000).toISOString().replace('Z', '+00:00'),
    });
  };
}
