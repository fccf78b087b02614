import assert from 'node:assert/strict';
import { request } from 'node:http';
import { setSecret, tokenHeader, type Answer, type Session } from '../../../support/client.ts';
import { record } from '../../../support/audit-records.ts';
import { assertEmpty, assertError, describeScenarios } from '../../../support/conjur-world.ts';

const policy = `
- !user bob
- !user someone-else
- &variables
  - !variable { id: secret1, owner: !user bob }
  - !variable { id: secret2, owner: !user bob }
  - !variable { id: secret3, owner: !user bob }
  - !variable { id: secret-no-value, owner: !user bob }
`;
const ids = ['secret1', 'secret2', 'secret3'].map((name) => `cucumber:variable:${name}`);
const [one = '', two = '', three = ''] = ids;
const binary = Buffer.from([0, 255, 254, 128, 10, 13, 65]);

/** secrets_batch: 15 scenarios of 15. */
describeScenarios('secrets in a batch', (on) => {
  let bob: Session;

  before(async () => {
    await on.world.load(policy);
    bob = await on.world.as('bob');
  });
  beforeEach(async () => {
    for (const name of ['secret1', 'secret2', 'secret3'])
      await setSecret(bob, name, name.replace('ecret', ''));
  });

  const get = (list: string, headers: Record<string, string> = {}): Promise<Answer> =>
    bob.send('GET', `/secrets?variable_ids=${list}`, undefined, headers);
  const notFound = (id: string): string => `CONJ00076E Variable ${id} is empty or not found.`;

  it('are one object of full id and value, each with its record', async () => {
    const user = 'cucumber:user:bob';
    const records = await on.world.recordsOf(async () => {
      const answer = await get(`${one},${two}`);
      assert.deepEqual(answer.json(), { [one]: 's1', [two]: 's2' });
    });
    assert.deepEqual(
      records,
      [one, two].map((id) =>
        record(86, 'fetch', user, `resource="${id}"`, ['success', 'fetch'], `${user} fetched ${id}`),
      ),
    );
  });

  it('have to be named', async () => {
    assert.equal((await bob.send('GET', '/secrets')).status, 422);
  });

  it('have to be named by more than nothing', async () => {
    assert.equal((await get('')).status, 422);
  });

  it('have to be named by more than commas', async () => {
    assert.equal((await get(',,,')).status, 422);
  });

  it('are forbidden, not hidden, to who lacks execute', async () => {
    const other = await on.world.as('someone-else');
    assertEmpty(await other.send('GET', `/secrets?variable_ids=${one}`), 403);
  });

  it('may not have a blank name among them', async () => {
    assertError(await get(`${one},,,${two}`), 422, 'argument_error', 'variable_ids');
  });

  it('are not found where a name is no full id', async () => {
    assertError(await get('1,2,3'), 404, 'not_found', notFound('1'));
  });

  it('are not found where one does not exist', async () => {
    const missing = 'cucumber:variable:not-a-secret';
    assertError(await get(`${one},${missing}`), 404, 'not_found', notFound(missing));
  });

  it('are not found where one has no value', async () => {
    const empty = 'cucumber:variable:secret-no-value';
    assertError(await get(`${one},${empty}`), 404, 'not_found', notFound(empty));
  });

  it('belong to their ids, in whatever order these come and values were set', async () => {
    for (const [name, value] of [
      ['secret1', 'v1'],
      ['secret2', 'v2'],
      ['secret1', 'v3'],
      ['secret3', 'v4'],
      ['secret2', 'v5'],
      ['secret3', 'v6'],
    ] as const) {
      await setSecret(bob, name, value);
    }
    for (const order of [ids, [...ids].reverse(), [two, three, one]]) {
      assert.deepEqual((await get(order.join(','))).json(), { [one]: 'v3', [two]: 'v5', [three]: 'v6' });
    }
  });

  for (const encoding of ['base64', 'Base64']) {
    it(`come in base64 to Accept-Encoding: ${encoding}`, async () => {
      await setSecret(bob, 'secret3', binary);
      await setSecret(bob, 'secret2', 'v2');
      const answer = await get(`${three},${two}`, { 'accept-encoding': encoding });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-encoding'), 'base64');
      const values = answer.json() as Record<string, string>;
      assert.deepEqual(Buffer.from(values[three] ?? '', 'base64'), binary);
      assert.equal(Buffer.from(values[two] ?? '', 'base64').toString(), 'v2');
    });
  }

  it('are not acceptable as JSON where one is not text', async () => {
    await setSecret(bob, 'secret3', binary);
    assert.equal((await get(three, { 'accept-encoding': '*' })).status, 406);
  });

  it('are not acceptable as JSON where one of several is not text', async () => {
    await setSecret(bob, 'secret3', binary);
    assert.equal((await get(`${three},${two}`, { 'accept-encoding': '*' })).status, 406);
  });

  it('come to a client that sends no Accept-Encoding', async () => {
    const url = `${on.world.service.url}/secrets?variable_ids=${two}`;
    const text = await new Promise<string>((resolve, reject) => {
      const sent = request(url, { headers: tokenHeader(bob.token) }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.on('end', () => {
          resolve(body);
        });
      });
      sent.on('error', reject).end();
    });
    assert.deepEqual(JSON.parse(text), { [two]: 's2' });
  });
});
