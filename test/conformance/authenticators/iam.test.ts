/** authn-iam, as Conjur's scenario, its rules for signed headers and the table of statuses state it. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import {
  load,
  secretPath,
  send,
  sessionOf,
  setSecret,
  signIn,
  type Answer,
  type Session,
} from '../../support/client.ts';
import {
  credentialsOf,
  roleSession,
  signedHeaders,
  startFakeSts,
  type FakeSts,
} from '../../support/fake-sts.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const awsAccount = '188945769008';
const web = roleSession(awsAccount, 'dev_limited_user');
const known = {
  web,
  other: roleSession(awsAccount, 'other-role'),
  foreign: roleSession('123456789012', 'dev_limited_user'),
  user: credentialsOf(`arn:aws:iam::${awsAccount}:user/dev_limited_user`),
};
const host = `host/${awsAccount}/dev_limited_user`;

const policy = `
- !policy
  id: conjur/authn-iam/prod
  body:
  - !webservice
  - !group apps
  - !variable optional-signed-headers
  - !permit { role: !group apps, privilege: [ read, authenticate ], resource: !webservice "" }
- !policy { id: conjur/authn-iam/off, body: [ !webservice "" ] }
- !host ${awsAccount}/dev_limited_user
- !host ${awsAccount}/not_permitted
- !host my-app
- !host { id: fenced/${awsAccount}/dev_limited_user, restricted_to: 198.51.100.0/24 }
- !policy
  id: deep/er
  body:
  - !host ${awsAccount}/dev_limited_user
- !user ${awsAccount}/dev_limited_user
- !group team/${awsAccount}/dev_limited_user
- !user "odd:${awsAccount}/dev_limited_user"
- !policy { id: team2/${awsAccount}/dev_limited_user, body: [] }
- !grant
  role: !group conjur/authn-iam/prod/apps
  members:
  - !host ${awsAccount}/dev_limited_user
  - !host my-app
  - !host fenced/${awsAccount}/dev_limited_user
  - !host deep/er/${awsAccount}/dev_limited_user
  - !user ${awsAccount}/dev_limited_user
  - !group team/${awsAccount}/dev_limited_user
  - !user "odd:${awsAccount}/dev_limited_user"
- !permit { role: !policy team2/${awsAccount}/dev_limited_user, privilege: authenticate, resource: !webservice conjur/authn-iam/prod }
- !variable test-variable
- !permit { role: !host ${awsAccount}/dev_limited_user, privileges: [ read, execute ], resource: !variable test-variable }
`;

const env: Record<string, string> = {
  LATCHKEY_AUTHENTICATORS: 'authn, authn-iam/prod, authn-iam/undefined',
};

describe('authn-iam', () => {
  let sts: FakeSts;
  before(async () => {
    sts = await startFakeSts(Object.values(known));
    env['LATCHKEY_STS_ENDPOINT'] = sts.url;
  });
  after(() => sts.stop());

  describeOnStores(
    'as a service',
    (on) => {
      let admin: Session;

      before(async () => {
        admin = await signIn(on.service);
        await load(admin, policy);
        await setSecret(admin, 'conjur/authn-iam/prod/optional-signed-headers', 'content-type; Date');
        await setSecret(admin, 'test-variable', 'test-secret');
      });
      afterEach(() => {
        sts.answerWith(undefined);
      });

      const authenticate = (
        headers: Readonly<Record<string, string>> | string,
        login = host,
        service = 'prod',
        account = on.service.account,
      ): Promise<Answer> => {
        const path = `/authn-iam/${service}/${account}/${encodeURIComponent(login)}/authenticate`;
        const body = typeof headers === 'string' ? headers : JSON.stringify(headers);
        return send(on.service.url + path, 'POST', { body });
      };
      const lastRecord = async (): Promise<string> => (await on.service.auditLines()).at(-1) ?? '';
      const isRefused = async (answer: Answer, status: number, reason: string): Promise<void> => {
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.text, '');
        const record = await lastRecord();
        assert.ok(record.includes(reason), record);
      };
      const isAccepted = async (answer: Answer): Promise<void> => {
        assert.equal(answer.status, 200, await lastRecord());
      };

      it('gives a host whose role signed the request an access token that opens its secret', async () => {
        const answer = await authenticate(signedHeaders(web));
        await isAccepted(answer);
        const { account } = on.service;
        assert.ok(
          (await lastRecord()).includes(
            `${account}:host:${awsAccount}/dev_limited_user successfully authenticated with authenticator authn-iam service ${account}:webservice:conjur/authn-iam/prod`,
          ),
        );
        const session = sessionOf(on.service, answer.text);
        assert.equal(
          (await session.send('GET', secretPath(on.service, 'test-variable'))).text,
          'test-secret',
        );
      });

      it('asks the endpoint of the region that the request was signed for', async () => {
        await isAccepted(
          await authenticate(
            signedHeaders(web, { host: 'sts.eu-central-1.amazonaws.com', region: 'eu-central-1' }),
          ),
        );
        assert.equal(sts.hosts.at(-1), 'sts.eu-central-1.amazonaws.com');
      });

      it('takes the region from the credential without a host header, and tries the global endpoint for us-east-1', async () => {
        const headers = signedHeaders(web);
        delete headers['host'];
        const unsigned = headers['authorization']?.replace('SignedHeaders=host;', 'SignedHeaders=') ?? '';
        await isRefused(await authenticate({ ...headers, authorization: unsigned }), 401, 'CONJ00018E');
        assert.deepEqual(sts.hosts.slice(-2), ['sts.us-east-1.amazonaws.com', 'sts.amazonaws.com']);
      });

      it('takes names of headers in any case', async () => {
        const upper = Object.entries(signedHeaders(web)).map(([name, value]) => [name.toUpperCase(), value]);
        await isAccepted(await authenticate(Object.fromEntries(upper) as Record<string, string>));
      });

      it('takes a host below any policy, and below none', async () => {
        await isAccepted(
          await authenticate(signedHeaders(web), `host/deep/er/${awsAccount}/dev_limited_user`),
        );
        await isAccepted(await authenticate(signedHeaders(web), host));
      });

      it('lets further headers be part of the signature where optional-signed-headers names them', async () => {
        const extra = { 'content-type': 'application/json' };
        await isAccepted(await authenticate(signedHeaders(web, { extra })));
      });

      it('drops headers that are neither signed nor permitted', async () => {
        await isAccepted(await authenticate({ ...signedHeaders(web), 'x-forwarded-host': 'evil.example' }));
      });

      const strangers = [
        ['another role', known.other, host],
        ['the role of that name in another AWS account', known.foreign, host],
        ['an IAM user of the name of the role', known.user, host],
        ['a login without an AWS account', web, 'host/my-app'],
      ] as const;
      for (const [who, credentials, login] of strangers) {
        it(`refuses ${who}`, async () => {
          await isRefused(await authenticate(signedHeaders(credentials), login), 401, 'CONJ00002E');
        });
      }

      it('refuses a user of the root policy, whose login would have no prefix', async () => {
        const login = `${awsAccount}/dev_limited_user`;
        await isRefused(await authenticate(signedHeaders(web), login), 401, 'CONJ00007E');
      });

      it('lets nobody in as a group or a policy, whose id could end in the name of an AWS role, too', async () => {
        for (const kind of ['group/team', 'policy/team2', 'user:odd'])
          await isRefused(
            await authenticate(signedHeaders(web), `${kind}/${awsAccount}/dev_limited_user`),
            401,
            'CONJ00007E',
          );
      });

      it('refuses a role that is unknown, may not authenticate here, or may not come from here', async () => {
        const headers = signedHeaders(web);
        await isRefused(await authenticate(headers, 'host/nobody'), 401, 'CONJ00007E');
        await isRefused(await authenticate(headers, `host/${awsAccount}/not_permitted`), 403, 'CONJ00006E');
        await isRefused(
          await authenticate(headers, `host/fenced/${awsAccount}/dev_limited_user`),
          401,
          'CONJ00003E',
        );
      });

      it('refuses a service that is not enabled, one that is not in policy, and an unknown account', async () => {
        const headers = signedHeaders(web);
        await isRefused(await authenticate(headers, host, 'off'), 401, 'CONJ00004E');
        await isRefused(await authenticate(headers, host, 'undefined'), 401, 'CONJ00005E');
        await isRefused(await authenticate(headers, host, 'prod', 'none'), 401, 'CONJ00008E');
      });

      it('refuses a request that AWS refuses: expired, for another method, with another signature', async () => {
        const hourAgo = new Date(Date.now() - 60 * 60 * 1_000);
        const signed = signedHeaders(web);
        const altered = { ...signed, authorization: signed['authorization']?.replace(/.$/, 'x') ?? '' };
        for (const headers of [
          signedHeaders(web, { at: hourAgo }),
          signedHeaders(web, { method: 'POST' }),
          signedHeaders(web, { region: 'eu-central-1' }),
          altered,
        ]) {
          await isRefused(
            await authenticate(headers),
            401,
            'CONJ00018E Invalid or expired AWS headers: SignatureDoesNotMatch',
          );
        }
      });

      it('asks nobody about headers that are not those of such a request', async () => {
        const signed = signedHeaders(web);
        const authorization = signed['authorization'] ?? '';
        const asked = sts.hosts.length;
        const unsigned: readonly (readonly [Readonly<Record<string, string>> | string, string])[] = [
          ['', 'Expected a JSON object'],
          ['[]', 'Expected a JSON object'],
          ['{"host": 1}', 'Expected a JSON object'],
          [{}, 'Failed to extract signed headers'],
          [{ ...signed, authorization: 'Bearer x' }, 'Failed to extract signed headers'],
          [{ ...signed, 'X-Amz-Date': 'twice' }, 'given twice'],
          [{ ...signed, 'x-amz-date': 'a\r\nhost: evil.example' }, 'Expected a JSON object'],
          [{ ...signed, host: 'evil.example' }, 'Host header validation failed'],
          [{ ...signed, host: 'evil.example/.amazonaws.com' }, 'Host header validation failed'],
          [{ ...signed, host: 'sts.amazonaws.com.evil.example' }, 'Host header validation failed'],
          [{ ...signed, host: 'sts.evil.amazonaws.com' }, 'Failed to extract AWS region'],
          [{ ...signed, host: 'sts.us-east-1.amazonaws.com:8443' }, 'Host header validation failed'],
          [
            { ...signed, host: '', authorization: authorization.replace('us-east-1', 'evil.org?us-east-1') },
            'Failed to extract AWS region',
          ],
          [
            {
              ...signed,
              host: '',
              authorization: authorization.replace('us-east-1', 'evil.org;..amazonaws.com?q=1'),
            },
            'Failed to extract AWS region',
          ],
          [
            signedHeaders(web, { extra: { 'x-purpose': 'another' } }),
            'Unexpected signed headers found: x-purpose',
          ],
          [
            {
              ...signed,
              authorization: authorization.replace('SignedHeaders=', 'SignedHeaders=content-type;'),
            },
            'Missing required signed headers: content-type',
          ],
        ];
        for (const [headers, reason] of unsigned) {
          await isRefused(await authenticate(headers), 401, 'CONJ00018E Invalid or expired AWS headers: ');
          assert.ok((await lastRecord()).includes(reason), `${reason}: ${await lastRecord()}`);
        }
        assert.equal(sts.hosts.length, asked);
      });

      it('does not believe an answer that is no identity, too large, or elsewhere', async () => {
        for (const answer of [
          (response: ServerResponse): unknown => response.end('{}'),
          (response: ServerResponse): unknown => response.end('x'.repeat(100_000)),
          (response: ServerResponse): unknown =>
            response.writeHead(302, { location: `${sts.url}/elsewhere` }).end(),
          (response: ServerResponse): unknown => response.writeHead(500).end(),
          (response: ServerResponse): unknown => response.destroy(),
        ]) {
          sts.answerWith((response) => void answer(response));
          await isRefused(await authenticate(signedHeaders(web)), 401, 'CONJ00063E');
        }
      });

      it('has no status check', async () => {
        const answer = await admin.send('GET', `/authn-iam/prod/${on.service.account}/status`);
        assert.equal(answer.status, 501);
        assert.match(answer.text, /StatusNotSupported: CONJ00056E/);
      });
    },
    env,
  );
});
