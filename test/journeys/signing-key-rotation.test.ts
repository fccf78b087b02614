/** The key of access tokens is rotated by the operator's command while two processes serve. */
import assert from 'node:assert/strict';
import { describeOnTwoProcesses, type OnTwoProcesses } from '../support/two-processes.ts';
import { load, secretPath, sessionOf, setSecret, signIn, type Session } from '../support/client.ts';
import { runOperator } from '../support/operator-process.ts';
import { testAccount, testDataKey, type TestService } from '../support/service.ts';

interface Shown {
  readonly kid: string;
  readonly state: string;
}

describeOnTwoProcesses('the signing key, rotated by the command', (on: OnTwoProcesses) => {
  const elsewhere = (): TestService => ({ ...on.here, url: on.there.url });
  const read = async ({ token }: Session, service: TestService): Promise<number> =>
    (await sessionOf(service, token).send('GET', secretPath(service, 'rotated/value'))).status;
  const command = async (...args: readonly string[]): Promise<string> => {
    const { store } = on.here.config;
    return runOperator(['signing-key', ...args, '--output', 'json'], {
      LATCHKEY_DATA: on.here.folder,
      LATCHKEY_ACCOUNT: testAccount,
      LATCHKEY_DATA_KEY: testDataKey,
      ...(store.driver === 'redis' ? { LATCHKEY_STORE: store.url.reveal() } : {}),
    });
  };
  const kidOf = ({ token }: Session): string => {
    const { protected: header } = JSON.parse(token) as { protected: string };
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
  };

  before(async () => {
    const admin = await signIn(on.here);
    await load(admin, '- !policy { id: rotated, body: [ !variable value ] }');
    await setSecret(admin, 'rotated/value', 'a value');
  });

  it('has new tokens signed by the new key at every process, while the old ones live on', async () => {
    const before = await signIn(on.here);
    assert.deepEqual([await read(before, on.here), await read(before, elsewhere())], [200, 200]);
    const { kid } = JSON.parse(await command('rotate')) as Shown;
    for (const service of [on.here, elsewhere()]) {
      const after = await signIn(service);
      assert.equal(kidOf(after), kid);
      assert.deepEqual([await read(after, on.here), await read(after, elsewhere())], [200, 200]);
      assert.equal(await read(before, service), 200);
    }
    const shown = JSON.parse(await command('status')) as readonly Shown[];
    assert.deepEqual(
      shown.map(({ kid: each, state }) => [each, state]),
      [
        [kid, 'signs'],
        [kidOf(before), 'verifies'],
      ],
    );
  });

  it('ends all tokens of before at once at every process when it revokes, verified or not', async () => {
    const used = await signIn(on.here);
    const unused = await signIn(elsewhere());
    assert.deepEqual([await read(used, on.here), await read(used, elsewhere())], [200, 200]);
    await command('rotate', '--revoke');
    for (const service of [elsewhere(), on.here]) {
      assert.deepEqual([await read(used, service), await read(unused, service)], [401, 401]);
      const whoami = await sessionOf(service, used.token).send('GET', '/whoami');
      assert.equal(whoami.status, 401);
      const self = await fetch(`${service.url}/v1/auth/token/lookup-self`, {
        headers: { 'x-vault-token': Buffer.from(used.token).toString('base64') },
      });
      assert.equal(self.status, 403);
      assert.equal(await read(await signIn(service), service), 200);
    }
    const shown = await command('status');
    assert.equal((JSON.parse(shown) as readonly Shown[]).length, 1);
    const audit = (await on.here.auditLines()).join('\n');
    assert.match(audit, /operation="rotate-signing-key"\] !:!:root rotated the signing key of account acct/);
    assert.match(audit, /operation="revoke-signing-key"\] !:!:root revoked signing keys of account acct/);
  });
});
