/** Which authenticators there are, and switching them on and off. */
import assert from 'node:assert/strict';
import { load, send, signIn, type Answer, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const policy = `
- !user authn-viewer
- !user authn-updater
- !policy { id: conjur/authn-k8s/test, body: [ !webservice "" ] }
- !policy
  id: conjur/authn-k8s/db
  body:
  - !webservice
  - !webservice status
  - !group viewers
  - !permit { role: !group viewers, privileges: [ read ], resource: !webservice "" }
  - !group updaters
  - !permit { role: !group updaters, privileges: [ update ], resource: !webservice "" }
- !grant { role: !group conjur/authn-k8s/db/viewers, member: !user authn-viewer }
- !grant { role: !group conjur/authn-k8s/db/updaters, member: !user authn-updater }
- !policy
  id: conjur/authn-ldap/test
  body: [ !webservice "" ]
- !policy { id: conjur/authn-iam/prod, body: [ !webservice "" ] }
- !policy { id: conjur/authn-oidc/okta, body: [ !webservice "" ] }
`;

interface Lists {
  readonly installed: readonly string[];
  readonly configured: readonly string[];
  readonly enabled: readonly string[];
}

describeOnStores(
  'the authenticators of a service',
  (on) => {
    let admin: Session;
    let viewer: Session;
    let updater: Session;

    before(async () => {
      admin = await signIn(on.service);
      const { created_roles: roles } = await load(admin, policy);
      const keyOf = (name: string): string => roles[`${on.service.account}:user:${name}`]?.api_key ?? '';
      viewer = await signIn(on.service, 'authn-viewer', keyOf('authn-viewer'));
      updater = await signIn(on.service, 'authn-updater', keyOf('authn-updater'));
    });

    const lists = async (): Promise<Lists> => {
      const answer = await send(`${on.service.url}/authenticators`, 'GET');
      assert.equal(answer.status, 200);
      return answer.json() as Lists;
    };
    const isEnabled = async (name: string): Promise<boolean> => (await lists()).enabled.includes(name);
    const patch = (
      path: string,
      body = 'enabled=true',
      session = admin,
      headers: Record<string, string> = {},
    ): Promise<Answer> => session.send('PATCH', path, body, headers);
    const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';
    const isRefused = async (answer: Answer, status: number, code: string): Promise<void> => {
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.text, '');
      assert.match(await lastRecord(), new RegExp(`operation="update-authenticator-configuration".*${code}`));
    };
    const isDone = (answer: Answer): void => {
      assert.equal(answer.status, 204, answer.text);
      assert.equal(answer.text, '');
    };
    const json = { 'content-type': 'application/json' };

    it('lists exactly the eight kinds as installed', async () => {
      const { installed } = await lists();
      assert.deepEqual(installed, [
        'authn',
        'authn-azure',
        'authn-gcp',
        'authn-iam',
        'authn-jwt',
        'authn-k8s',
        'authn-ldap',
        'authn-oidc',
      ]);
    });

    it('lists what is in policy as configured, and what the configuration names as enabled', async () => {
      const { configured, enabled } = await lists();
      assert.ok(configured.includes('authn-ldap/test') && configured.includes('authn'));
      assert.ok(!configured.includes('authn-k8s/db/status'));
      assert.deepEqual([...configured].sort(), configured);
      assert.ok(enabled.includes('authn-ldap/test') && enabled.includes('authn'));
      assert.deepEqual([...enabled].sort(), enabled);
    });

    it('has enabled what the configuration enables and nobody switched', async () => {
      assert.equal(await isEnabled('authn-k8s/test'), true);
    });

    it('leaves enabled what the configuration enables, though it was switched off', async () => {
      isDone(await patch(`/authn-k8s/test/${on.service.account}`, 'enabled=false'));
      assert.equal(await isEnabled('authn-k8s/test'), true);
    });

    it('is switched on and off by a form of who may update it', async () => {
      const path = `/authn-k8s/db/${on.service.account}`;
      isDone(await patch(path, 'enabled=true', updater));
      assert.equal(await isEnabled('authn-k8s/db'), true);
      isDone(await patch(path, 'enabled=false', updater));
      assert.equal(await isEnabled('authn-k8s/db'), false);
    });

    it('is switched on and off by JSON of who may update it', async () => {
      const path = `/authn-k8s/db/${on.service.account}`;
      isDone(await patch(path, '{ "enabled": true }', updater, json));
      assert.equal(await isEnabled('authn-k8s/db'), true);
      isDone(await patch(path, '{ "enabled": false }', updater, json));
      assert.equal(await isEnabled('authn-k8s/db'), false);
    });

    it('takes the name with its slash encoded, and a form sent as plain text', async () => {
      const path = `/authn-oidc%2Fokta/${on.service.account}`;
      isDone(await patch(path, 'enabled=true', admin, { 'content-type': 'text/plain' }));
      assert.equal(await isEnabled('authn-oidc/okta'), true);
      isDone(await patch(path, 'enabled=false', admin, { 'content-type': 'text/plain' }));
      assert.equal(await isEnabled('authn-oidc/okta'), false);
    });

    it('is switched on by true alone, in any case and between blanks', async () => {
      const path = `/authn-iam/prod/${on.service.account}`;
      for (const [body, expected] of [
        ['enabled=+TRUE+', true],
        ['enabled=yes', false],
        ['enabled=true', true],
        ['', false],
      ] as const) {
        isDone(await patch(path, body));
        assert.equal(await isEnabled('authn-iam/prod'), expected, body);
      }
    });

    it('answers 400 to JSON that is broken', async () => {
      assert.equal((await patch(`/authn-k8s/db/${on.service.account}`, '{', admin, json)).status, 400);
    });

    it('answers 401 to an account that does not exist', async () => {
      await isRefused(await patch('/authn-k8s/db/nope'), 401, 'CONJ00008E');
    });

    it('answers 401 to a webservice that does not exist', async () => {
      await isRefused(await patch(`/authn-k8s/db%2Fnope/${on.service.account}`), 401, 'CONJ00005E');
    });

    it('answers 403 to who may not update it', async () => {
      await isRefused(
        await patch(`/authn-k8s/db/${on.service.account}`, 'enabled=true', viewer),
        403,
        'CONJ00006E',
      );
      assert.equal(await isEnabled('authn-k8s/db'), false);
    });

    it('answers 401 to a webservice below an authenticator', async () => {
      await isRefused(await patch(`/authn-k8s/db%2Fstatus/${on.service.account}`), 401, 'CONJ00001E');
    });

    it('answers 401 without a token', async () => {
      const url = `${on.service.url}/authn-k8s/db/${on.service.account}`;
      assert.equal((await send(url, 'PATCH', { body: 'enabled=true' })).status, 401);
    });

    it('switches an authenticator that has no service id, once its webservice is there', async () => {
      const path = `/authn-gcp/${on.service.account}`;
      await isRefused(await patch(path), 401, 'CONJ00005E');
      await load(admin, '- !policy conjur/authn-gcp');
      await isRefused(await patch(path), 401, 'CONJ00005E');
      assert.equal(await isEnabled('authn-gcp'), false);
      await load(admin, '- !policy { id: conjur/authn-gcp, body: [ !webservice "" ] }');
      isDone(await patch(path));
      assert.equal(await isEnabled('authn-gcp'), true);
      isDone(await patch(path, 'enabled=false'));
      assert.equal(await isEnabled('authn-gcp'), false);
    });

    it('answers 403 to who may not update an authenticator that has no service id', async () => {
      await load(admin, '- !policy { id: conjur/authn-gcp, body: [ !webservice "" ] }');
      await isRefused(
        await patch(`/authn-gcp/${on.service.account}`, 'enabled=true', viewer),
        403,
        'CONJ00006E',
      );
      assert.equal(await isEnabled('authn-gcp'), false);
    });

    it('answers 401 to a service below an authenticator that has none', async () => {
      await load(admin, '- !policy { id: conjur/authn-gcp, body: [ !webservice "" ] }');
      await isRefused(await patch(`/authn-gcp/myservice/${on.service.account}`), 401, 'CONJ00005E');
      isDone(await patch(`/authn-gcp/${on.service.account}`));
    });
  },
  { LATCHKEY_AUTHENTICATORS: 'authn, authn-k8s/test, authn-ldap/test' },
);
