/** CWE-1321: members named as those of every object, in every body of JSON that the service reads. */
import assert from 'node:assert/strict';
import { operations, type Operation } from '../support/openapi.ts';
import { sendRaw } from '../support/raw-request.ts';
import { openHostileStage, tokenText, type HostileStage } from './stage.ts';

const poisons = [
  '{"__proto__":{"polluted":"yes","admin":true}}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  '{"a":{"__proto__":{"polluted":"yes"}},"__proto__":[],"toString":1,"hasOwnProperty":"x","valueOf":null}',
  '[{"__proto__":{"polluted":"yes"}}]',
  '{"name":"__proto__","id":"constructor","metadata":{"__proto__":"x"},"key":"__proto__"}',
];

const reading = operations.filter(({ requestBody }) => requestBody !== undefined);

describe('a body that names the prototype', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  const pathOf = ({ path, parameters }: Operation): string =>
    path.replace(/\{([^}]+)\}/g, (_whole, name: string) => {
      const parameter = parameters.find((each) => each.name === name && each.in === 'path');
      return ['account', 'customerId'].includes(name)
        ? 'acct'
        : encodeURIComponent(parameter?.schema?.enum?.[0] ?? '__proto__');
    });

  it('is sent to something', () => {
    assert.ok(reading.length > 90, String(reading.length));
  });

  for (const operation of reading) {
    it(`changes no object in ${operation.method.toUpperCase()} ${operation.path}`, async () => {
      for (const body of poisons) {
        const answer = await sendRaw(stage.service.url, operation.method.toUpperCase(), pathOf(operation), {
          authorization: tokenText(stage.admin),
          'x-vault-token': Buffer.from(stage.admin.token).toString('base64'),
          'content-type': 'application/json',
        }, body); // prettier-ignore
        assert.ok(
          answer.status < 500 || answer.status === 501,
          `${String(answer.status)} ${answer.text} ${body}`,
        );
        assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
        assert.equal(({} as Record<string, unknown>)['admin'], undefined);
        assert.ok(!answer.text.includes('"polluted"'), answer.text);
      }
    });
  }

  it('leaves the service as it was', async () => {
    const { text } = await stage.admin.send('GET', '/whoami');
    assert.equal((JSON.parse(text) as { username: string }).username, 'admin');
    assert.equal((await stage.bob.send('GET', '/secrets/acct/variable/db')).status, 404);
  });
});
