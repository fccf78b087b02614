/** Authenticators that were made over the API, each used (Conjur's scenarios "created via API"). */
import assert from 'node:assert/strict';
import { load, signIn, type Answer, type Session } from '../../support/client.ts';
import { freePort } from '../../support/free-port.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { createSigningKey, mint, startRogueIssuer, type RogueIssuer } from '../../support/rogue-issuer.ts';
import { sendV2 } from '../../support/versioned-api.ts';

const port = await freePort();
const google = `http://127.0.0.1:${port}`;

describeOnStores(
  'authenticators made over the API',
  (on) => {
    const key = createSigningKey('RS256', { kid: 'cloud' });
    let admin: Session;
    let stage: JwtStage;
    let cloud: RogueIssuer;
    before(async () => {
      admin = await signIn(on.service);
      stage = await openJwtStage(on);
      cloud = await startRogueIssuer({ keys: [key], port });
      await load(
        admin,
        '- !policy conjur/authn-jwt\n- !policy conjur/authn-gcp\n- !policy conjur/authn-azure',
      );
    });
    after(async () => {
      await stage.stop();
      await cloud.stop();
    });

    const create = async (body: unknown): Promise<void> => {
      const answer = await sendV2(admin, 'POST', '/authenticators/acct', body);
      assert.equal(answer.status, 201, answer.text);
    };
    const host = (id: string, group: string, annotations: string): Promise<unknown> =>
      load(
        admin,
        `- !host { id: ${id}, annotations: { ${annotations} } }\n- !grant { role: !group ${group}, member: !host ${id} }`,
      );
    const inCloud = (claims: Readonly<Record<string, unknown>>): string =>
      mint(key, { exp: Math.floor(Date.now() / 1_000) + 60, ...claims });
    const accepted = async (answer: Answer, service: string): Promise<void> => {
      assert.equal(answer.status, 200, await stage.record(service));
    };

    it('takes tokens at a service of authn-jwt, and passes its status check', async () => {
      await create({
        type: 'jwt',
        name: 'made',
        enabled: true,
        data: {
          jwks_uri: stage.jwksUri,
          issuer: 'https://ci.example',
          audience: 'conjur',
          identity: {
            token_app_property: 'host',
            identity_path: 'apps',
            enforced_claims: ['ref'],
            claim_aliases: { branch: 'ref' },
          },
        },
      });
      await host('apps/app-made', 'conjur/authn-jwt/made/apps', 'authn-jwt/made/branch: main');
      const claims = { iss: 'https://ci.example', aud: 'conjur', ref: 'main' };
      await accepted(await stage.authenticate('made', claims), 'made');
      assert.deepEqual((await admin.send('GET', '/authn-jwt/made/acct/status')).json(), { status: 'ok' });
      await stage.refused(await stage.authenticate('made', { ...claims, ref: 'dev' }), 'made', 'CONJ00049E');
    });

    it('takes tokens at a service of authn-jwt with public keys', async () => {
      await create({
        type: 'jwt',
        name: 'static',
        data: {
          public_keys: { type: 'jwks', value: { keys: [stage.key.jwk] } },
          issuer: 'https://ci.example',
          identity: { token_app_property: 'host' },
        },
      });
      await host('app-static', 'conjur/authn-jwt/static/apps', 'authn-jwt/static/project: blue');
      await accepted(await stage.authenticate('static', { iss: 'https://ci.example' }), 'static');
    });

    it('takes tokens at authn-gcp', async () => {
      await create({ type: 'gcp', name: 'default' });
      await host('test-app', 'conjur/authn-gcp/apps', 'authn-gcp/service-account-id: "1"');
      const jwt = inCloud({ iss: google, aud: 'conjur/acct/host/test-app', sub: '1' });
      await accepted(await stage.post('acct', { jwt }, 'authn-gcp'), 'authn-gcp');
    });

    it('takes tokens at a service of authn-azure', async () => {
      await create({ type: 'azure', name: 'made', data: { provider_uri: google } });
      const annotations =
        'authn-azure/subscription-id: s, authn-azure/resource-group: g, authn-azure/user-assigned-identity: me';
      await host('azure-app', 'conjur/authn-azure/made/apps', annotations);
      const identity = 'providers/Microsoft.ManagedIdentity/userAssignedIdentities/me';
      const xmsMirid = `/subscriptions/s/resourcegroups/g/${identity}`;
      const jwt = inCloud({ iss: `${google}/`, oid: 'o', xms_mirid: xmsMirid });
      await accepted(await stage.post('made/acct/host%2Fazure-app', { jwt }, 'authn-azure'), 'authn-azure');
    });
  },
  { LATCHKEY_GCP_ISSUER: google },
);
