/** Token policies and login policies. */
import {
  changePolicy,
  createPolicy,
  deletePolicy,
  listPolicies,
  loginPolicies,
  showPolicy,
  tokenPolicies,
  type PolicyRules,
} from '../../domain/provider/akamai/policies.ts';
import type { Services } from '../../domain/services.ts';
import { sendJson } from './errors.ts';
import { hrefOf, listJson, policyJson } from './render.ts';
import { bodyOf, configurationRequest } from './request.ts';
import type { Handler, Route } from './routing.ts';

type Kind = 'oidc-token-policy' | 'oidc-login-policy';

export function allPolicyRoutes(services: Services): readonly Route[] {
  return [...policyRoutes(services, tokenPolicies), ...policyRoutes(services, loginPolicies)];
}

function policyRoutes<K extends Kind>(services: Services, rules: PolicyRules<K>): readonly Route[] {
  const path = `/:customerId/config/${rules.collection}`;
  return [
    ['get', path, getPolicies(services, rules)],
    ['post', path, postPolicy(services, rules)],
    ['get', `${path}/:id`, getPolicy(services, rules)],
    ['put', `${path}/:id`, modifyPolicy(services, rules, 'PUT')],
    ['patch', `${path}/:id`, modifyPolicy(services, rules, 'PATCH')],
    ['delete', `${path}/:id`, removePolicy(services, rules)],
  ];
}

function getPolicies<K extends Kind>(services: Services, rules: PolicyRules<K>): Handler {
  return async (ctx, { customerId = '' }) => {
    const policies = await listPolicies(services, configurationRequest(ctx, customerId), rules);
    const items = policies.map(({ id, title }) => ({ id, title }));
    sendJson(ctx, listJson(customerId, rules.collection, items));
  };
}

/** Answers the id alone, as a JSON string. */
function postPolicy<K extends Kind>(services: Services, rules: PolicyRules<K>): Handler {
  return async (ctx, { customerId = '' }) => {
    const body = bodyOf(ctx);
    const id = await createPolicy(services, configurationRequest(ctx, customerId), rules, body);
    ctx.status = 201;
    ctx.set('Location', hrefOf(customerId, rules.collection, id));
    sendJson(ctx, id);
  };
}

function getPolicy<K extends Kind>(services: Services, rules: PolicyRules<K>): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    const policy = await showPolicy(services, configurationRequest(ctx, customerId), rules, id);
    sendJson(ctx, policyJson(customerId, rules.collection, id, rules.body(policy)));
  };
}

function modifyPolicy<K extends Kind>(
  services: Services,
  rules: PolicyRules<K>,
  method: 'PUT' | 'PATCH',
): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    const body = bodyOf(ctx);
    const request = configurationRequest(ctx, customerId);
    const policy = await changePolicy(services, request, rules, method, id, body);
    sendJson(ctx, policyJson(customerId, rules.collection, id, rules.body(policy)));
  };
}

function removePolicy<K extends Kind>(services: Services, rules: PolicyRules<K>): Handler {
  return async (ctx, { customerId = '', id = '' }) => {
    await deletePolicy(services, configurationRequest(ctx, customerId), rules, id);
    ctx.status = 204;
  };
}
