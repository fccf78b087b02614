/** Loading policies. */
import { loadPolicy } from '../../domain/policy/load.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { PlanMode } from '../../domain/policy/plan.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import { sendJson } from './errors.ts';
import { accountOf, queryParameter, resourceOfPath } from './path.ts';
import { actorRequest, type Handler } from './routing.ts';

/** POST, PATCH and PUT /policies/:account/policy/*identifier */
export function load(services: Services, mode: PlanMode): Handler {
  return async (ctx, params) => {
    refuseDryRun(ctx);
    const policy = resourceOfPath(accountOf(params.account), 'policy', params.identifier);
    const text = await readBody(ctx, services.settings.maxPolicyBytes);
    const { createdRoles, version, warnings } = await loadPolicy(
      services,
      actorRequest(ctx),
      policy,
      mode,
      text,
    );
    ctx.status = 201;
    sendJson(ctx, {
      created_roles: Object.fromEntries(
        createdRoles.map(({ role, apiKey }) => [role, { id: role, api_key: apiKey }]),
      ),
      version,
      ...(warnings.length === 0 ? {} : { warnings }),
    });
  };
}

/** A client that asks what a load would do must never have it done. */
function refuseDryRun(ctx: RequestContextOf): void {
  const asked = queryParameter(ctx, 'dryRun')?.trim().toLowerCase() === 'true';
  if (asked) throw new LatchkeyError('NOT_SERVED');
}
