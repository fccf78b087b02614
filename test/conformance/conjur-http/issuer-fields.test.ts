import assert from 'node:assert/strict';
import { signIn, type Answer, type Session } from '../../support/client.ts';
import { assertError } from '../../support/conjur-world.ts';
import { awsData, newIssuer, sendJson, withIssuers } from '../../support/issuers.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores(
  'an issuer that is to be made',
  (on) => {
    let admin: Session;

    before(async () => {
      admin = await signIn(on.service);
    });

    const post = (body: unknown): Promise<Answer> => sendJson(admin, 'POST', '/issuers/acct', body);

    describe('has fields that', () => {
      const data = (fields: object): object => ({ ...newIssuer('x'), data: fields });
      const required = (name: string): string => `${name} is a required parameter and must be specified`;
      const rows: readonly (readonly [what: string, body: object, message: string])[] = [
        ['no type', { id: 'x' }, 'issuer type is unsupported'],
        ['another type', { ...newIssuer('x'), type: 'gcp' }, 'issuer type is unsupported'],
        ['a type that is no text', { ...newIssuer('x'), type: 5 }, 'issuer type is unsupported'],
        ['no id', { type: 'aws' }, required('id')],
        ['an empty id', newIssuer(''), required('id')],
        ['an id that is no text', { ...newIssuer('x'), id: 5 }, "the 'id' parameter must be a string"],
        [
          'other characters in the id',
          newIssuer('a/b'),
          "invalid 'id' parameter. Only the following characters are supported: A-Z, a-z, 0-9, +, -, and _",
        ],
        [
          'an id of 61 characters',
          newIssuer('x'.repeat(61)),
          "'id' parameter length exceeded. Limit the length to 60 characters",
        ],
        ['no max_ttl', { id: 'x', type: 'aws' }, required('max_ttl')],
        ...['900', 0, -1, 1.5, true].map(
          (maxTtl) =>
            [
              `max_ttl ${JSON.stringify(maxTtl)}`,
              { ...newIssuer('x'), max_ttl: maxTtl },
              "the 'max_ttl' parameter must be a positive integer",
            ] as const,
        ),
        ...[899, 43_201].map(
          (maxTtl) =>
            [
              `max_ttl ${String(maxTtl)}`,
              { ...newIssuer('x'), max_ttl: maxTtl },
              "the 'max_ttl' parameter must be a between 900 and 43200",
            ] as const,
        ),
        ['no data', { id: 'x', type: 'aws', max_ttl: 900, more: 1 }, required('data')],
        [
          'a field more',
          { ...newIssuer('x'), more: 1 },
          'invalid parameter received in the request body. Only id, type, max_ttl and data are allowed',
        ],
        [
          'data that is no object',
          { ...newIssuer('x'), data: 'text' },
          "'data' is not a valid JSON object; ensure that 'data' is properly formatted as a JSON object.",
        ],
      ];
      for (const [what, body, message] of rows) {
        it(`are refused with 400: ${what}`, async () => {
          assertError(await post(body), 400, 'bad_request', message);
        });
      }

      const dataRows: readonly (readonly [what: string, body: object, message: string])[] = [
        ['no access key id', data({}), required('access_key_id')],
        ['an empty access key id', data({ ...awsData, access_key_id: '' }), required('access_key_id')],
        [
          'an access key id that is no text',
          data({ ...awsData, access_key_id: 5 }),
          "the 'access_key_id' parameter must be a string",
        ],
        [
          'no secret access key',
          data({ access_key_id: awsData.access_key_id }),
          required('secret_access_key'),
        ],
        [
          'a field more',
          data({ ...awsData, region: 'x' }),
          'invalid parameter received in data. Only access_key_id and secret_access_key are allowed',
        ],
        [
          'a malformed access key id',
          data({ ...awsData, access_key_id: 'my-key-id' }),
          "invalid 'access_key_id' parameter format. The access key ID must be a valid AWS access key ID. The valid " +
            'format is: (?-mix:(A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16})',
        ],
        [
          'a malformed secret access key',
          data({ ...awsData, secret_access_key: 'short' }),
          "invalid 'secret_access_key' parameter format. The secret access key must be a valid AWS secret access " +
            'key. The valid format is: (?-mix:[A-Za-z0-9\\/+]{40})',
        ],
      ];
      for (const [what, body, message] of dataRows) {
        it(`are refused with 422: ${what} in the data`, async () => {
          assertError(await post(body), 422, 'unprocessable_entity', message);
        });
      }

      it('are taken at their limits, and with the type in any case', async () => {
        for (const [id, maxTtl] of [
          ['A+_-9'.padEnd(60, 'z'), 900],
          ['555', 43_200],
        ] as const) {
          assert.equal((await post({ ...newIssuer(id), max_ttl: maxTtl, type: 'AWS' })).status, 201);
        }
      });
    });
  },
  withIssuers,
);
