import assert from 'node:assert/strict';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf, errorsOf, identityWorld, vault, type IdentityWorld } from '../../support/vault-identity.ts';

type Members = Readonly<Record<string, unknown>>;

/** As Go's clients read it (semver.org, 2.0.0). */
const semanticVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

describeOnStores("the server as Vault's clients see it", (on) => {
  let world: IdentityWorld;
  const raw = async (path: string): Promise<Members> => {
    const answer = await vault(on.service, 'GET', path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    return answer.json() as Members;
  };

  before(async () => {
    world = await identityWorld(on.service);
  });

  it('is initialized and unsealed, without a token, and of a semantic version', async () => {
    const { version, ...status } = await raw('sys/seal-status');
    assert.match(String(version), semanticVersion);
    assert.deepEqual(status, {
      type: 'shamir',
      initialized: true,
      sealed: false,
      t: 1,
      n: 1,
      progress: 0,
      nonce: '',
      build_date: '',
      migration: false,
      recovery_seal: false,
    });
    assert.deepEqual(await raw('sys/init'), { initialized: true });
  });

  it('follows no leader', async () => {
    assert.equal((await raw('sys/leader'))['ha_enabled'], false);
  });

  it('is healthy, to GET and to HEAD', async () => {
    const { version, server_time_utc: now, ...health } = await raw('sys/health');
    assert.match(String(version), semanticVersion);
    assert.equal(typeof now, 'number');
    assert.deepEqual(health, {
      initialized: true,
      sealed: false,
      standby: false,
      performance_standby: false,
      replication_performance_mode: 'disabled',
      replication_dr_mode: 'disabled',
    });
    const head = await vault(on.service, 'HEAD', 'sys/health');
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  it('answers with the status that a load balancer wants of an active server', async () => {
    assert.equal((await vault(on.service, 'GET', 'sys/health?standbyok=true&activecode=299')).status, 299);
    for (const code of ['199', '600', 'x']) {
      assert.equal((await vault(on.service, 'GET', `sys/health?activecode=${code}`)).status, 400);
    }
  });

  it('ignores a bad token where none is demanded', async () => {
    assert.equal((await vault(on.service, 'GET', 'sys/health', { token: 's.bad' })).status, 200);
  });

  it('lists the authentication methods, also beside the data', async () => {
    const answer = await vault(on.service, 'GET', 'sys/auth', { token: world.alice });
    const data = dataOf(answer) as Record<string, Members>;
    assert.deepEqual(Object.keys(data), ['token/', 'userpass/']);
    const { accessor, uuid, ...userpass } = data['userpass/'] ?? {};
    assert.match(String(accessor), /^auth_userpass_[0-9a-f]{8}$/);
    assert.match(String(uuid), /^[0-9a-f-]{36}$/);
    assert.deepEqual(userpass, {
      type: 'userpass',
      description: 'users and hosts, by password or API key',
      options: null,
      local: false,
      seal_wrap: false,
      external_entropy_access: false,
      config: {
        default_lease_ttl: 28_800,
        max_lease_ttl: 2_764_800,
        force_no_cache: false,
        token_type: 'default-service',
      },
    });
    assert.deepEqual((answer.json() as Members)['userpass/'], data['userpass/']);
    assert.equal((await vault(on.service, 'GET', 'sys/auth')).status, 403);
  });

  it('has the accessor that aliases name', async () => {
    const auth = dataOf(await vault(on.service, 'GET', 'sys/auth', { token: world.alice })) as Record<
      string,
      Members
    >;
    const alice = dataOf(
      await vault(on.service, 'GET', 'identity/entity/name/alice', { token: world.alice }),
    );
    const [alias] = alice['aliases'] as [Members];
    assert.equal(alias['mount_accessor'], auth['userpass/']?.['accessor']);
  });

  it('tells sign-in pages without a token which methods there are, and no accessor', async () => {
    for (const token of [undefined, 's.bad']) {
      const answer = await vault(
        on.service,
        'GET',
        'sys/internal/ui/mounts',
        token === undefined ? {} : { token },
      );
      const { auth, secret } = dataOf(answer) as { auth: Record<string, Members>; secret: Members };
      assert.deepEqual(secret, {});
      assert.deepEqual(Object.keys(auth['userpass/'] ?? {}), ['type', 'description', 'options']);
    }
  });

  it('tells all of the mounts to who has a token', async () => {
    const { auth } = dataOf(
      await vault(on.service, 'GET', 'sys/internal/ui/mounts', { token: world.alice }),
    ) as {
      auth: Record<string, Members>;
    };
    const one = dataOf(
      await vault(on.service, 'GET', 'sys/internal/ui/mounts/auth/userpass', { token: world.alice }),
    );
    assert.deepEqual(one, { ...auth['userpass/'], path: 'userpass/' });
  });

  it('answers 403 for a mount that is not there, and for any without a token', async () => {
    const missing = await vault(on.service, 'GET', 'sys/internal/ui/mounts/secret', { token: world.admin });
    assert.equal(missing.status, 403);
    assert.equal((await vault(on.service, 'GET', 'sys/internal/ui/mounts/auth/userpass')).status, 403);
  });

  it('tells what one may do at a path', async () => {
    const at = async (token: string, ...paths: string[]) =>
      dataOf(await vault(on.service, 'POST', 'sys/capabilities-self', { token, body: { paths } }));
    const all = ['create', 'delete', 'read', 'update'];
    const paths = [
      'identity/oidc/key/k',
      'identity/oidc/key',
      'identity/oidc/key/k/rotate',
      'identity/oidc/config',
      'identity/entity/id',
      'identity/entity/name/alice',
      'identity/lookup/group',
      'identity/oidc/provider/p/authorize',
      'auth/token/lookup-self',
      'secret/x',
    ];
    const ofAdmin = [
      all,
      ['list'],
      ['update'],
      ['read', 'update'],
      ['list'],
      ['read'],
      ['update'],
      ['read', 'update'],
      ['read', 'update'],
      ['deny'],
    ];
    assert.deepEqual(Object.values(await at(world.admin, ...paths)), ofAdmin);
    const deny = ['deny'];
    const ofCarol = [
      deny,
      deny,
      deny,
      deny,
      ['list'],
      ['read'],
      ['update'],
      ['read', 'update'],
      ['read', 'update'],
      deny,
    ];
    assert.deepEqual(Object.values(await at(world.carol, ...paths)), ofCarol);
    assert.deepEqual((await at(world.alice, 'identity/oidc/key/k'))['capabilities'], deny);
  });

  it('takes one path in a field of its own', async () => {
    const body = { path: 'sys/auth' };
    const answer = await vault(on.service, 'POST', 'sys/capabilities-self', { token: world.alice, body });
    assert.deepEqual(dataOf(answer), { 'sys/auth': ['read'], capabilities: ['read'] });
    assert.deepEqual((answer.json() as Members)['capabilities'], ['read']);
  });

  it('answers 400 where no path is given, or too many', async () => {
    for (const paths of [undefined, [], Array.from({ length: 1_001 }, (_, index) => String(index))]) {
      const body = paths === undefined ? {} : { paths };
      const answer = await vault(on.service, 'POST', 'sys/capabilities-self', { token: world.alice, body });
      assert.equal(answer.status, 400);
      assert.equal(errorsOf(answer).length, 1);
    }
  });
});
