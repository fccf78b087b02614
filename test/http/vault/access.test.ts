import assert from 'node:assert/strict';
import { load, signInAs } from '../../support/client.ts';
import { record, recordsOf } from '../../support/audit-records.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { dataOf, errorsOf } from '../../support/vault-identity.ts';
import { administrator, managerOf, type Manager } from '../../support/vault-registry.ts';

const policy = `
- !user all
- !user clerk
- !user reader
- !user one
- !user nobody
- !policy
  id: conjur/oidc
  body:
  - !webservice
  - !webservice clients
  - !webservice clients/named
  - !permit { role: !user /all, privileges: [ create, read, update, delete ], resource: !webservice }
  - !permit { role: !user /clerk, privileges: [ create, update ], resource: !webservice clients }
  - !permit { role: !user /reader, privileges: [ read ], resource: !webservice clients }
  - !permit { role: !user /one, privileges: [ read, update ], resource: !webservice clients/named }
  - !webservice clients/made
  - !permit { role: !user /one, privileges: [ create, read, update, delete ], resource: !webservice clients/made }
`;
const denied = '1 error occurred:\n\t* permission denied\n\n';

describeOnStores("who may manage Vault's objects", (on) => {
  let admin: Manager;
  const managers: Record<string, Manager> = {};
  const manager = (name: string): Manager => managers[name] ?? assert.fail(name);

  before(async () => {
    admin = await administrator(on.service);
    const signedIn = signInAs(on.service, await load(admin.session, policy));
    for (const name of ['all', 'clerk', 'reader', 'one', 'nobody']) {
      managers[name] = managerOf(await signedIn(name));
    }
    await admin.write('client/named');
    await admin.write('client/unnamed');
  });

  const statuses = async (name: string, client: string): Promise<readonly number[]> => {
    const by = manager(name);
    const path = `client/${client}`;
    return [
      (await by.get(path)).status,
      (await by.put(path, {})).status,
      (await by.put(`${path}/rotate-secret`, {})).status,
      (await by.list('client')).status,
    ];
  };

  it('is whoever has the privileges on conjur/oidc', async () => {
    const by = manager('all');
    assert.deepEqual(await statuses('all', 'named'), [200, 204, 200, 200]);
    for (const kind of ['provider', 'scope', 'client', 'assignment']) {
      assert.equal((await by.put(`${kind}/of-all`, {})).status, 204, kind);
      assert.equal((await by.delete(`${kind}/of-all`)).status, 204, kind);
    }
  });

  it('is, for one kind, whoever has them on the webservice of that kind', async () => {
    assert.deepEqual(await statuses('clerk', 'unnamed'), [403, 204, 200, 403]);
    assert.deepEqual(await statuses('reader', 'unnamed'), [200, 403, 403, 200]);
    for (const kind of ['provider', 'scope', 'assignment']) {
      assert.equal((await manager('clerk').put(`${kind}/of-clerk`, {})).status, 403, kind);
      assert.equal((await manager('reader').list(kind)).status, 403, kind);
    }
  });

  it('is, for one object, whoever has them on the webservice of its name', async () => {
    assert.deepEqual(await statuses('one', 'named'), [200, 204, 200, 403]);
    assert.deepEqual(await statuses('one', 'unnamed'), [403, 403, 403, 403]);
    assert.equal((await manager('one').delete('client/named')).status, 403);
  });

  it('makes objects with create, and changes them with update', async () => {
    const by = manager('one');
    await admin.delete('client/named');
    // No `create`, though the name is the one that may be updated.
    assert.equal((await by.put('client/named', {})).status, 403);
    assert.equal((await manager('clerk').put('client/named', {})).status, 204);
    assert.equal((await by.put('client/named', {})).status, 204);
  });

  it('takes the id of a client that was removed only from who may make any client', async () => {
    await admin.write('client/retired');
    const { client_id: id } = await admin.read('client/retired');
    await admin.delete('client/retired');
    const refused = await manager('one').put('client/made', { client_id: id });
    assert.deepEqual([refused.status, errorsOf(refused)], [403, [denied]]);
    assert.equal((await manager('one').put('client/made', {})).status, 204);
    // Stated again, as of a client that is there, it asks for nothing.
    const { client_id: own } = await manager('one').read('client/made');
    assert.equal((await manager('one').put('client/made', { client_id: own })).status, 204);
    assert.equal((await manager('clerk').put('client/taken', { client_id: id })).status, 204);
    for (const name of ['made', 'taken']) assert.equal((await admin.delete(`client/${name}`)).status, 204);
  });

  it('is nobody else, who is not told what there is', async () => {
    for (const client of ['named', 'missing']) {
      for (const answer of [
        await manager('nobody').get(`client/${client}`),
        await manager('nobody').put(`client/${client}`, {}),
        await manager('nobody').delete(`client/${client}`),
        await manager('nobody').put(`client/${client}/rotate-secret`, {}),
      ]) {
        assert.deepEqual([answer.status, errorsOf(answer)], [403, [denied]]);
      }
    }
  });

  it('loses that with the next request after the privilege is gone', async () => {
    const deny = '- !deny { role: !user reader, privilege: read, resource: !webservice conjur/oidc/clients }';
    await load(admin.session, deny, 'root', 'PATCH');
    assert.equal((await manager('reader').list('client')).status, 403);
  });

  describe('leaves a record', () => {
    const user = (name: string): string => `acct:user:${name}`;
    const subject = (kind: string, name = ''): string =>
      `kind="${kind}"${name === '' ? '' : ` name="${name}"`}`;
    const done = (operation: string, verb: string, kind: string, name = ''): string =>
      record(
        85,
        'oidc-registry',
        user('admin'),
        subject(kind, name),
        ['success', operation],
        `${user('admin')} ${verb} ${kind} of the OpenID Provider${name === '' ? '' : `: ${name}`}`,
      );
    const kinds = { provider: 'providers', scope: 'scopes', client: 'clients', assignment: 'assignments' };

    for (const [path, kind] of Object.entries(kinds)) {
      it(`of every act on ${kind}`, async () => {
        const records = await recordsOf(on.service, async () => {
          await admin.put(`${path}/audited`, {});
          await admin.put(`${path}/audited`, {});
          await admin.get(`${path}/audited`);
          await admin.list(path);
          await admin.delete(`${path}/audited`);
        });
        assert.deepEqual(
          records.map(withoutMessageId),
          [
            done('create', 'created', kind, 'audited'),
            done('update', 'updated', kind, 'audited'),
            done('read', 'read', kind, 'audited'),
            done('list', 'listed', kind),
            done('delete', 'deleted', kind, 'audited'),
          ].map(withoutMessageId),
        );
      });
    }

    it('of the rotation of a secret', async () => {
      const records = await recordsOf(on.service, () => admin.put('client/named/rotate-secret', {}));
      assert.match(
        records.join('\n'),
        /operation="rotate".*admin rotated clients of the OpenID Provider: named$/,
      );
    });

    it('of a refusal, with its reason', async () => {
      const records = await recordsOf(on.service, async () => {
        await manager('nobody').get('client/named');
        await manager('nobody').put('client/new', {});
        await admin.put('client/named', { key: 'nowhere' });
        await admin.get('client/missing');
      });
      assert.equal(records.length, 4);
      const wanted = [
        /user="acct:user:nobody".*result="failure" operation="read".*lacks 'read'/,
        /result="failure" operation="create".*lacks 'create'/,
        /result="failure" operation="update".*key/,
        /result="failure" operation="read".*missing/,
      ];
      for (const [index, form] of wanted.entries()) assert.match(records[index] ?? '', form);
    });
  });

  it('reads a list that nobody changed by it', async () => {
    const { keys } = dataOf(await admin.list('client')) as { keys: string[] };
    assert.deepEqual(keys, ['named', 'unnamed']);
  });
});

/** What is compared is who did what to which object, and how it ended. */
function withoutMessageId(line: string): string {
  return line.replace(/^<\d+> \S+ /, '');
}
