import assert from 'node:assert/strict';
import type { AkamaiCustomer } from '../../support/akamai.ts';
import { bootstrapCustomer, errorsOf, type Credentials, without } from '../../support/akamai.ts';
import { describeOnStores } from '../../support/on-stores.ts';

interface Secret {
  readonly id: string;
  readonly secret: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
}

describeOnStores('secrets of a client', (on) => {
  let customer: AkamaiCustomer;
  let owner: string;
  let client: Credentials;
  let path: string;

  before(async () => {
    customer = await bootstrapCustomer(on.service);
    owner = await customer.token();
  });
  let made = 0;
  beforeEach(async () => {
    made += 1;
    client = await customer.configurationClient(owner, `client ${String(made)}`, ['.:config']);
    path = `/clients/${client.clientId}/secrets`;
  });

  const list = async (): Promise<readonly Secret[]> =>
    (await customer.done<{ _embedded: { secrets: Secret[] } }>(owner, 200, 'GET', path))._embedded.secrets;
  const works = async (clientSecret: string): Promise<boolean> =>
    (await customer.requestToken({ ...client, clientSecret }, '.:config')).status === 200;
  const add = (body?: object): Promise<Secret> => customer.done(owner, 201, 'POST', path, body);
  const secondsLeft = ({ expiresAt = '' }: Secret): number =>
    Math.round((Date.parse(expiresAt) - Date.now()) / 1_000);

  it('are several, and each works', async () => {
    const second = await add();
    assert.match(second.secret, /^[a-z0-9]{32}$/);
    assert.equal(second.expiresAt, undefined);
    assert.deepEqual([await works(client.clientSecret), await works(second.secret)], [true, true]);
  });

  it('are listed without their texts', async () => {
    const second = without(await add({ expiresIn: 3_600 }), 'secret');
    const listed = await list();
    assert.equal(listed.length, 2);
    assert.deepEqual(listed[1], second);
    assert.ok(listed.every((each) => !('secret' in each) && !('sha256' in each)));
  });

  it('end when they are said to', async () => {
    const second = await add({ expiresIn: 3_600 });
    assert.ok(Math.abs(secondsLeft(second) - 3_600) <= 2);
    const changed = await customer.done<Secret>(owner, 200, 'PATCH', `${path}/${second.id}`, {
      expiresIn: 60,
    });
    assert.ok(secondsLeft(changed) <= 60);
    const kept = await customer.done<Secret>(owner, 200, 'PATCH', `${path}/${second.id}`, {
      expiresIn: null,
    });
    assert.equal(kept.expiresAt, undefined);
    await customer.done(owner, 204, 'DELETE', `${path}/${second.id}`);
    assert.deepEqual([await works(client.clientSecret), await works(second.secret)], [true, false]);
  });

  it('are rotated with an overlap: a new one, and an end for the others', async () => {
    const second = await add({ expireOthersIn: 600 });
    assert.deepEqual([await works(client.clientSecret), await works(second.secret)], [true, true]);
    const [first] = await list();
    assert.ok(first !== undefined && secondsLeft(first) <= 600 && secondsLeft(first) > 590);
    await add({ expireOthersIn: 3_600 });
    assert.ok(
      (await list()).slice(0, 1).every((each) => secondsLeft(each) <= 600),
      'an earlier end stays',
    );
  });

  it('are rotated without one', async () => {
    const second = await add({ expireOthersIn: 0 });
    assert.deepEqual([await works(client.clientSecret), await works(second.secret)], [false, true]);
    assert.equal((await list()).length, 1);
  });

  it('are reset by the older address, with hoursToLive', async () => {
    const reset = `/clients/${client.clientId}/secret`;
    const second = await customer.done<Secret>(owner, 201, 'POST', reset, { hoursToLive: 24 });
    assert.deepEqual([await works(client.clientSecret), await works(second.secret)], [true, true]);
    const third = await customer.done<Secret>(owner, 201, 'POST', reset);
    assert.deepEqual([await works(second.secret), await works(third.secret)], [false, true]);
    for (const hoursToLive of [-1, 169, 1.5, '1']) {
      const answer = await customer.call(owner, 'POST', reset, { hoursToLive });
      assert.deepEqual(
        [answer.status, errorsOf(answer)],
        [400, 'hoursToLive: must be a whole number from 0 to 168'],
      );
    }
    assert.equal((await customer.call(owner, 'GET', reset)).status, 405);
  });

  it('are ten at most', async () => {
    for (let number = 2; number <= 10; number += 1) await add({ expiresIn: 60 });
    const answer = await customer.call(owner, 'POST', path);
    assert.deepEqual([answer.status, errorsOf(answer)], [400, 'body: there are 10 secrets already']);
  });

  it('are refused with members or values that are not known', async () => {
    for (const body of [{ expiresIn: 0 }, { expiresIn: '60' }, { expireOthersIn: -1 }, { secret: 'mine' }]) {
      assert.equal((await customer.call(owner, 'POST', path, body)).status, 400);
    }
    const [first] = await list();
    for (const body of [{}, { expiresIn: 0 }, { expiresAt: 'now' }]) {
      assert.equal((await customer.call(owner, 'PATCH', `${path}/${first?.id ?? ''}`, body)).status, 400);
    }
    for (const method of ['PATCH', 'DELETE']) {
      assert.equal((await customer.call(owner, method, `${path}/unknown`, { expiresIn: 60 })).status, 404);
    }
  });

  it('are nowhere in the audit trail', async () => {
    const { secret } = await add();
    const token = await customer.token({ ...client, clientSecret: secret }, '.:config');
    const lines = (await on.service.auditLines()).join('\n');
    assert.ok(!lines.includes(secret) && !lines.includes(token) && !lines.includes(client.clientSecret));
  });
});
