/** Loading policies, trying them out, and reading them back. */
import { fetchEffectivePolicy } from '../../domain/effective-policy/fetch.ts';
import { toJsonValue } from '../../domain/effective-policy/to-json.ts';
import { toYaml } from '../../domain/effective-policy/to-yaml.ts';
import type { ResourceId } from '../../domain/ids.ts';
import { rehearseLoad } from '../../domain/policy/dry-run.ts';
import { loadPolicy } from '../../domain/policy/load.ts';
import type { PlanMode } from '../../domain/policy/plan.ts';
import type { Services } from '../../domain/services.ts';
import { readBody } from '../body.ts';
import type { RequestContextOf } from '../context.ts';
import { isTextFault, sendRehearsal, sendTextFault } from './dry-run.ts';
import { sendJson } from './json.ts';
import { accountOf, queryParameter, resourceOfPath } from './path.ts';
import { actorRequest, type Handler, type Params, type Route } from './routing.ts';

const path = '/policies/:account/policy/*identifier';

export function policyRoutes(services: Services): readonly Route[] {
  return [
    ['get', path, getPolicy(services)],
    ['post', path, load(services, 'create')],
    ['patch', path, load(services, 'update')],
    ['put', path, load(services, 'replace')],
  ];
}

/** POST, PATCH and PUT /policies/:account/policy/*identifier */
function load(services: Services, mode: PlanMode): Handler {
  return async (ctx, params) => {
    const policy = policyOf(params);
    const text = await readBody(ctx, services.settings.maxPolicyBytes);
    if (queryParameter(ctx, 'dryRun')?.trim().toLowerCase() === 'true') {
      await rehearse(services, ctx, policy, mode, text);
      return;
    }
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

async function rehearse(
  services: Services,
  ctx: RequestContextOf,
  policy: ResourceId,
  mode: PlanMode,
  text: Uint8Array,
): Promise<void> {
  try {
    sendRehearsal(ctx, await rehearseLoad(services, actorRequest(ctx), policy, mode, text));
  } catch (error) {
    if (!isTextFault(error)) throw error;
    sendTextFault(ctx, policy, error);
  }
}

/** GET /policies/:account/policy/*identifier; the type of the request says which form to answer in. */
function getPolicy(services: Services): Handler {
  return async (ctx, params) => {
    const [depth, limit] = [queryParameter(ctx, 'depth'), queryParameter(ctx, 'limit')];
    const entries = await fetchEffectivePolicy(services, actorRequest(ctx), policyOf(params), {
      ...(depth === undefined ? {} : { depth }),
      ...(limit === undefined ? {} : { limit }),
    });
    ctx.status = 200;
    if (ctx.get('Content-Type') === 'application/json') {
      sendJson(ctx, toJsonValue(entries));
    } else {
      ctx.set('Content-Type', 'application/x-yaml; charset=utf-8');
      ctx.body = toYaml(entries);
    }
  };
}

function policyOf({ account, identifier }: Params): ResourceId {
  return resourceOfPath(accountOf(account), 'policy', identifier);
}
