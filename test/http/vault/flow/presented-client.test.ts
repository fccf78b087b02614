import assert from 'node:assert/strict';
import fc from 'fast-check';
import { presentedClient } from '../../../../src/http/vault/flow/presented-client.ts';
import { assertProperty } from '../../../support/property.ts';

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

describe('presentedClient', () => {
  it('reads Basic credentials, percent-encoded or not', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._~-]{0,40}$/);
    assertProperty(
      fc.property(word, word, fc.boolean(), (clientId, clientSecret, encoded) => {
        const form = (text: string): string =>
          encoded
            ? text.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`)
            : text;
        const header = basic(`${form(clientId)}:${form(clientSecret)}`);
        assert.deepEqual(presentedClient(header, {}), { clientId, clientSecret });
      }),
    );
  });

  it('keeps colons of the secret, and what is no escape', () => {
    assert.deepEqual(presentedClient(basic('id:a:b'), {}), { clientId: 'id', clientSecret: 'a:b' });
    assert.deepEqual(presentedClient(basic('id:%zz'), {}), { clientId: 'id', clientSecret: '%zz' });
  });

  it('looks at the header first, and at the body where that is of no use', () => {
    const body = { client_id: 'body', client_secret: 'secret' };
    assert.equal(presentedClient(basic('header:x'), body)?.clientId, 'header');
    for (const header of [undefined, '', 'Basic', 'Basic ???', basic('no-colon'), 'Bearer x']) {
      assert.deepEqual(presentedClient(header, body), { clientId: 'body', clientSecret: 'secret' });
    }
  });

  it('finds nobody where neither names a client, and an empty name where Basic gives that', () => {
    assert.equal(presentedClient(undefined, {}), undefined);
    assert.equal(presentedClient(undefined, { client_id: '', client_secret: 'x' }), undefined);
    assert.deepEqual(presentedClient(basic(':secret'), {}), { clientId: '', clientSecret: 'secret' });
  });
});
