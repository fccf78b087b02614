import assert from 'node:assert/strict';
import type { Session } from '../../support/client.ts';
import { assertError, describeScenarios, getJson, listIds } from '../../support/conjur-world.ts';

const policy = `
- !webservice { id: databases/primary-host, annotations: { description: "The main server of the fleet" } }
- !webservice { id: cache, annotations: { name: Redis, note: "see https://wiki.example.com/cache_layer" } }
- !webservice { id: queue.v2, annotations: { Name: "Straße 7" } }
- !layer running
`;

describeScenarios('the search of GET /resources', (on) => {
  let admin: Session;
  before(async () => {
    await on.world.load(policy);
    ({ admin } = on.world);
  });

  const found = async (text: string): Promise<readonly string[]> => {
    const ids = await listIds(admin, `/resources?search=${encodeURIComponent(text)}`);
    return ids.map((id) => id.slice('cucumber:'.length));
  };
  const primary = ['webservice:databases/primary-host'];

  for (const [title, text, expected] of [
    ['words of the id, in any case', 'Primary', primary],
    ['words by their stems', 'database', primary],
    ['another form of a word', 'runs', ['layer:running']],
    ['words that all are there, wherever', 'fleet host webservice', primary],
    ['nothing where one word is missing', 'fleet host group', []],
    ['what stop words stand beside', 'the servers of a fleet', primary],
    ['nothing for stop words alone', 'the of', []],
    ['nothing for an empty text', '', []],
    ['nothing for parts of words', 'prim', []],
    ['words of annotations', 'redis', ['webservice:cache']],
    ['words that points and slashes join', 'databases/primary', primary],
    ['words with digits as they are', 'v2', ['webservice:queue.v2']],
    ['no digits that only begin so', 'v', []],
    ['words that an underscore joins', 'layer cache', ['webservice:cache']],
    ['words with letters of any alphabet', 'STRASSE', []],
    ['such words in their own letters', 'straße', ['webservice:queue.v2']],
    ['kinds', 'layer running', ['layer:running']],
  ] as const) {
    it(`finds ${title}`, async () => {
      assert.deepEqual(await found(text), expected);
    });
  }

  it('finds before it counts and before it pages', async () => {
    assert.deepEqual(await getJson(admin, '/resources?search=webservice&count=true'), { count: 3 });
    assert.deepEqual(await listIds(admin, '/resources?search=webservice&limit=1&offset=1'), [
      'cucumber:webservice:databases/primary-host',
    ]);
  });

  it('finds what a policy changed, at once', async () => {
    await on.world.load('- !webservice { id: fresh, annotations: { note: unheard } }', 'POST');
    assert.deepEqual(await found('unheard'), ['webservice:fresh']);
    await on.world.load('- !delete { record: !webservice fresh }', 'PATCH');
    assert.deepEqual(await found('unheard'), []);
  });

  it('refuses a text of more than 1,000 characters', async () => {
    assertError(
      await admin.send('GET', `/resources?search=${'a'.repeat(1_001)}`),
      422,
      'argument_error',
      "'search' may have up to 1000 characters",
    );
    assert.deepEqual(await found('a'.repeat(1_000)), []);
  });
});
