/** What keeps somebody at the wheel, and everybody within what was given to them. */
import assert from 'node:assert/strict';
import type { AkamaiCustomer } from '../../support/akamai.ts';
import { bootstrapCustomer, errorsOf, type MadeClient } from '../../support/akamai.ts';
import type { Answer } from '../../support/client.ts';
import { startTestService, type TestService } from '../../support/service.ts';
import { describeOnTwoProcesses } from '../../support/two-processes.ts';

function refused(answer: Answer, status: number, errors: RegExp): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(errorsOf(answer), errors);
}

const lockedOut = /No client with \*:config\/\*\* /;
const ownAccess = /would lose access of its own/;

describe('the last owner of the configuration', () => {
  let service: TestService;
  let customer: AkamaiCustomer;
  let owner: string;
  let path: string;

  beforeEach(async () => {
    service = await startTestService();
    customer = await bootstrapCustomer(service);
    owner = await customer.token();
    path = `/clients/${customer.owner.clientId}`;
  });
  afterEach(() => service.stop());

  it('is not deleted, nor its policy changed or replaced, nor its last lasting secret ended', async () => {
    const policy = `/tokenPolicies/${customer.ownerPolicy}`;
    const other = await customer.policy(owner, ['*:config/clients']);
    const body = { name: 'Primary', type: 'configuration', tokenPolicy: other };
    const list = await customer.done<{ _embedded: { secrets: { id: string }[] } }>(
      owner,
      200,
      'GET',
      `${path}/secrets`,
    );
    const secret = `${path}/secrets/${list._embedded.secrets[0]?.id ?? ''}`;
    for (const [method, at, sent] of [
      ['DELETE', path, undefined],
      ['PUT', path, body],
      ['PATCH', path, { tokenPolicy: other }],
      ['PATCH', policy, { allowedScopes: ['*:config/clients', '.:config/**'] }],
      ['PATCH', policy, { allowedScopes: [] }],
      ['PUT', policy, { title: 'x' }],
      ['DELETE', secret, undefined],
      ['PATCH', secret, { expiresIn: 3_600 }],
    ] as const) {
      refused(await customer.call(owner, method, at, sent), 409, lockedOut);
    }
    await customer.done(owner, 200, 'GET', '/clients');
  });

  it('can be renamed, and its policy too', async () => {
    await customer.done(owner, 200, 'PATCH', path, { name: 'Another name' });
    const policy = `/tokenPolicies/${customer.ownerPolicy}`;
    await customer.done(owner, 200, 'PATCH', policy, { title: 'Another title', accessTokenLifetime: 600 });
    const more = { allowedScopes: ['*:config/**', '.:config/clients'] };
    await customer.done(owner, 200, 'PATCH', policy, more);
    await customer.done(owner, 200, 'PATCH', policy, { allowedScopes: ['.:config/clients', '*:config/**'] });
  });

  it('goes when that is forced, and the operator can make another', async () => {
    assert.equal((await customer.call(owner, 'DELETE', `${path}?force=1`)).status, 409);
    await customer.done(owner, 204, 'DELETE', `${path}?force=true`);
    assert.equal((await customer.call(owner, 'GET', '/clients')).status, 401);
    const next = await bootstrapCustomer(service);
    await next.done(await next.token(), 200, 'GET', '/clients');
  });

  it('is taken from the configuration by an owner alone, forced or not', async () => {
    const scopes = ['*:config/clients/**', '*:config/tokenPolicies'];
    const limited = await customer.configurationClient(owner, 'limited', scopes);
    const token = await customer.token(limited, scopes.join(' '));
    const policy = `/tokenPolicies/${customer.ownerPolicy}`;
    for (const [method, at, sent] of [
      ['DELETE', path, undefined],
      ['PATCH', path, { tokenPolicy: limited.policy }],
      ['PATCH', policy, { allowedScopes: [] }],
    ] as const) {
      refused(await customer.call(token, method, `${at}?force=true`, sent), 409, lockedOut);
    }
    const own = `/clients/${limited.clientId}`;
    refused(await customer.call(token, 'DELETE', own), 409, ownAccess);
    await customer.done(token, 204, 'DELETE', `${own}?force=true`);
    await customer.done(owner, 200, 'GET', '/clients');
  });

  it('can leave once another owner is there, but takes no access from itself unasked', async () => {
    const second = await customer.configurationClient(owner, 'second', ['*:config/**']);
    const token = await customer.token(second);
    refused(await customer.call(owner, 'DELETE', path), 409, ownAccess);
    const policy = `/tokenPolicies/${customer.ownerPolicy}`;
    refused(await customer.call(owner, 'PATCH', policy, { allowedScopes: ['.:config/**'] }), 409, ownAccess);
    await customer.done(token, 200, 'PATCH', policy, { allowedScopes: ['.:config/**'] });
    await customer.done(token, 204, 'DELETE', path);
    refused(await customer.call(token, 'DELETE', `/clients/${second.clientId}`), 409, lockedOut);
  });

  it('does not count an owner whose secrets all expire', async () => {
    const second = await customer.configurationClient(owner, 'second', ['*:config/**']);
    const secrets = `/clients/${second.clientId}/secrets`;
    await customer.done(owner, 201, 'POST', secrets, { expiresIn: 3_600, expireOthersIn: 0 });
    refused(await customer.call(owner, 'DELETE', path), 409, lockedOut);
  });
});

describeOnTwoProcesses('access that is handed on', (on) => {
  let here: AkamaiCustomer;
  let there: AkamaiCustomer;
  let owner: string;

  before(async () => {
    here = await bootstrapCustomer(on.here);
    there = here.at(on.there);
    owner = await here.token();
  });

  it('is never more than the giver has', async () => {
    const scopes = ['*:config/clients/**', '*:config/tokenPolicies'];
    const limited = await here.configurationClient(owner, 'limited', scopes);
    const token = await here.token(limited, scopes.join(' '));
    const victim = here.owner.clientId;
    const exceeded = /more access than it has itself/;
    const weak = await here.policy(token, ['.:config/clients']);
    const made = { name: 'helper', type: 'configuration', tokenPolicy: here.ownerPolicy };
    for (const [method, path, body] of [
      ['POST', '/tokenPolicies', { title: 'x', allowedScopes: ['*:config/**'] }],
      ['POST', '/tokenPolicies', { title: 'x', allowedScopes: ['.:config/loginPolicies'] }],
      ['PATCH', `/tokenPolicies/${limited.policy}`, { allowedScopes: [...scopes, '*:config/**'] }],
      ['POST', '/clients', made],
      ['PATCH', `/clients/${limited.clientId}`, { tokenPolicy: here.ownerPolicy }],
      ['POST', `/clients/${victim}/secrets`, undefined],
      ['POST', `/clients/${victim}/secret`, undefined],
    ] as const) {
      for (const query of ['', '?force=true']) {
        const answer = await there.call(token, method, `${path}${query}`, body);
        refused(answer, 403, exceeded);
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="insufficient_scope"');
      }
    }
    const helper = { ...made, tokenPolicy: weak };
    const { id, secret } = await there.done<MadeClient>(token, 201, 'POST', '/clients', helper);
    const given = await there.token({ clientId: id, clientSecret: secret }, '.:config/clients');
    await here.done(given, 200, 'GET', '/clients');
  });

  it('by a token that asked for less, is no more than that token has', async () => {
    const scopes = ['*:config/**', '*:config/clients'];
    const wide = await here.configurationClient(owner, 'wide', scopes);
    const narrow = await here.token(wide, '*:config/clients');
    const body = { name: 'from narrow', type: 'configuration', tokenPolicy: here.ownerPolicy };
    refused(await there.call(narrow, 'POST', '/clients', body), 403, /more access/);
  });

  it('stays with one of two owners that are removed at the same time in two processes', async function () {
    this.timeout(60_000);
    // The owners of the other tests must not count.
    const rounds = 8;
    for (let round = 0; round < rounds; round += 1) {
      const first = await here.configurationClient(owner, `first ${String(round)}`, ['*:config/**']);
      const second = await here.configurationClient(owner, `second ${String(round)}`, ['*:config/**']);
      const [one, two] = [await here.token(first), await there.token(second)];
      await leaveOnly(one, [first.clientId, second.clientId]);
      const answers = await Promise.all([
        here.call(one, 'DELETE', `/clients/${second.clientId}`),
        there.call(two, 'DELETE', `/clients/${first.clientId}`),
      ]);
      const statuses = answers.map(({ status }) => status).sort();
      // The one that is faster removes the other, whose token then is nobody's.
      assert.deepEqual(statuses, [204, 401], answers.map(({ text }) => text).join(' '));
      owner = answers[0].status === 204 ? one : two;
      await here.done(owner, 200, 'GET', '/clients');
    }
  });

  it('stays with one of two owners that resign at the same time in two processes', async function () {
    this.timeout(60_000);
    const rounds = 8;
    for (let round = 0; round < rounds; round += 1) {
      const third = await here.configurationClient(owner, `third ${String(round)}`, [
        '*:config/tokenPolicies',
      ]);
      const writer = await here.token(third, '*:config/tokenPolicies');
      const pair = await Promise.all(
        ['a', 'b'].map((name) =>
          here.configurationClient(owner, `${name} ${String(round)}`, ['*:config/**']),
        ),
      );
      const [a, b] = pair;
      assert.ok(a !== undefined && b !== undefined);
      const next = await here.token(a);
      await leaveOnly(next, [a.clientId, b.clientId, third.clientId]);
      const less = { allowedScopes: ['.:config/clients'] };
      const answers = await Promise.all([
        here.call(writer, 'PUT', `/tokenPolicies/${a.policy}`, { title: 'x', allowedScopes: [] }),
        there.call(writer, 'PUT', `/tokenPolicies/${b.policy}`, { title: 'x', allowedScopes: [] }),
      ]);
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, 409], answers.map(({ text }) => text).join(' '));
      owner = answers[0].status === 409 ? next : await there.token(b);
      refused(
        await here.call(
          owner,
          'PATCH',
          `/tokenPolicies/${answers[0].status === 409 ? a.policy : b.policy}`,
          less,
        ),
        409,
        lockedOut,
      );
    }
  });

  async function leaveOnly(token: string, kept: readonly string[]): Promise<void> {
    const list = await here.done<{ _embedded: { clients: { id: string }[] } }>(token, 200, 'GET', '/clients');
    for (const { id } of list._embedded.clients) {
      if (!kept.includes(id)) await here.done(token, 204, 'DELETE', `/clients/${id}`);
    }
  }
});
