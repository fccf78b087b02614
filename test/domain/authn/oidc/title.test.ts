import assert from 'node:assert/strict';
import { titleOf } from '../../../../src/domain/authn/oidc/title.ts';

describe('titleOf', () => {
  for (const [serviceId, title] of [
    ['okta', 'Okta'],
    ['my-okta_east', 'My Okta East'],
    ['mainOkta', 'Main Okta'],
    ['keycloak2', 'Keycloak2'],
    ['ADFSProd', 'Adfs Prod'],
    ['-', ''],
  ] as const) {
    it(`calls ${serviceId} "${title}"`, () => {
      assert.equal(titleOf(serviceId), title);
    });
  }
});
