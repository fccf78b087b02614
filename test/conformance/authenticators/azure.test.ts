/** authn-azure against an issuer on this machine in Azure's place (Conjur's scenarios). */
import assert from 'node:assert/strict';
import { load, type Answer } from '../../support/client.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { mint } from '../../support/rogue-issuer.ts';

const kind = 'authn-azure';
const machine = 'providers/Microsoft.Compute/virtualMachines/vm';
const assigned = 'providers/Microsoft.ManagedIdentity/userAssignedIdentities/identity';
const oid = '0f7c5a3e-0000-4000-8000-000000000000';
const place = { 'subscription-id': 'sub-1', 'resource-group': 'group-1' };

describeOnStores(
  'authn-azure',
  (on) => {
    let stage: JwtStage;
    before(async () => {
      stage = await openJwtStage(on);
      await stage.define('prod', {
        kind,
        variables: { 'provider-uri': `${stage.issuer.url}/` },
        annotations: qualified(place),
      });
    });
    after(() => stage.stop());

    function qualified(names: Readonly<Record<string, string>>, service = 'prod'): Record<string, string> {
      return Object.fromEntries(
        Object.entries(names).map(([name, value]) => [`${kind}/${service}/${name}`, value]),
      );
    }
    const token = (resource = machine, claims: Readonly<Record<string, unknown>> = {}): string => {
      const now = Math.floor(Date.now() / 1_000);
      const xmsMirid = `/subscriptions/sub-1/resourcegroups/group-1/${resource}`;
      const usual = {
        iss: `${stage.issuer.url}/`,
        aud: 'https://management.azure.com/',
        oid,
        xms_mirid: xmsMirid,
      };
      return mint(stage.key, { ...usual, iat: now, exp: now + 600, ...claims });
    };
    const post = (jwt: string | undefined, login = 'host/app-prod', service = 'prod'): Promise<Answer> =>
      stage.post(`${service}/acct/${encodeURIComponent(login)}`, jwt === undefined ? {} : { jwt }, kind);
    const refused = (answer: Answer, reason: string, status = 401, service = 'prod'): Promise<void> =>
      stage.refused(answer, `${kind}/${service}`, reason, status);
    /** Defines a host in the group of the service. */
    const host = async (id: string, annotations: Readonly<Record<string, string>>): Promise<string> => {
      const lines = Object.entries(annotations).map(
        ([name, value]) => `\n    ${name}: ${JSON.stringify(value)}`,
      );
      await load(
        stage.admin,
        `- !host\n  id: ${id}\n  annotations:${lines.join('')}\n    about: test\n` +
          `- !grant { role: !group conjur/${kind}/prod/hosts, member: !host ${id} }`,
      );
      return `host/${id}`;
    };

    it('lets a host in, and says so in the audit', async () => {
      const answer = await post(token());
      assert.equal(answer.status, 200, await stage.record('prod'));
      assert.ok(
        (await stage.record('prod')).endsWith(
          'acct:host:app-prod successfully authenticated with authenticator authn-azure service acct:webservice:conjur/authn-azure/prod',
        ),
      );
    });

    it('takes provider-uri without the slash that tokens have', async () => {
      await stage.define('slashless', {
        kind,
        variables: { 'provider-uri': stage.issuer.url },
        annotations: qualified(place, 'slashless'),
      });
      assert.equal((await post(token(), 'host/app-slashless', 'slashless')).status, 200);
    });

    it('follows a provider-uri that changes, and back', async () => {
      await stage.set('slashless', { 'provider-uri': 'https://different-provider.invalid:8443' }, kind);
      const answer = await post(token(), 'host/app-slashless', 'slashless');
      await refused(answer, 'CONJ00011E', 401, 'slashless');
      await stage.set('slashless', { 'provider-uri': `${stage.issuer.url}/` }, kind);
      assert.equal((await post(token(), 'host/app-slashless', 'slashless')).status, 200);
    });

    it('is 400 without a token, 401 for none', async () => {
      const reason = "CONJ00009E Field 'jwt' is missing or empty in request body";
      await refused(await post(undefined), reason, 400);
      await refused(await post(''), reason, 400);
      await refused(await post('x.y'), 'CONJ00077E');
    });

    it('lets hosts in by the identity that is assigned to them', async () => {
      const user = await host('user-assigned', qualified({ ...place, 'user-assigned-identity': 'identity' }));
      assert.equal((await post(token(assigned), user)).status, 200);
      const system = await host('system-assigned', qualified({ ...place, 'system-assigned-identity': oid }));
      assert.equal((await post(token(), system)).status, 200);
    });

    it('does not take one sort of identity for the other', async () => {
      const user = await host('user-vm', qualified({ ...place, 'user-assigned-identity': 'vm' }));
      await refused(await post(token(), user), "CONJ00049E Resource restriction 'user-assigned-identity'");
      const system = await host('system-user', qualified({ ...place, 'system-assigned-identity': oid }));
      await refused(
        await post(token(assigned), system),
        "CONJ00049E Resource restriction 'system-assigned-identity'",
      );
    });

    it('takes general annotations, over which those of the service win', async () => {
      const general = await host('general', {
        [`${kind}/subscription-id`]: 'sub-1',
        [`${kind}/resource-group`]: 'group-1',
      });
      assert.equal((await post(token(), general)).status, 200);
      const own = await host('specific', { [`${kind}/subscription-id`]: 'wrong', ...qualified(place) });
      assert.equal((await post(token(), own)).status, 200);
      const wrong = await host('overruled', {
        [`${kind}/resource-group`]: 'group-1',
        ...qualified({ ...place, 'resource-group': 'wrong' }),
      });
      await refused(await post(token(), wrong), "CONJ00049E Resource restriction 'resource-group'");
    });

    for (const [id, annotations, reason] of [
      [
        'no-group',
        { 'subscription-id': 'sub-1' },
        `CONJ00057E Role does not have the required constraints: '["resource-group"]'`,
      ],
      [
        'no-subscription',
        { 'resource-group': 'group-1' },
        `CONJ00057E Role does not have the required constraints: '["subscription-id"]'`,
      ],
      [
        'nothing',
        {},
        `CONJ00057E Role does not have the required constraints: '["subscription-id", "resource-group"]'`,
      ],
      ['no-value', { ...place, 'resource-group': '' }, 'CONJ00057E'],
      [
        'both',
        { ...place, 'user-assigned-identity': 'identity', 'system-assigned-identity': oid },
        'CONJ00055E',
      ],
      ['odd', { ...place, color: 'blue' }, `CONJ00050E Resource restrictions '["color"]' are not supported`],
      [
        'other-subscription',
        { ...place, 'subscription-id': 'sub-2' },
        "CONJ00049E Resource restriction 'subscription-id'",
      ],
      [
        'other-group',
        { ...place, 'resource-group': 'group-2' },
        "CONJ00049E Resource restriction 'resource-group'",
      ],
      [
        'other-user',
        { ...place, 'user-assigned-identity': 'other' },
        "CONJ00049E Resource restriction 'user-assigned-identity'",
      ],
      [
        'other-system',
        { ...place, 'system-assigned-identity': 'other' },
        "CONJ00049E Resource restriction 'system-assigned-identity'",
      ],
    ] as const) {
      it(`refuses a host by its annotations: ${id}`, async () => {
        const login = await host(id, qualified(annotations));
        const resource = id === 'other-user' ? assigned : machine;
        await refused(await post(token(resource), login), reason);
        assert.ok(
          (await stage.record('prod')).includes(
            `acct:host:${id} failed to authenticate with authenticator authn-azure`,
          ),
        );
      });
    }

    it('refuses a host that there is not, and has it in the audit', async () => {
      await refused(
        await post(token(), 'host/non-existing-app'),
        "CONJ00007E 'host/non-existing-app' not found",
      );
      assert.match(
        await stage.record('prod'),
        /user="not-found".* acct:host:non-existing-app failed to authenticate/,
      );
    });

    it('is 403 for a host that is not in the group, and for one that may only read', async () => {
      await load(
        stage.admin,
        '- !host { id: non-permitted, annotations: { authn-azure/subscription-id: sub-1 } }',
      );
      await refused(await post(token(), 'host/non-permitted'), 'CONJ00006E', 403);
      await stage.define('read-only', {
        kind,
        variables: { 'provider-uri': stage.issuer.url },
        annotations: qualified(place, 'read-only'),
        privileges: 'read',
      });
      await refused(await post(token(), 'host/app-read-only', 'read-only'), 'CONJ00006E', 403, 'read-only');
    });

    it('lets nobody in as the administrator', async () => {
      await refused(await post(token(), 'admin'), 'CONJ00017E');
    });

    it('refuses a token without its claims, or with a resource that cannot be read', async () => {
      const cases: [Record<string, unknown>, string][] = [
        [{ xms_mirid: undefined }, "CONJ00051E Claim 'xms_mirid' not found or empty in token"],
        [{ oid: '' }, "CONJ00051E Claim 'oid' not found or empty in token"],
        [{ xms_mirid: '/subscriptions/sub-1/providers/a/b/c' }, 'CONJ00053E'],
        [{ xms_mirid: '/subscriptions/sub-1/resourcegroups/group-1/providers/a/b' }, 'CONJ00054E'],
        [{ xms_mirid: '/subscriptions/sub-1/resourcegroups/group-1/providers/a/b/c/d' }, 'CONJ00054E'],
        [{ xms_mirid: '/resourcegroups/group-1/subscriptions/sub-1/providers/a/b/c' }, 'CONJ00052E'],
      ];
      for (const [claims, reason] of cases) await refused(await post(token(machine, claims)), reason);
      const slashless = { xms_mirid: `subscriptions/sub-1/resourcegroups/group-1/${machine}` };
      assert.equal((await post(token(machine, slashless))).status, 200);
    });

    it('refuses another issuer, and an expired token in words', async () => {
      await refused(await post(token(machine, { iss: stage.issuer.url })), 'CONJ00035E');
      const expired = await post(token(machine, { exp: 1 }));
      assert.match(expired.text, /CONJ00016E Token expired/);
    });

    it('checks the audience where one is set', async () => {
      await stage.define('bound', {
        kind,
        variables: { 'provider-uri': stage.issuer.url, audience: 'api://latchkey' },
        annotations: qualified(place, 'bound'),
      });
      await refused(await post(token(), 'host/app-bound', 'bound'), 'CONJ00035E', 401, 'bound');
      const meant = token(machine, { aud: 'api://latchkey' });
      assert.equal((await post(meant, 'host/app-bound', 'bound')).status, 200);
    });

    it('refuses a service without provider-uri, declared or set, without a webservice, or without a name', async () => {
      await stage.define('undeclared', { kind, variables: {}, annotations: qualified(place, 'undeclared') });
      await refused(
        await post(token(), 'host/app-undeclared', 'undeclared'),
        'CONJ00036E',
        401,
        'undeclared',
      );
      await stage.define('unset', {
        kind,
        variables: { 'provider-uri': undefined },
        annotations: qualified(place, 'unset'),
      });
      await refused(await post(token(), 'host/app-unset', 'unset'), 'CONJ00037E', 401, 'unset');
      await refused(await post(token(), 'host/app-prod', 'absent'), 'CONJ00005E', 401, 'absent');
      const nameless = await stage.post('acct/host%2Fapp-prod', { jwt: token() }, kind);
      assert.equal(nameless.status, 401);
    });

    it('refuses an address that is none', async () => {
      await stage.define('bad', {
        kind,
        variables: { 'provider-uri': 'http://127.0.0.1.com/' },
        annotations: qualified(place, 'bad'),
      });
      await refused(await post(token(), 'host/app-bad', 'bad'), 'CONJ00011E', 401, 'bad');
    });

    it('reports its status: working, unreachable, without provider-uri', async () => {
      const status = (service: string): Promise<Answer> =>
        stage.admin.send('GET', `/${kind}/${service}/acct/status`);
      assert.deepEqual((await status('bound')).json(), { status: 'ok' });
      assert.match((await status('prod')).text, /"status":"ok","warnings":\["The variable audience/);
      const unreachable = await status('bad');
      assert.equal(unreachable.status, 500);
      assert.match(unreachable.text, /ProviderDiscoveryFailed: CONJ00011E/);
      const undeclared = await status('undeclared');
      assert.equal(undeclared.status, 500);
      assert.match(undeclared.text, /RequiredResourceMissing: CONJ00036E/);
    });
  },
  { LATCHKEY_AUTHENTICATORS: 'authn,authn-azure/absent' },
);
