import assert from 'node:assert/strict';
import { load, signIn, signInAs, type Answer, type Session } from '../../../support/client.ts';
import { farFuture, makeToken, revokeToken, type ToldToken } from '../../../support/host-factories.ts';
import { describeOnStores } from '../../../support/on-stores.ts';

/** A factory of its own for each scenario, as Conjur's start from an empty database. */
function background(name: string): string {
  return `
- !policy
  id: ${name}
  body:
  - !user alice
  - !group test-group
  - !layer the-layer
  - !host-factory { id: the-layer-factory, layers: [ !layer the-layer ] }
`;
}

describeOnStores('making and revoking host-factory tokens', (on) => {
  let admin: Session;

  before(async () => {
    admin = await signIn(on.service);
  });

  const factoryOf = (name: string): string => `${on.service.account}:host_factory:${name}/the-layer-factory`;

  /** Loads the background, and gives alice a privilege on the factory. */
  async function begin(name: string, ...privileges: readonly string[]): Promise<Session> {
    const as = signInAs(on.service, await load(admin, background(name)));
    if (privileges.length > 0) await permit(name, ...privileges);
    return as(`alice@${name}`);
  }
  async function permit(name: string, ...privileges: readonly string[]): Promise<void> {
    const resource = `!host-factory ${name}/the-layer-factory`;
    await load(
      admin,
      `- !permit { role: !user alice@${name}, privileges: [ ${privileges.join(', ')} ], resource: ${resource} }`,
    );
  }
  const create = (session: Session, name: string, further = '', inBody = true): Promise<Answer> => {
    const fields = `host_factory=${factoryOf(name)}&expiration=${farFuture}${further}`;
    return inBody
      ? session.send('POST', '/host_factory_tokens', fields, {
          'content-type': 'application/x-www-form-urlencoded',
        })
      : session.send('POST', `/host_factory_tokens?${fields}`);
  };
  const messageOf = (answer: Answer): string =>
    (answer.json() as { error: { message: string } }).error.message;

  describe('host_factory_create_token', () => {
    it('does not show a host factory on which one has no permission', async () => {
      assert.equal((await create(await begin('c1'), 'c1')).status, 404);
    });

    it('is forbidden to whoever may see the factory and no more', async () => {
      assert.equal((await create(await begin('c2', 'read'), 'c2', '', false)).status, 403);
    });

    it('makes a token with an expiration', async () => {
      const answer = await create(await begin('c3', 'execute'), 'c3');
      assert.equal(answer.status, 200);
      const [told] = answer.json() as ToldToken[];
      assert.deepEqual(answer.json(), [{ cidr: [], expiration: farFuture, token: told?.token }]);
    });

    it('makes a token with an expiration and ranges', async () => {
      const alice = await begin('c4', 'execute');
      const answer = await create(alice, 'c4', '&cidr[]=123.234.0.0/16&cidr[]=222.222.222.0/24');
      const [told] = answer.json() as ToldToken[];
      const cidr = ['123.234.0.0/16', '222.222.222.0/24'];
      assert.deepEqual(answer.json(), [{ cidr, expiration: farFuture, token: told?.token }]);
    });

    it('refuses a range that is not valid', async () => {
      const alice = await begin('c5', 'execute');
      const answer = await create(alice, 'c5', '&cidr[]=123.234.0.0/16&cidr[]=1.895.abc.0/32');
      assert.equal(answer.status, 422);
      assert.equal(messageOf(answer), "Invalid IP address or CIDR range '1.895.abc.0/32'");
    });

    it('refuses a resource that is not a host factory', async () => {
      const alice = await begin('c6');
      await load(
        admin,
        '- !permit { role: !user alice@c6, privileges: [ read ], resource: !group c6/test-group }',
      );
      const fields = `host_factory=${on.service.account}:group:c6/test-group&expiration=${farFuture}`;
      const answer = await alice.send('POST', '/host_factory_tokens', fields, {
        'content-type': 'application/x-www-form-urlencoded',
      });
      assert.equal(answer.status, 422);
      assert.equal(messageOf(answer), 'Invalid resource kind: group');
    });
  });

  describe('host_factory_delete_token', () => {
    it('is not for whoever has no update: unseen without any privilege, forbidden with another', async () => {
      const alice = await begin('d1');
      const token = await makeToken(admin, 'd1/the-layer-factory');
      assert.equal((await revokeToken(alice, token)).status, 404);
      await permit('d1', 'execute');
      assert.equal((await revokeToken(alice, token)).status, 403);
    });

    it('is for whoever has update on the factory', async () => {
      const alice = await begin('d2', 'update');
      assert.equal((await revokeToken(alice, await makeToken(admin, 'd2/the-layer-factory'))).status, 204);
    });

    it('does not find a token that was deleted', async () => {
      const alice = await begin('d3', 'update');
      const token = await makeToken(admin, 'd3/the-layer-factory');
      assert.equal((await revokeToken(alice, token)).status, 204);
      assert.equal((await revokeToken(alice, token)).status, 404);
    });
  });

  describe('host_factory_show', () => {
    it('shows layers and tokens; of a token what stands for it, as it is not kept', async () => {
      const alice = await begin('s1', 'read');
      const token = await makeToken(admin, 's1/the-layer-factory');
      const path = `/resources/${on.service.account}/host_factory/s1%2Fthe-layer-factory`;
      const answer = await alice.send('GET', path);
      assert.equal(answer.status, 200);
      const shown = answer.json() as Record<string, unknown>;
      assert.deepEqual(shown['layers'], [`${on.service.account}:layer:s1/the-layer`]);
      assert.deepEqual(shown['permissions'], [
        {
          privilege: 'read',
          role: `${on.service.account}:user:alice@s1`,
          policy: `${on.service.account}:policy:root`,
        },
      ]);
      const [told] = shown['tokens'] as ToldToken[];
      assert.deepEqual(shown['tokens'], [{ expiration: farFuture, cidr: [], token: told?.token }]);
      assert.match(told?.token ?? '', /^sha256:[0-9a-f]{64}$/);
      assert.ok(!answer.text.includes(token));
    });
  });
});
