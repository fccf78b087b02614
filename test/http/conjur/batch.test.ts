import assert from 'node:assert/strict';
import { load, setSecret, signIn, signInAs, type Answer, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const policy = `
- !user reader
- !variable one
- !variable other
- !variable empty
- !variable bytes
- !variable hidden
- !permit { role: !user reader, privileges: [ read, execute ], resources: [ !variable one, !variable other, !variable empty, !variable bytes ] }
`;

describeOnStores('several secrets at once', (on) => {
  let reader: Session;

  before(async () => {
    const admin = await signIn(on.service);
    reader = await signInAs(on.service, await load(admin, policy))('reader');
    await setSecret(admin, 'one', 'first <&> value');
    await setSecret(admin, 'other', 'ß'.repeat(40));
    await setSecret(admin, 'bytes', Buffer.from([255, 0]));
    await setSecret(admin, 'hidden', 'never shown');
  });

  const id = (name: string): string => `${on.service.account}:variable:${name}`;
  const ask = (ids: readonly string[], headers: Record<string, string> = {}): Promise<Answer> =>
    reader.send('GET', `/secrets?variable_ids=${ids.map(encodeURIComponent).join(',')}`, undefined, headers);

  it('come as one JSON object, sorted, each once', async () => {
    const answer = await ask([id('other'), id('one'), id('other')]);
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.entries(answer.json() as object), [
      [id('one'), 'first <&> value'],
      [id('other'), 'ß'.repeat(40)],
    ]);
    assert.ok(!/[<>&]/.test(answer.text));
  });

  it('are found however the list is encoded, and with a slash or a comma at its end', async () => {
    const list = `${id('one')},${id('other')}`;
    for (const form of [list, encodeURIComponent(list), list.replaceAll(':', '%3A'), `${list},`]) {
      assert.equal((await reader.send('GET', `/secrets?variable_ids=${form}`)).status, 200, form);
      assert.equal((await reader.send('GET', `/secrets/?variable_ids=${form}`)).status, 200, form);
    }
  });

  it('come in base64 where that is all that is accepted', async () => {
    const answer = await ask([id('bytes'), id('other')], { 'accept-encoding': 'BASE64' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-encoding'), 'base64');
    const values = answer.json() as Record<string, string>;
    assert.equal(values[id('bytes')], '/wA=\n');
    const encoded = Buffer.from('ß'.repeat(40)).toString('base64');
    assert.equal(values[id('other')], `${encoded.slice(0, 60)}\n${encoded.slice(60)}\n`);
  });

  it('cannot come as text if one is not text', async () => {
    for (const headers of [{}, { 'accept-encoding': 'base64, gzip' }]) {
      const answer = await ask([id('one'), id('bytes')], headers);
      assert.equal(answer.status, 406);
      // Clients compare these words.
      assert.match(
        answer.text,
        /"code":"not_acceptable","message":"CONJ00074E Issue encoding secret into JSON format, try including 'Accept-Encoding: base64' header in request\."/,
      );
    }
  });

  it('are refused together if one may not be read, before what is missing is told', async () => {
    const answer = await ask([id('missing'), id('hidden'), id('one')]);
    assert.equal(answer.status, 403);
    assert.equal(answer.text, '');
  });

  it('are not found together if one is missing, malformed or empty', async () => {
    for (const bad of [id('missing'), id('empty'), 'none:variable:one', 'no-full-id', ' ']) {
      const answer = await ask([id('one'), bad]);
      assert.equal(answer.status, 404, bad);
      assert.deepEqual(answer.json(), {
        error: { code: 'not_found', message: `CONJ00076E Variable ${bad} is empty or not found.` },
      });
    }
  });

  it('have to be named', async () => {
    for (const query of [
      '',
      '?variable_ids=',
      '?variable_ids=,,',
      `?variable_ids=,${id('one')}`,
      `?variable_ids=${id('one')},,${id('other')}`,
    ]) {
      const answer = await reader.send('GET', `/secrets${query}`);
      assert.equal(answer.status, 422, query);
      assert.deepEqual(answer.json(), { error: { code: 'argument_error', message: 'variable_ids' } });
    }
  });

  it('are recorded one by one, also when they are refused', async () => {
    await ask([id('one'), id('other')]);
    const last = (await on.service.auditLines()).slice(-2);
    assert.ok(
      last.every((line) => /reader fetched /.test(line)),
      last.join('\n'),
    );
    await ask([id('one'), id('hidden')]);
    const refused = (await on.service.auditLines()).slice(-2);
    assert.ok(
      refused.every((line) => /reader tried to fetch .*: Forbidden$/.test(line)),
      refused.join('\n'),
    );
  });
});
