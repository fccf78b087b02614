/** Any request to any route: an answer, never a failure of the service, nothing of it in the log. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { operations } from '../support/openapi.ts';
import { assertProperty } from '../support/property.ts';
import { sendRaw } from '../support/raw-request.ts';
import { openHostileStage, tokenText, type HostileStage } from './stage.ts';

const nasty = fc.constantFrom(
  '', '0', '-1', '1e309', 'null', 'true', '[]', '{}', '__proto__', 'constructor', '\0', '\u202e', '\ud83d\udd11', '..', '%', '%00', '%c0%af',
  "'", '"', '`', '$(id)', '{{7*7}}', '<svg/onload=1>', '\r\nX: y', 'a'.repeat(3_000), 'acct', 'root', 'user', 'variable', 'db', 'alice',
  'acct:user:alice', 'conjur/oidc', 'default', 'https://a.example/', '127.0.0.1/99',
); // prettier-ignore
const text = fc.oneof(nasty, nasty, fc.string({ unit: 'grapheme', maxLength: 30 }));
const names = fc.constantFrom(
  'id', 'name', 'role', 'member', 'members', 'check', 'privilege', 'kind', 'search', 'limit', 'offset', 'count', 'version', 'variable_ids',
  'dryRun', 'grant_type', 'client_id', 'client_secret', 'scope', 'code', 'token', 'assertion', 'key', 'ttl', 'algorithm', 'redirect_uris',
  'access-id', 'access-key', 'annotations', 'branch', 'owner', 'type', 'data', 'host_factory', 'expiration', 'cidr', 'identity', 'password',
); // prettier-ignore
const members = fc.dictionary(names, fc.oneof(text, fc.jsonValue({ maxDepth: 3 })), { maxKeys: 5 });
const bodies = fc.oneof(
  members.map((value) => ['application/json', JSON.stringify(value)] as const),
  members.map(
    (value) =>
      [
        'application/x-www-form-urlencoded',
        new URLSearchParams(Object.entries(value).map(([name, field]): [string, string] => [name, JSON.stringify(field)])).toString(),
      ] as const,
  ), // prettier-ignore
  fc.json().map((json) => ['application/json', json] as const),
  text.map((body) => ['text/plain', body] as const),
  text.map((body) => ['application/x-yaml', `- !user ${body}`] as const),
  fc.constant(undefined),
);
const credentials = fc.constantFrom('none', 'admin', 'admin', 'admin', 'alice', 'rubbish');

describe('any request', function () {
  this.timeout(60_000);
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  it('is answered, and with no failure of the service', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...operations),
      fc.array(text, { minLength: 4, maxLength: 4 }),
      fc.dictionary(names, text, { maxKeys: 3 }),
      bodies,
      credentials,
      async ({ method, path }, values, query, body, credential) => {
        let next = 0;
        const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
          const value = values[next++ % values.length] ?? '';
          return name === 'account' && value.length % 2 === 0 ? 'acct' : encodeURIComponent(value);
        });
        const token =
          credential === 'admin' || credential === 'alice' ? tokenText(stage[credential]) : 'Token token="x"';
        const answer = await sendRaw(
          stage.service.url,
          method.toUpperCase(),
          `${filled}?${new URLSearchParams(query).toString()}`,
          {
            ...(credential === 'none' ? {} : { authorization: token }),
            ...(body === undefined ? {} : { 'content-type': body[0] }),
          },
          body?.[1],
        );
        assert.ok(answer.status < 500 || answer.status === 501, `${String(answer.status)} ${answer.text}`);
        assert.doesNotMatch(answer.text, /\bat .*\.(js|ts):\d+|node_modules|ECONN|undefined is not/);
      },
    );
    await assertProperty(property, { numRuns: 300 });
  });
});
