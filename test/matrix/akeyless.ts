/** The rows of Akeyless' dialect: its management, whose token is in the body. */
import { call } from '../support/akeyless.ts';
import type { Row, Rows } from './row.ts';

const webservice = (name: string): string => `- !webservice conjur/oidc/clients/${name}`;

/** A call about an app that is there. */
function app(name: string, body: Readonly<Record<string, unknown>> = {}): Row {
  return {
    policy: webservice(name),
    with: { 'body.name': name },
    body: { name, ...body },
    prepare: async ({ service, admin }) => {
      const token = Buffer.from(admin.token).toString('base64');
      const answer = await call(service, 'create-oidc-app', { name, token });
      if (answer.status !== 200) throw new Error(answer.text);
      return undefined;
    },
  };
}

export const akeylessRows: Rows = {
  akeylessAuth: {
    attempts: async ({ service, apiKey, adminKeyOfOther }) => ({
      none: { body: { login: 'admin' } },
      garbage: { body: { login: 'admin', 'access-key': apiKey('host:nobody') } },
      foreign: { body: { login: 'admin', 'access-key': adminKeyOfOther } },
      right: { body: { login: 'admin', 'access-key': service.adminKey } },
    }),
  },
  createOidcApp: { policy: webservice('made'), with: { 'body.name': 'made' }, body: { name: 'made' } },
  updateOidcApp: app('app-update', { scopes: 'openid' }),
  updateItem: app('app-item', { 'new-metadata': 'x' }),
  deleteItem: app('app-delete'),
  listItems: {},
  describeItem: app('app-describe'),
  rotateOidcAppSecret: app('app-rotate'),
  rotateOidcClientSecret: app('app-client-rotate'),
  listAuthMethods: {},
  listGroups: {},
  listGroup: {},
};
